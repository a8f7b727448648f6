import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../../services/restic.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { digestOf } from '../backups/physical/read-location.ts';
import { storeCollection } from '../stores/store-collection.ts';
import { directoryLocation, directoryStore, foundIn } from './copied-store.ts';
import { toldElsewhere } from './told-elsewhere.ts';

const collection = storeCollection({});
const summing = storeCollection({}, { collect: { fileSample: { checksums: true } } });
/** Names with a meaning for a shell, for patterns, or for both programs. */
const HOSTILE = ['a b;$(id).txt', '*.txt', '[ab].txt', '-rf', 'pf:x', 'ä ö.txt', 'new\nline.txt', '{now}.txt'];
const SUM = createHash('sha256').update('hello').digest('hex');

const programs = [
  { method: 'restic' as const, unavailable: resticUnavailable(), password: RESTIC_PASSWORD },
  { method: 'borg' as const, unavailable: borgUnavailable(), password: BORG_PASSPHRASE },
];

describe.each(programs)('drawn files in a repository of $method', ({ method, unavailable, password }) => {
  describe.skipIf(unavailable !== null)(unavailable ?? 'that is there', () => {
    const scratch = scratchDirectory(`second-copies-${method}`);
    /** The directory of the store, which the source host is said to have at the same path. */
    const store = join(scratch.path, 'srv/acme');
    let root: string;

    const write = (path: string, content: string): void => {
      const file = join(scratch.path, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    };

    beforeAll(async () => {
      for (const name of HOSTILE) write(`srv/acme/documents/${name}`, 'hello');
      write('srv/acme/short.txt', 'hell');
      write('srv/beta/1.txt', 'hello');
      const directory = join(scratch.path, method);
      mkdirSync(directory);
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        root = repository.root;
        await repository.backup(join(scratch.path, 'srv'), '2026-11-18 02:00:00');
        write('srv/acme/later.txt', 'hello');
        await repository.backup(join(scratch.path, 'srv'), '2026-11-20 02:00:00');
        await repository.backup(join(scratch.path, 'srv/beta'), '2026-11-21 02:00:00');
      } else {
        const repository = await borgRepository(directory);
        root = repository.root;
        const create = (archive: string, path: string, time: string) => repository.create(archive, '/', path, time);
        await create('files-18', join(scratch.path, 'srv'), '2026-11-18T02:00:00');
        write('srv/acme/later.txt', 'hello');
        await create('files-20', join(scratch.path, 'srv'), '2026-11-20T02:00:00');
        await create('beta', join(scratch.path, 'srv/beta'), '2026-11-21T02:00:00');
      }
    }, 120_000);

    afterAll(() => scratch[Symbol.dispose]());

    async function repositoryOf(directory: string, path: string, days = ['2026-11-18']): Promise<string> {
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        for (const day of days) await repository.backup(path, `${day} 02:00:00`);
        return repository.root;
      }
      const repository = await borgRepository(directory);
      // The data fill a segment, and what describes them comes into the next one.
      const config = join(repository.root, 'config');
      writeFileSync(
        config,
        readFileSync(config, 'utf8').replace(/max_segment_size = \d+/, 'max_segment_size = 100000'),
      );
      for (const day of days) await repository.create(`all-${day}`, '/', path, `${day}T02:00:00`);
      return repository.root;
    }

    const location = (path: string, secret: string | null = password, more: object = {}): OpenLocation =>
      directoryLocation({
        name: 'offsite',
        path,
        purposes: [method, 'files'],
        ...(secret === null
          ? {}
          : { [method]: { [method === 'restic' ? 'password' : 'passphrase']: `file:${secret}` } }),
        ...more,
      });
    const rowsOf = (keys: readonly string[], more: object = {}) => keys.map((key) => ({ key, ...more }));

    // Archives of Borg name no host.
    if (method === 'restic') {
      it('are looked for in the snapshot of the host whose files they are', async () => {
        const directory = join(scratch.path, 'two-hosts');
        mkdirSync(directory);
        const repository = await resticRepository(directory);
        const shared = join(directory, 'srv/shared');
        mkdirSync(shared, { recursive: true });
        for (const name of ['1.txt', '2.txt']) writeFileSync(join(shared, name), 'hello');
        await repository.backup(shared, '2026-11-18 02:00:00', 'db1');
        writeFileSync(join(shared, '1.txt'), 'of another install');
        rmSync(join(shared, '2.txt'));
        await repository.backup(shared, '2026-11-20 02:00:00', 'db2');
        const rows = directoryStore(shared, rowsOf(['1.txt', '2.txt']));
        expect(await foundIn(collection, [location(repository.root)], rows)).toMatchObject([
          { copy: expect.stringContaining('of host db1'), expected: 2, found: 2, missing: 0, sizeDiffers: 0 },
        ]);
      }, 60_000);
    }

    it('are looked for in the newest snapshot that holds the store, whatever their names, and nothing is written', async () => {
      const before = digestOf(root);
      const keys = [
        ...HOSTILE.map((name) => `documents/${name}`),
        'later.txt',
        'short.txt',
        'lost.txt',
        '../beta/1.txt',
      ];
      const [found] = await foundIn(collection, [location(root)], directoryStore(store, rowsOf(keys)));
      expect(digestOf(root)).toBe(before);
      expect(found).toMatchObject({
        location: 'offsite',
        ...(method === 'borg' ? { copy: expect.stringMatching(/^files-20 of host \S+$/) } : {}),
        method,
        moment: '2026-11-20T02:00:00.000Z',
        expected: 12,
        found: 9,
        missing: 1,
        sizeDiffers: 1,
        refused: 1,
        unchecked: 0,
      });
    });

    it('are told by the bundle of another host as by a look at them', async () => {
      const here = location(root);
      const keys = [
        ...HOSTILE.map((name) => `documents/${name}`),
        'later.txt',
        'short.txt',
        'lost.txt',
        '../beta/1.txt',
      ];
      const own = directoryStore(store, rowsOf(keys));
      const [seen] = await foundIn(collection, [here], own);
      expect(seen).toMatchObject({ missing: 1, sizeDiffers: 1, refused: 1 });
      expect(await foundIn(collection, [await toldElsewhere(collection, here, [own])], own)).toEqual([seen]);
      const sums = [{ key: 'later.txt', sha256: SUM }, ...rowsOf(['documents/-rf'], { sha256: 'b'.repeat(64) })];
      const summed = directoryStore(store, sums);
      const [compared] = await foundIn(summing, [here], summed);
      expect(compared).toMatchObject({ found: 1, checksumDiffers: 1, checksumsCompared: 2 });
      expect(await foundIn(summing, [await toldElsewhere(summing, here, [summed])], summed)).toEqual([compared]);
      // Of stores that no snapshot holds the host told so; of others, files and settings nobody asked it.
      const none = directoryStore(join(scratch.path, 'srv/gamma'), rowsOf(['1.txt']));
      const drawn = directoryStore(store, rowsOf(['later.txt']));
      const apart = await toldElsewhere(collection, here, [none, drawn]);
      expect(await foundIn(collection, [apart], none)).toEqual([]);
      expect(
        await foundIn(collection, [apart], directoryStore(join(scratch.path, 'srv/beta'), rowsOf(['1.txt']))),
      ).toEqual(['not-asked']);
      const another = directoryStore(store, rowsOf(['short.txt']));
      expect(await foundIn(collection, [apart], another)).toEqual([
        'not-asked',
        expect.objectContaining({ unchecked: 1 }),
      ]);
      const { config } = location(root, password, { files: { sourceRoot: '/srv' } });
      expect(await foundIn(collection, [{ ...apart, config }], drawn)).toEqual(['not-asked']);
      expect(
        await foundIn(collection, [await toldElsewhere(collection, location(root, 'wrong'), [drawn])], drawn),
      ).toEqual(['unauthorized']);
    }, 120_000);

    it('are compared by checksum where that is asked for, and nothing is written', async () => {
      const before = digestOf(root);
      const rows = [
        ...rowsOf(
          HOSTILE.slice(0, 3).map((name) => `documents/${name}`),
          { sha256: SUM },
        ),
        { key: 'later.txt', sha256: 'b'.repeat(64) },
      ];
      expect(await foundIn(summing, [location(root)], directoryStore(store, rows))).toMatchObject([
        { found: 3, checksumDiffers: 1, checksumsCompared: 4 },
      ]);
      expect(digestOf(root)).toBe(before);
    }, 60_000);

    it('are looked for in no snapshot of the future, and the one that was passed over is told', async () => {
      const directory = join(scratch.path, `${method}-future`);
      const kept = join(directory, 'srv');
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, '1.txt'), 'hello');
      const own = directoryStore(kept, rowsOf(['1.txt']));
      const place = location(await repositoryOf(directory, kept, ['2026-11-18', '2096-11-18']));
      const [found] = await foundIn(collection, [place], own);
      const passedOver = { moment: '2096-11-18T02:00:00.000Z', because: 'it is dated in the future' };
      expect(found).toMatchObject({ moment: '2026-11-18T02:00:00.000Z', found: 1, passedOver });
      expect(await foundIn(collection, [await toldElsewhere(collection, place, [own])], own)).toEqual([found]);
    }, 120_000);

    it('are damaged where the data cannot be read back, here as by the bundle of another host', async () => {
      const directory = join(scratch.path, `${method}-altered`);
      const kept = join(directory, 'srv');
      mkdirSync(kept, { recursive: true });
      const bytes = randomBytes(200_000);
      writeFileSync(join(kept, 'large.bin'), bytes);
      const place = location(await repositoryOf(directory, kept));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const own = directoryStore(kept, [{ key: 'large.bin', bytes: bytes.length, sha256 }]);
      expect(await foundIn(summing, [place], own)).toMatchObject([{ found: 1, checksumsCompared: 1 }]);
      alterLargest(join(directory, 'repository/data'));
      const [found] = await foundIn(summing, [place], own);
      expect(found).toMatchObject({ expected: 1, found: 0, damaged: 1, unchecked: 0 });
      expect(await foundIn(summing, [await toldElsewhere(summing, place, [own])], own)).toEqual([found]);
      // Their names are listed all the same.
      expect(await foundIn(collection, [place], own)).toMatchObject([{ found: 1 }]);
    }, 120_000);

    it('of several organizations are asked for together', async () => {
      const own = location(root);
      const stores = ['acme', 'beta', 'acme', 'beta'].map((name) =>
        directoryStore(join(scratch.path, 'srv', name), rowsOf(['1.txt', 'later.txt'])),
      );
      const found = await Promise.all(stores.map((one) => foundIn(collection, [own], one)));
      expect(found).toMatchObject([
        [{ found: 1, missing: 1 }],
        [{ found: 1, missing: 1 }],
        [{ found: 1, missing: 1 }],
        [{ found: 1, missing: 1 }],
      ]);
    }, 60_000);

    it('of a store that no snapshot holds are looked for in none', { timeout: 60_000 }, async () => {
      const own = directoryStore(join(scratch.path, 'srv/gamma'), rowsOf(['1.txt']));
      expect(await foundIn(collection, [location(root)], own)).toEqual([]);
      expect(await foundIn(collection, [location(root)], directoryStore('/nowhere', rowsOf(['1.txt'])))).toEqual([]);
    });

    it('are a blind spot with a wrong password, without one, without the program, and of a damaged repository', async () => {
      const own = directoryStore(store, rowsOf(['later.txt']));
      expect(await foundIn(collection, [location(root, 'wrong horse')], own)).toEqual(['unauthorized']);
      expect(await foundIn(collection, [location(root, null)], own)).toEqual(['unauthorized']);
      const program = join(scratch.path, `${method}-of-nobody`);
      const secret = { [method === 'restic' ? 'password' : 'passphrase']: `file:${password}` };
      const absent = location(root, null, { [method]: { ...secret, program } });
      expect(await foundIn(collection, [absent], own)).toEqual(['not-asked']);
      const damaged = join(scratch.path, 'damaged');
      cpSync(root, damaged, { recursive: true });
      if (method === 'restic') rmSync(join(damaged, 'index'), { recursive: true });
      else for (const name of ['0', '1', '2', '3', '4', '5']) truncateSync(join(damaged, 'data/0', name), 9);
      expect(await foundIn(collection, [location(damaged)], own)).toEqual(['malformed']);
    }, 120_000);
  });
});

/** Overwrites bytes in the middle of the file that holds the data, and leaves its length. */
function alterLargest(directory: string): void {
  const path = readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((one) => join(one.parentPath, one.name))
    .find((one) => statSync(one).isFile() && statSync(one).size > 150_000);
  if (path === undefined) throw new Error('no file holds the data');
  const bytes = readFileSync(path);
  bytes.write('damage', 100_000);
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
}
