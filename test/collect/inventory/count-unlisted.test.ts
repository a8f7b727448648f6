import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUnlisted } from '../../../src/collect/inventory/count-unlisted.ts';
import { nameNumber } from '../../../src/collect/inventory/name-number.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const pagesOf =
  (names: readonly string[], size = 3) =>
  async (add: (page: readonly string[]) => Promise<void>): Promise<void> => {
    for (let at = 0; at < names.length; at += size) await add(names.slice(at, at + size));
  };

async function* filesOf(paths: readonly string[]) {
  for (let at = 0; at < paths.length; at += 7) {
    yield paths.slice(at, at + 7).map((path) => ({ path, bytes: path.length }));
  }
}

async function counted(rows: readonly string[], files: readonly string[]) {
  using scratch = scratchDirectory('inventory');
  return await countUnlisted(pagesOf(rows), filesOf(files), scratch.path);
}

describe('a store against the list of its database', () => {
  it('counts what only one of them has', async () => {
    expect(await counted(['a', 'b', 'c'], ['b', 'c', 'd', 'ee'])).toEqual({
      files: 4,
      bytes: 5,
      rows: 3,
      unnamed: 2,
      missing: 1,
    });
    expect(await counted([], [])).toEqual({ files: 0, bytes: 0, rows: 0, unnamed: 0, missing: 0 });
  });

  it('counts as sets do, whatever the names', async () => {
    const names = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 6 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(names, names, async (rows, files) => {
        const found = await counted(rows, files);
        expect(found.unnamed).toBe(files.filter((one) => !rows.includes(one)).length);
        expect(found.missing).toBe(rows.filter((one) => !files.includes(one)).length);
      }),
      { numRuns: 30 },
    );
  });

  it('takes lists that do not fit into what waits in memory', async () => {
    const names = Array.from({ length: 300_000 }, (_, index) => `documents/${index}.pdf`);
    expect(await counted(names.slice(0, 200_000), names.slice(100_000))).toMatchObject({
      files: 200_000,
      rows: 200_000,
      unnamed: 100_000,
      missing: 100_000,
    });
  });

  it('fails where a list breaks off', async () => {
    using scratch = scratchDirectory('inventory');
    async function* broken() {
      yield [{ path: 'a', bytes: 1 }];
      throw new Error('the listing ended');
    }
    await expect(countUnlisted(pagesOf(['a']), broken(), scratch.path)).rejects.toThrow('the listing ended');
  });
});

it('names become whole numbers of 53 bits that depend on the key', () => {
  const numbers = new Set(Array.from({ length: 100_000 }, (_, index) => nameNumber(`k${index}`, [1, 2])));
  expect(numbers.size).toBe(100_000);
  for (const number of [...numbers].slice(0, 1000)) expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
  expect(nameNumber('k1', [1, 2])).not.toBe(nameNumber('k1', [1, 3]));
});
