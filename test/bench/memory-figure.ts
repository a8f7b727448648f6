import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figure.ts';
import { measuredProcess } from './measured-process.ts';

/** The program as it is built and shipped: without what running TypeScript directly takes. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const MEGABYTE = 1_000_000;
/** Above it an exit code is no verdict but a failure of the program. */
const WORST_VERDICT = 2;

/** The most memory a process of its own takes that judges a bundle with the built program and writes JSON, CSV and HTML. */
export async function memoryFigure(bundle: string, organizations: number, scratch: string): Promise<Figure> {
  const output = join(scratch, 'report');
  const started = performance.now();
  const render = ['render', '--bundle', bundle, '--format', 'json,csv,html', '--output', output];
  const { peak } = await measuredProcess([PROGRAM, ...render], WORST_VERDICT);
  const seconds = (performance.now() - started) / 1000;
  const size = await sizeOf(output);
  await rm(output, { recursive: true, force: true });
  const bundleSize = (await stat(bundle)).size;
  return {
    name: `peak memory, JSON, CSV and HTML of ${organizations} organizations`,
    ours: `${seconds.toFixed(0)} s`,
    peer: null,
    value: peak / MEGABYTE,
    unit: 'MB',
    limit: { kind: 'at most', value: 512 },
    note: `largest resident set of the process; bundle ${gigabytes(bundleSize)}, report ${gigabytes(size)}`,
  };
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = names.filter((name) => name.isFile()).map((name) => stat(join(name.parentPath, name.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
