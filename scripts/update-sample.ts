/**
 * Writes `reports/sample`, which is documentation and golden file at once, from the committed bundle of a demo run.
 * With `--collect` it makes that bundle anew first: a run of the demo, with this machine's names and paths taken out.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandIo } from '../src/cli/io.ts';
import { main } from '../src/cli/main.ts';
import { renderSample, SAMPLE_BUNDLE } from '../test/golden/render-sample.ts';

const SAMPLE = fileURLToPath(new URL('../reports/sample', import.meta.url));

async function collect(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'sample-'));
  try {
    const file = join(scratch, 'bundle.ndjson');
    const io: CommandIo = {
      stdout: process.stdout,
      stderr: { isTerminal: false, write: (text) => void process.stderr.write(text) },
      environment: process.env,
      workingDirectory: scratch,
      signal: new AbortController().signal,
      isInteractive: false,
      ask: () => Promise.reject(new Error('nobody is asked')),
    };
    const exitCode = await main(['demo', '--bundle', file], io);
    if (exitCode !== 0) throw new Error(`the demo ended with exit code ${exitCode}`);
    await mkdir(join(SAMPLE_BUNDLE, '..'), { recursive: true });
    await writeFile(SAMPLE_BUNDLE, anonymous(await readFile(file, 'utf8')));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The bundle without this machine's host name, user, temporary directory and ports. */
function anonymous(bundle: string): string {
  const [first = '', ...rest] = bundle.split('\n');
  const header = { ...JSON.parse(first), collectorHost: 'demo-collector', operator: 'demo', runId: 'run-demo' };
  const directory =
    /[^"]*?recoverage-demo-[A-Za-z0-9]+/.exec(rest.join('\n'))?.[0]?.replace(/^.*?(\/)/, '$1') ?? '/none';
  return [JSON.stringify(header), ...rest]
    .join('\n')
    .replaceAll(directory, '/srv/demo')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:5432')
    .replaceAll(/"port":\d+/g, '"port":5432');
}

if (process.argv.includes('--collect')) await collect();
await renderSample(SAMPLE);
