import { randomBytes } from 'node:crypto';
import { nameNumber } from './name-number.ts';
import { numberSpill, PARTS } from './number-spill.ts';

/** What a store holds against what a database lists. */
export interface InventoryCounts {
  /** Files in the store, and their bytes in sum. */
  readonly files: number;
  readonly bytes: number;
  /** Rows of the database. */
  readonly rows: number;
  /** Files that no row names. */
  readonly unnamed: number;
  /** Rows whose file is not in the store. */
  readonly missing: number;
}

/**
 * Compares two lists of names of any length, neither of them in order: each name becomes a number, numbers are spread over
 * files of the run's own, and one part is in memory at a time. No name is kept.
 *
 * @param readNames gives the names of files as rows name them, in the form that the store has; begun when all files are listed
 * @param files in the store, a page at a time
 * @param directory for temporary files
 * @throws what either list throws
 */
export async function countUnlisted(
  readNames: (add: (names: readonly string[]) => Promise<void>) => Promise<void>,
  files: AsyncIterable<readonly { readonly path: string; readonly bytes: number }[]>,
  directory: string,
): Promise<InventoryCounts> {
  const random = randomBytes(8);
  const key = [random.readInt32LE(0), random.readInt32LE(4)] as const;
  await using rows = await numberSpill(directory, 'rows');
  await using held = await numberSpill(directory, 'files');
  const counts = { files: 0, bytes: 0, rows: 0, unnamed: 0, missing: 0 };
  // Files first: one that is uploaded meanwhile has its row a little later, and is not called unnamed.
  for await (const page of files) {
    for (const { path, bytes } of page) {
      counts.files += 1;
      counts.bytes += bytes;
      const full = held.add(nameNumber(path, key));
      if (full !== undefined) await full;
    }
  }
  await readNames(async (names) => {
    for (const name of names) {
      counts.rows += 1;
      const full = rows.add(nameNumber(name, key));
      if (full !== undefined) await full;
    }
  });
  for (let index = 0; index < PARTS; index += 1) {
    const [listed, found] = [(await rows.part(index)).sort(), (await held.part(index)).sort()];
    counts.unnamed += notIn(found, listed);
    counts.missing += notIn(listed, found);
  }
  return counts;
}

/** How many numbers of one sorted list are not in another. */
function notIn(these: Float64Array, others: Float64Array): number {
  let count = 0;
  let at = 0;
  for (const number of these) {
    while (at < others.length && (others[at] ?? 0) < number) at += 1;
    if (others[at] !== number) count += 1;
  }
  return count;
}
