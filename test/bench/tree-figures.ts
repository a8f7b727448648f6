import { fileURLToPath } from 'node:url';
import { READING_THREADS } from '../../src/collect/backups/threads/reading-threads.ts';
import type { GeneratedTree } from './artifact-tree.ts';
import type { Figure } from './figure.ts';
import { inTurn } from './in-turn.ts';
import { measuredProcess } from './measured-process.ts';

/** Read with the built program, in a process of its own; so is the peer. */
const OURS = fileURLToPath(new URL('judge-tree.mjs', import.meta.url));
const BARE_LOOP = fileURLToPath(new URL('bare-tree-loop.mjs', import.meta.url));
const MEGABYTE = 1_000_000;

/**
 * Listing a tree and judging each artifact by its structure, against listing it and reading 4 KiB of each file. Both have
 * as many files open at a time: each thread that reads has one.
 */
export function treeFigure({ root, artifacts, how }: GeneratedTree): Promise<Figure> {
  const seconds = async (program: string): Promise<number> => {
    const { output } = await measuredProcess([program, root, String(artifacts), String(READING_THREADS)]);
    return Number(output);
  };
  return inTurn({
    name: `listing and judging ${artifacts} artifacts / bare loop that reads 4 KiB of each`,
    least: 0.6,
    ours: () => seconds(OURS),
    peer: () => seconds(BARE_LOOP),
    rate: (taken) => `${(artifacts / taken).toFixed(0)} files/s`,
    note: `${READING_THREADS} files at a time in both; ${how}`,
  });
}

/** The most memory a process of its own takes that lists the tree and judges each artifact. */
export async function treeMemoryFigure({ root, artifacts, how }: GeneratedTree): Promise<Figure> {
  const { peak, output } = await measuredProcess([OURS, root, String(artifacts), String(READING_THREADS)]);
  return {
    name: `peak memory, listing and judging ${artifacts} artifacts`,
    ours: `${Number(output).toFixed(1)} s`,
    peer: null,
    value: peak / MEGABYTE,
    unit: 'MB',
    limit: { kind: 'at most', value: 300 },
    note: `largest resident set of the process; ${how}`,
  };
}
