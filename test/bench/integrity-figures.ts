import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { debianPostgresUnavailable } from '../services/postgres-debian.ts';
import { makeArtifactTree } from './artifact-tree.ts';
import type { BenchOptions, FigureName } from './bench-options.ts';
import { bucketFigure } from './bucket-figure.ts';
import { DUMP_FIGURES, dumpFigure } from './dump-figures.ts';
import type { Figure, Unmeasured } from './figure.ts';
import { fileSampleFigure } from './file-sample-figure.ts';
import { inventoryFigures } from './inventory-figures.ts';
import { makeLargeDumps } from './large-dumps.ts';
import { stateDigestFigure } from './state-digest-figure.ts';
import { treeFigure, treeMemoryFigure } from './tree-figures.ts';

const MEBIBYTE = 2 ** 20;
const SAMPLED_ORGANIZATIONS = 1000;
/** An inventory lists a whole store, which is larger than a place of copies. */
const INVENTORY_FACTOR = 10;

/** The figures of reading copies: in full against the tools of their formats, and many of them against a bare loop. */
export async function integrityFigures(
  { size, artifacts, organizations }: BenchOptions,
  wanted: (name: FigureName) => boolean,
  scratch: string,
  say: (text: string) => void,
): Promise<readonly (Figure | Unmeasured)[]> {
  const figures: (Figure | Unmeasured)[] = [];
  const noPostgres = debianPostgresUnavailable();
  const dumpNames = DUMP_FIGURES.filter(wanted);
  const treeNames = (['tree', 'tree-memory'] as const).filter(wanted);
  if (noPostgres !== null) {
    figures.push(...[...dumpNames, ...treeNames].map((name) => ({ name, why: noPostgres })));
  }
  if (dumpNames.length > 0 && noPostgres === null) {
    const directory = join(scratch, 'large');
    await mkdir(directory);
    const dumps = await makeLargeDumps(size * MEBIBYTE, directory, (text) => say(`dumps: ${text}`));
    for (const name of dumpNames) {
      say(`${name}: measuring`);
      figures.push(await dumpFigure(name, dumps, directory));
    }
    await rm(directory, { recursive: true });
  }
  if (treeNames.length > 0 && noPostgres === null) {
    say(`tree: making ${artifacts} artifacts`);
    const tree = await makeArtifactTree(artifacts, join(scratch, 'tree'));
    for (const name of treeNames) {
      say(`${name}: measuring`);
      figures.push(await (name === 'tree' ? treeFigure(tree) : treeMemoryFigure(tree)));
    }
    await rm(tree.root, { recursive: true });
  }
  if (wanted('state-digest')) {
    say('state-digest: measuring');
    const root = join(scratch, 'state');
    figures.push(await stateDigestFigure(root));
    await rm(root, { recursive: true, force: true });
  }
  if (wanted('bucket')) {
    say('bucket: measuring');
    figures.push(await bucketFigure(artifacts));
  }
  if (wanted('file-sample')) {
    say('file-sample: measuring');
    figures.push(await fileSampleFigure(organizations ?? SAMPLED_ORGANIZATIONS));
  }
  if (wanted('inventory')) {
    say('inventory: measuring');
    figures.push(...(await inventoryFigures(artifacts * INVENTORY_FACTOR)));
  }
  return figures;
}
