import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LookedRow } from '../../../src/collect/sampled-rows.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { storeCollection } from '../stores/store-collection.ts';
import { directoryLocation, directoryStore, foundIn } from './copied-store.ts';

const scratch = scratchDirectory('second-copies');
afterAll(() => scratch[Symbol.dispose]());
const collection = storeCollection({});
const COPY = '2026-11-20T03-00-00Z';
const MOMENT = '2026-11-20T03:00:00.000Z';

function write(path: string, content: string): void {
  const file = join(scratch.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

beforeAll(() => {
  for (const copy of ['2026-11-18T03-00-00Z', COPY]) {
    write(`sets/${copy}/srv/acme/documents/1.txt`, 'hello');
    write(`sets/${copy}/srv/acme/ä ö.txt`, 'hello');
    write(`sets/${copy}/srv/acme/short.txt`, 'hell');
    write(`sets/${copy}/DONE`, '');
  }
  write('sets/2026-11-18T03-00-00Z/srv/acme/only-older.txt', 'hello');
  // It is still being written.
  write('sets/2026-11-21T03-00-00Z/srv/acme/documents/1.txt', 'hello');
  write(`elsewhere/${COPY}/srv/beta/1.txt`, 'hello');
  write(`elsewhere/${COPY}/DONE`, '');
});

const sets = (settings: object = {}) =>
  directoryLocation({ path: join(scratch.path, 'sets'), files: { completionMarker: 'DONE' }, ...settings });

const look = (keys: readonly (string | object)[], settings: object = {}, live: readonly LookedRow[] = []) =>
  foundIn(
    collection,
    [sets(settings)],
    directoryStore(
      '/srv/acme',
      keys.map((key) => (typeof key === 'string' ? { key } : { key: '', ...key })),
      live,
    ),
  );

describe('drawn files in dated copies', () => {
  it('are looked for in the newest finished one, by name and size', async () => {
    expect(await look(['documents/1.txt', 'ä ö.txt', 'short.txt', 'only-older.txt', '../x'])).toEqual([
      {
        location: 'sets',
        copy: COPY,
        method: 'backup set',
        moment: MOMENT,
        seed: 7,
        population: 500,
        drawn: 5,
        expected: 5,
        found: 2,
        missing: 1,
        sizeDiffers: 1,
        checksumDiffers: 0,
        checksumsCompared: 0,
        refused: 1,
        unchecked: 0,
        examples: [expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)],
        passedOver: {
          copy: '2026-11-21T03-00-00Z',
          moment: '2026-11-21T03:00:00.000Z',
          because: 'its completion marker DONE is missing',
        },
      },
    ]);
  });

  it('are not expected where they were registered after it, or within the tolerated skew before it', async () => {
    const late = { key: 'late.txt', createdAt: '2026-11-20T02:50:00.000Z' };
    const due = { key: 'due.txt', createdAt: '2026-11-20T02:40:00.000Z' };
    expect(await look(['documents/1.txt', late])).toMatchObject([{ drawn: 2, expected: 1, found: 1, missing: 0 }]);
    expect(await look(['documents/1.txt', due])).toMatchObject([{ drawn: 2, expected: 2, found: 1, missing: 1 }]);
  });

  it('are not expected as they are now where the store wrote them since', async () => {
    const store = directoryStore('/srv/acme', [{ key: 'short.txt' }]);
    const [row] = store.drawn.sample.rows;
    if (row === undefined) throw new Error('one row was drawn');
    const live = (modifiedAt: string): LookedRow => ({
      row,
      is: 'found',
      file: { is: 'found', bytes: 5, modifiedAt, sha256: null, copied: null, locked: false },
      isSummed: false,
    });
    const found = (one: LookedRow) => foundIn(collection, [sets()], { ...store, live: [one] });
    expect(await found(live('2026-11-21T00:00:00.000Z'))).toMatchObject([{ expected: 0, sizeDiffers: 0 }]);
    expect(await found(live('2026-11-19T00:00:00.000Z'))).toMatchObject([{ expected: 1, sizeDiffers: 1 }]);
  });

  it('are not expected where the live store holds a symbolic link in their place', async () => {
    const store = directoryStore('/srv/acme', [{ key: 'linked.txt' }, { key: 'documents/1.txt' }]);
    const [row] = store.drawn.sample.rows;
    if (row === undefined) throw new Error('two rows were drawn');
    const live: LookedRow = { row, is: 'link', file: null, isSummed: false };
    expect(await foundIn(collection, [sets()], { ...store, live: [live] })).toMatchObject([
      { drawn: 2, expected: 1, found: 1, missing: 0 },
    ]);
  });

  it('that were deleted with their rows are not missing', async () => {
    const store = directoryStore('/srv/acme', [{ key: 'gone.txt' }, { key: 'documents/1.txt' }]);
    const drawn = { ...store.drawn, stillListed: async () => new Set<string>() };
    expect(await foundIn(collection, [sets()], { ...store, drawn })).toMatchObject([
      { drawn: 1, expected: 1, found: 1, missing: 0 },
    ]);
  });

  it('are compared by checksum where that is asked for', async () => {
    const summing = storeCollection({}, { collect: { fileSample: { checksums: true } } });
    const sum = createHash('sha256').update('hello').digest('hex');
    const rows = [
      { key: 'documents/1.txt', sha256: sum },
      { key: 'ä ö.txt', sha256: 'a'.repeat(64) },
    ];
    expect(await foundIn(summing, [sets()], directoryStore('/srv/acme', rows))).toMatchObject([
      { found: 1, checksumDiffers: 1, checksumsCompared: 2 },
    ]);
    if (process.getuid?.() === 0) return;
    chmodSync(join(scratch.path, 'sets', COPY, 'srv/acme/documents/1.txt'), 0);
    const denied = await foundIn(summing, [sets()], directoryStore('/srv/acme', rows));
    expect(denied[0]).toBe('unauthorized');
    expect(JSON.stringify(denied)).not.toContain('1.txt');
  });

  it('with another checksum in it as in the live store are told apart', async () => {
    const summing = storeCollection({}, { collect: { fileSample: { checksums: true } } });
    const store = directoryStore('/srv/acme', [
      { key: 'short.txt', bytes: 4, sha256: 'b'.repeat(64) },
      { key: 'ä ö.txt', sha256: 'a'.repeat(64) },
    ]);
    const live = store.drawn.sample.rows.map(
      (row, index): LookedRow => ({
        row,
        is: index === 0 ? 'checksum differs' : 'found',
        file: null,
        isSummed: true,
      }),
    );
    expect(await foundIn(summing, [sets()], { ...store, live })).toMatchObject([
      { checksumDiffers: 2, checksumDiffersInStore: 1 },
    ]);
  });

  it('are not looked for in sets of other directories, nor in those that nobody finished', async () => {
    const elsewhere = directoryLocation({ path: join(scratch.path, 'elsewhere'), files: { completionMarker: 'DONE' } });
    expect(await foundIn(collection, [elsewhere], directoryStore('/srv/acme', [{ key: '1.txt' }]))).toEqual([]);
    expect(await look(['1.txt'], { files: { completionMarker: 'NEVER' } })).toEqual([]);
    expect(await look(['1.txt'], { files: { sourceRoot: '/var' } })).toEqual([]);
  });

  it('of a place that cannot be listed are a blind spot', async () => {
    const gone = directoryLocation({ path: join(scratch.path, 'not-there') });
    const told = await foundIn(collection, [gone], directoryStore('/srv/acme', [{ key: '1.txt' }]));
    expect(told).toEqual(['unreachable']);
  });

  it('behind a link in the copy are missing', async () => {
    symlinkSync('/etc/hostname', join(scratch.path, 'sets', COPY, 'srv/acme/link.txt'));
    expect(await look(['link.txt'])).toMatchObject([{ missing: 1 }]);
  });
});
