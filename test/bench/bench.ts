import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchDirectory } from '../services/scratch.ts';
import { type BenchOptions, benchOptions, type FigureName, ON_REQUEST, USAGE } from './bench-options.ts';
import { formatsNamed, writeDamageTables } from './damage-tables.ts';
import { type Figure, isMet, type Unmeasured } from './figure.ts';
import { figureTable, machineText } from './figure-table.ts';
import { fuzzFigures } from './fuzz-figures.ts';
import { generateBundle } from './generate-bundle.ts';
import { integrityFigures } from './integrity-figures.ts';
import { judgeFigure } from './judge-figure.ts';
import { kmsThrottledFigure } from './kms-throttled-figure.ts';
import { memoryFigure } from './memory-figure.ts';
import { pdfBench } from './pdf-bench.ts';
import { scanFigures } from './scan-figures.ts';
import { snapshotFigures } from './snapshot-figures.ts';
import { createTenantInstall } from './tenant-install.ts';
import { vaultKeysFigure } from './vault-keys-figure.ts';

/*
 * npm run bench: the figures that the program promises, each in one run against its peer. Ends with 1 where a limit is
 * missed, 3 for wrong options, 130 when interrupted; leaves nothing behind in any case.
 */

const SEED = 20_261_122;
const DATABASES = 1_000;
const PDF_ORGANIZATIONS = 10_000;
const BUNDLE_ORGANIZATIONS = 100_000;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function measure(options: BenchOptions, cleanup: AsyncDisposableStack): Promise<(Figure | Unmeasured)[]> {
  const wanted = (name: FigureName): boolean =>
    options.only === name || (options.only === null && !ON_REQUEST.includes(name));
  const scratch = cleanup.use(scratchDirectory('bench')).path;
  const figures: (Figure | Unmeasured)[] = [];
  if (wanted('scan')) {
    const count = options.organizations ?? DATABASES;
    say(`scan: making ${count} databases, ${((count * 7.5) / 1000).toFixed(1)} GB`);
    const tell = (done: number): void => (done % 100 === 0 ? say(`scan: ${done} of ${count} databases`) : undefined);
    const install = await createTenantInstall(count, scratch, tell);
    cleanup.use(install);
    say('scan: measuring');
    figures.push(...(await scanFigures(install, scratch)));
    await install[Symbol.asyncDispose]();
  }
  if (wanted('pdf')) {
    const count = options.organizations ?? PDF_ORGANIZATIONS;
    say(`pdf: drawing ${count} organizations`);
    const { name, ours_ms, peer_ms, ratio, limit, note } = await pdfBench(count);
    figures.push({
      name: `${name} / bare pdfkit`,
      ours: `${(ours_ms / 1000).toFixed(1)} s`,
      peer: `${(peer_ms / 1000).toFixed(1)} s`,
      value: ratio,
      unit: 'times',
      limit: { kind: 'at most', value: limit },
      note,
    });
  }
  if (wanted('memory') || wanted('judge')) {
    const count = options.organizations ?? BUNDLE_ORGANIZATIONS;
    const bundle = join(scratch, 'bundle.ndjson');
    say(`bundle: generating ${count} organizations`);
    await generateBundle({ file: bundle, organizations: count, seed: SEED });
    if (wanted('judge')) {
      say('judge: measuring');
      figures.push(await judgeFigure(bundle, count, scratch));
    }
    if (wanted('memory')) {
      say('memory: measuring');
      figures.push(await memoryFigure(bundle, count, scratch));
    }
  }
  if (wanted('snapshot')) {
    say(`snapshot: writing ${options.size} MiB, and reading them`);
    figures.push(...(await snapshotFigures(join(scratch, 'vault.snap'), options.size, SEED)));
    await rm(join(scratch, 'vault.snap'), { force: true });
  }
  if (wanted('vault-keys')) {
    say(`vault-keys: reading ${options.keys} keys`);
    figures.push(await vaultKeysFigure(options.keys));
  }
  if (wanted('kms-throttled')) {
    say(`kms-throttled: reading ${options.keys} keys under a quota`);
    figures.push(await kmsThrottledFigure(options.keys));
  }
  const { places, format } = options;
  if (wanted('fuzz')) figures.push(...(await fuzzFigures(SEED, options.inputs, format, say)));
  if (wanted('damage')) await writeDamageTables({ scratch, seed: SEED, places, format, say });
  figures.push(...(await integrityFigures(options, wanted, scratch, say)));
  return figures;
}

async function run(options: BenchOptions): Promise<number> {
  await using cleanup = new AsyncDisposableStack();
  const interrupted = (): void => {
    void cleanup.disposeAsync().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const machine = machineText();
  const figures = await measure(options, cleanup);
  process.stdout.write(`${machine}\n\n${figureTable(figures)}`);
  return figures.every((figure) => 'why' in figure || isMet(figure)) ? 0 : 1;
}

function parsed(): BenchOptions | null {
  try {
    const options = benchOptions(process.argv.slice(2));
    if (options.format !== null && options.only === 'damage') formatsNamed(options.format);
    return options;
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return null;
  }
}

const options = parsed();
process.exitCode = options === null ? 3 : await run(options);
