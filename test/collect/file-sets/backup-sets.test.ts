import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  cpSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { readFileCopies } from '../../../src/collect/file-sets/read-file-copies.ts';
import { fileCopyEvidence, type SourcePath } from '../../../src/collect/hosts/file-copies.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { readHostFile } from '../../../src/collect/hosts/read-host-file.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../../services/restic.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { digestOf } from '../backups/physical/read-location.ts';
import { tarOfMembers } from '../formats/tar-members.ts';

const signal = new AbortController().signal;
const digestKey = new Secret('key of the test');
const asker = createAsker(systemClock, [], signal);
const scratch = scratchDirectory('backup-sets');
/** Stands for the install host. */
const source = join(scratch.path, 'source');
const STORE = join(source, 'srv/acme');
const STATE = join(source, 'var/state');
const BOOTSTRAP = join(source, 'etc/bootstrap.env');
/** Longer than the name of a ustar header, which takes headers of their own. */
const LONG = `documents/${'long-name-'.repeat(20)}.txt`;

function write(path: string, content: string): void {
  const file = join(source, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

async function told(settings: object, secret: string, path: SourcePath) {
  const config = locationSchema.parse({ name: 'set', kind: 'directory', ...settings });
  const tree = localDirectoryTree({ root: config.kind === 'directory' ? config.path : '' });
  const location = { config, tree, blindSpot: null } as unknown as OpenLocation;
  const access = { asker, signal, digestKey, secret: async () => new Secret(secret) };
  const found = await readFileCopies(access, [location], [BOOTSTRAP, STATE]);
  const [record] = await fileCopyEvidence(access, found, TENANT_STORE, path);
  return { items: record?.items ?? [], blindSpot: record?.blindSpot ?? null, grade: record?.grade };
}

/** What the copies of a location name at one path. */
async function named(settings: object, secret: string, path: string) {
  const config = locationSchema.parse({ name: 'set', kind: 'directory', ...settings });
  const tree = localDirectoryTree({ root: config.kind === 'directory' ? config.path : '' });
  const location = { config, tree, blindSpot: null } as unknown as OpenLocation;
  const access = { asker, signal, digestKey, secret: async () => new Secret(secret) };
  const [found] = await readFileCopies(access, [location], []);
  return (found?.copies?.copies ?? []).flatMap(({ files }) => files.get(path.replace(/^\/+/, '')) ?? []);
}

async function liveDigest(role: 'bootstrap' | 'state-directory', path: string): Promise<string | null> {
  return (await readHostFile({ probe: hostProbe, digestKey, signal }, role, path)).digest;
}

beforeAll(() => {
  write('srv/acme/documents/1.txt', 'one');
  write(`srv/acme/${LONG}`, 'two!');
  write('srv/beta/1.txt', 'hello');
  write('etc/bootstrap.env', 'A=1\n');
  write('var/state/a.json', '{}');
  write('var/state/keys/k 1.pem', 'key');
  write('var/state/cache/never', 'left out');
});
afterAll(() => scratch[Symbol.dispose]());

const programs = [
  { method: 'restic' as const, unavailable: resticUnavailable(), password: RESTIC_PASSWORD },
  { method: 'borg' as const, unavailable: borgUnavailable(), password: BORG_PASSPHRASE },
];

describe.each(programs)('files in a repository of $method', ({ method, unavailable, password }) => {
  describe.skipIf(unavailable !== null)(unavailable ?? 'that is there', () => {
    let root = '';
    const setting = (path: string) => ({
      path,
      purposes: [method, 'files'],
      [method]: { [method === 'restic' ? 'password' : 'passphrase']: 'env:ANY' },
    });

    beforeAll(async () => {
      const directory = join(scratch.path, method);
      mkdirSync(directory);
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        root = repository.root;
        await repository.backup(source, '2026-11-18 02:00:00');
        await repository.backup(join(source, 'srv'), '2026-11-20 02:00:00');
      } else {
        const repository = await borgRepository(directory);
        root = repository.root;
        await repository.create('all-18', '/', source, '2026-11-18T02:00:00');
        await repository.create('files-20', '/', join(source, 'srv'), '2026-11-20T02:00:00');
      }
    }, 120_000);

    it('are copies of a store as of their snapshots, by numbers alone, and nothing is written', async () => {
      const before = digestOf(root);
      const { items, blindSpot } = await told(setting(root), password, { path: STORE, digest: 'none' });
      expect(blindSpot).toBeNull();
      expect(items).toMatchObject([
        { moment: '2026-11-20T02:00:00.000Z', complete: true, present: true, files: 2, bytes: 7 },
        { moment: '2026-11-18T02:00:00.000Z', complete: true, present: true, files: 2, bytes: 7 },
      ]);
      expect(digestOf(root)).toBe(before);
    });

    it('have the digests of the live host files, which snapshots of other paths do not hide', async () => {
      const file = await told(setting(root), password, { path: BOOTSTRAP, digest: 'file' });
      expect(file.blindSpot).toBeNull();
      expect(file.items).toMatchObject([
        { moment: '2026-11-18T02:00:00.000Z', present: true, digest: await liveDigest('bootstrap', BOOTSTRAP) },
      ]);
      const tree = await told(setting(root), password, { path: STATE, digest: 'tree' });
      expect(tree.items).toMatchObject([
        { moment: '2026-11-18T02:00:00.000Z', present: true, digest: await liveDigest('state-directory', STATE) },
      ]);
    });

    it('with hard links are not called empty, and those whose paths differ by a number are looked into one by one', async () => {
      const directory = join(scratch.path, `${method}-numbered`);
      mkdirSync(directory);
      const numbers = [1001, 1002, 1003, 1004, 1005];
      for (const number of numbers) {
        write(`numbered/${number}/1.txt`, 'one');
        const second = join(source, `numbered/${number}/2.txt`);
        rmSync(second, { force: true });
        linkSync(join(source, `numbered/${number}/1.txt`), second);
      }
      const path = (number: number) => join(source, `numbered/${number}`);
      let numbered = '';
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        numbered = repository.root;
        for (const number of numbers) await repository.backup(path(number), '2026-11-20 02:00:00');
      } else {
        const repository = await borgRepository(directory);
        numbered = repository.root;
        for (const number of numbers)
          await repository.create(`org-${number}-2026-11-20`, '/', path(number), '2026-11-20T02:00:00');
      }
      for (const number of [1001, 1005]) {
        const { items } = await told(setting(numbered), password, { path: path(number), digest: 'none' });
        expect(items, String(number)).toMatchObject([{ present: true, files: 2 }]);
      }
      const files = await named(setting(numbered), password, join(path(1003), '2.txt'));
      if (method === 'borg') expect(files).toMatchObject([{ isSizeElsewhere: true }]);
      else expect(files).toMatchObject([{ bytes: 3 }]);
    }, 120_000);

    it('lack what they were told to leave out, which is told where it may be in the store', async () => {
      const directory = join(scratch.path, `${method}-excludes`);
      mkdirSync(directory);
      const whole = join(source, 'leaving');
      write('leaving/acme/kept.txt', 'kept');
      write('leaving/acme/cache/one.txt', 'left out');
      write('leaving/acme/two.tmp', 'left out');
      write('leaving/beta/cache/one.txt', 'left out');
      const inAcme = join(whole, 'acme/cache');
      const excludes = [inAcme, '*.tmp', join(whole, 'beta/cache'), '**/beta/old'];
      let leaving = '';
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        leaving = repository.root;
        await repository.backup(whole, '2026-11-20 02:00:00', 'db1', excludes);
        await repository.backup(whole, '2026-11-18 02:00:00');
      } else {
        const repository = await borgRepository(directory);
        leaving = repository.root;
        await repository.create('files-20', '/', whole, '2026-11-20T02:00:00', excludes);
        await repository.create('files-18', '/', whole, '2026-11-18T02:00:00');
      }
      const { items, blindSpot } = await told(setting(leaving), password, {
        path: join(whole, 'acme'),
        digest: 'none',
        isOfOthers: (pattern) => pattern.includes('beta'),
      });
      expect(blindSpot).toBeNull();
      expect(items).toMatchObject([
        { present: true, files: 1, leavesOut: { patterns: [inAcme, '*.tmp'], count: 2 } },
        { present: true, files: 3 },
      ]);
      expect(items[1]).not.toHaveProperty('leavesOut');
      expect(JSON.stringify(items)).not.toContain('beta');
    }, 120_000);

    it('that never held a path say so', async () => {
      const { items } = await told(setting(root), password, { path: join(source, 'srv/none'), digest: 'none' });
      expect(items.length).toBeGreaterThan(0);
      expect(items.every((item) => 'present' in item && !item.present)).toBe(true);
    });

    it('are a blind spot where the password is wrong', async () => {
      const { items, blindSpot } = await told(setting(root), 'wrong', { path: STORE, digest: 'none' });
      expect(items).toEqual([]);
      expect(blindSpot?.reason).toBe('unauthorized');
    });
  });
});

describe.each(programs)('a repository of $method of which data are gone', ({ method, unavailable, password }) => {
  it.skipIf(unavailable !== null)(
    'is a blind spot, though the names of all files are still listed',
    async () => {
      const directory = join(scratch.path, `${method}-gone`);
      const kept = join(directory, 'srv');
      mkdirSync(kept, { recursive: true });
      writeFileSync(join(kept, '1.bin'), randomBytes(200_000));
      let root: string;
      if (method === 'restic') {
        const repository = await resticRepository(directory);
        root = repository.root;
        await repository.backup(kept, '2026-11-18 02:00:00');
      } else {
        const repository = await borgRepository(directory);
        root = repository.root;
        // The data fill a segment, and what describes them comes into the next one.
        const config = readFileSync(join(root, 'config'), 'utf8');
        writeFileSync(join(root, 'config'), config.replace(/max_segment_size = \d+/, 'max_segment_size = 100000'));
        await repository.create('all-18', '/', kept, '2026-11-18T02:00:00');
      }
      const settings = {
        path: root,
        purposes: [method, 'files'],
        [method]: { [method === 'restic' ? 'password' : 'passphrase']: 'env:ANY' },
      };
      const seen = () => told(settings, password, { path: kept, digest: 'none' });
      expect(await seen()).toMatchObject({ blindSpot: null, items: [{ complete: true, files: 1, bytes: 200_000 }] });
      const part = readdirSync(join(root, 'data'), { recursive: true, withFileTypes: true })
        .map((one) => join(one.parentPath, one.name))
        .find((path) => statSync(path).isFile() && statSync(path).size > 150_000);
      if (part === undefined) throw new Error('no file holds the data');
      const missing = {
        items: [],
        blindSpot: {
          reason: 'malformed',
          detail: expect.stringMatching(/1 (pack|segment) that the index of .* is missing/),
        },
      };
      const whole = readFileSync(part);
      chmodSync(part, 0o600);
      writeFileSync(part, Buffer.from(whole).fill('x', 100_000, 100_010));
      // Each file is as long as it was; that its data are damaged shows where they are read.
      const read = { items: [{ complete: false, digest: null, because: expect.stringContaining('is damaged') }] };
      expect(await told(settings, password, { path: kept, digest: 'tree' })).toMatchObject({
        ...read,
        blindSpot: null,
      });
      const fine = { items: [{ complete: true, files: 1, listedBy: method }], blindSpot: null };
      expect(await seen()).toMatchObject(fine);
      truncateSync(part, 1000);
      expect(await seen()).toMatchObject(missing);
      rmSync(part);
      expect(await seen()).toMatchObject(missing);
      if (method === 'restic') return;
      // Borg makes an index of what is there.
      for (const name of readdirSync(root)) if (name.startsWith('index.')) rmSync(join(root, name));
      expect((await seen()).blindSpot?.detail).toContain('does not tell which segments must be there');
    },
    120_000,
  );
});

describe('a store behind a symbolic link', () => {
  const linked = join(scratch.path, 'linked-store');
  const link = { path: linked, digest: 'none' } as const;
  const known = { ...link, realPath: STORE };
  beforeAll(() => symlinkSync(STORE, linked));
  const held = (found: Awaited<ReturnType<typeof told>>) =>
    found.items.map((item) => ('sourcePath' in item ? [item.present, item.files] : []));

  it.skipIf(resticUnavailable() !== null)(
    'is in a repository of restic that holds what the link leads to, and in none that holds the link alone',
    async () => {
      const directory = join(scratch.path, 'restic-linked');
      mkdirSync(directory);
      const repository = await resticRepository(directory);
      const settings = { path: repository.root, purposes: ['restic', 'files'], restic: { password: 'env:ANY' } };
      await repository.backup(linked, '2026-11-18 02:00:00');
      expect(held(await told(settings, RESTIC_PASSWORD, known))).toEqual([[false, 0]]);
      await repository.backup(join(source, 'srv'), '2026-11-20 02:00:00');
      expect(held(await told(settings, RESTIC_PASSWORD, known))).toEqual([[true, 2]]);
      expect(held(await told(settings, RESTIC_PASSWORD, link))).toEqual([
        [false, 0],
        [false, 0],
      ]);
    },
    120_000,
  );

  it('is likewise in archives, and in one that was made by following the link', async () => {
    const pack = (name: string, ...what: readonly string[]) => {
      mkdirSync(join(scratch.path, name));
      execFileSync('tar', ['-cf', join(scratch.path, name, '2026-11-20.tar'), '-C', '/', ...what]);
      const files = { layout: 'archives', timeFormat: 'YYYY-MM-DD' };
      return told({ path: join(scratch.path, name), purposes: ['files'], files }, '', known);
    };
    expect(held(await pack('link-alone', linked.slice(1)))).toEqual([[false, 0]]);
    expect(held(await pack('link-followed', '-h', linked.slice(1)))).toEqual([[true, 2]]);
    expect(held(await pack('link-and-files', linked.slice(1), STORE.slice(1)))).toEqual([[true, 2]]);
  });
});

describe('files of the host', () => {
  it('that a set holds by hard links are no copies', async () => {
    const root = join(scratch.path, 'hard-links');
    const inside = (day: string, path: string) => join(root, day, path);
    const live = join(scratch.path, 'live');
    mkdirSync(join(live, 'state'), { recursive: true });
    writeFileSync(join(live, 'boot.env'), 'A=1');
    writeFileSync(join(live, 'state/a'), 'a');
    for (const day of ['2026-11-20T02-00-00Z', '2026-11-21T02-00-00Z']) {
      mkdirSync(inside(day, join(live, 'state')), { recursive: true });
      writeFileSync(inside(day, 'DONE'), '');
    }
    for (const path of [join(live, 'boot.env'), join(live, 'state/a')]) {
      cpSync(path, inside('2026-11-20T02-00-00Z', path));
      linkSync(path, inside('2026-11-21T02-00-00Z', path));
    }
    const files = { timeFormat: 'YYYY-MM-DDTHH-mm-ssZ', completionMarker: 'DONE' };
    const settings = { path: root, purposes: ['files'], files };
    const linked = {
      complete: false,
      because: expect.stringContaining('(by a hard link, a symbolic link or a mount), and no copy'),
    };
    for (const of of [
      { path: join(live, 'boot.env'), digest: 'file' },
      { path: join(live, 'state'), digest: 'tree' },
    ] as const) {
      const { items } = await told(settings, '', { ...of, isHere: true });
      expect(items).toMatchObject([linked, { complete: true }]);
      // Of another machine the numbers tell nothing.
      expect((await told(settings, '', of)).items).toMatchObject([{ complete: true }, { complete: true }]);
    }
  });
});

it.skipIf(resticUnavailable() !== null)(
  'a repository of restic without any of its packs is told as copies of which nothing can be restored',
  async () => {
    const directory = join(scratch.path, 'restic-without-packs');
    mkdirSync(directory);
    const { root, backup } = await resticRepository(directory);
    await backup(join(source, 'srv'), '2026-11-20 02:00:00');
    for (const one of readdirSync(join(root, 'data'))) {
      for (const pack of readdirSync(join(root, 'data', one))) rmSync(join(root, 'data', one, pack));
    }
    const settings = { path: root, purposes: ['restic', 'files'], restic: { password: 'env:ANY' } };
    const seen = await told(settings, RESTIC_PASSWORD, { path: STORE, digest: 'none' });
    expect(seen).toMatchObject({
      blindSpot: null,
      items: [
        {
          moment: '2026-11-20T02:00:00.000Z',
          complete: false,
          because: 'restic lists it, and not one file of its data is there: nothing of it can be restored',
        },
      ],
    });
  },
  60_000,
);

describe('a path of the host that is a symbolic link into a set', () => {
  it('is in it as the live one itself, and no copy', async () => {
    const root = join(scratch.path, 'linked-into');
    const live = join(scratch.path, 'leading-in');
    mkdirSync(live);
    for (const [day, text] of [
      ['2026-11-20T02-00-00Z', 'a'],
      ['2026-11-21T02-00-00Z', 'b'],
    ] as const) {
      mkdirSync(join(root, day, live, 'state'), { recursive: true });
      writeFileSync(join(root, day, live, 'boot.env'), text);
      writeFileSync(join(root, day, live, 'state/a'), text);
      writeFileSync(join(root, day, 'DONE'), '');
    }
    const newest = join(root, '2026-11-21T02-00-00Z', live);
    symlinkSync(join(newest, 'boot.env'), join(live, 'boot.env'));
    symlinkSync(join(newest, 'state'), join(live, 'state'));
    const files = { timeFormat: 'YYYY-MM-DDTHH-mm-ssZ', completionMarker: 'DONE' };
    const settings = { path: root, purposes: ['files'], files };
    for (const of of [
      { path: join(live, 'boot.env'), digest: 'file' },
      { path: join(live, 'state'), digest: 'tree' },
    ] as const) {
      const { items } = await told(settings, '', { ...of, isHere: true });
      expect(items).toMatchObject([
        { complete: false, because: expect.stringContaining('is the live one itself') },
        { complete: true },
      ]);
    }
  });
});

describe('files in dated tar archives', () => {
  const root = join(scratch.path, 'archives');
  const settings = (path: string) => ({
    path,
    purposes: ['files'],
    files: { layout: 'archives', timeFormat: 'YYYY-MM-DDTHH-mm-ssZ' },
  });
  const pack = (name: string, ...how: readonly string[]) =>
    execFileSync('tar', [...how, '-cf', join(root, name), '-C', '/', source.slice(1)]);

  beforeAll(() => {
    mkdirSync(root);
    pack('2026-11-18T02-00-00Z.tar', '--format=gnu');
    pack('2026-11-19T02-00-00Z.tar.gz', '-z', '--format=posix');
    pack('2026-11-20T02-00-00Z.tgz', '-z');
    writeFileSync(join(root, 'notes.txt'), 'no archive');
  });

  it('of zeros alone are no copies, however large', async () => {
    const zeros = join(scratch.path, 'zeros');
    mkdirSync(zeros);
    writeFileSync(join(zeros, '2026-11-21T02-00-00Z.tar'), Buffer.alloc(300_000));
    const found = await told(settings(zeros), '', { path: STORE, digest: 'none' });
    expect(found).toMatchObject({
      blindSpot: null,
      items: [{ complete: false, present: false, because: expect.stringContaining('it holds only zeros') }],
    });
    // What comes after zeros is no archive that anybody knows, and may be one in another form.
    writeFileSync(join(zeros, '2026-11-21T02-00-00Z.tar'), Buffer.concat([Buffer.alloc(300_000), Buffer.from('x')]));
    expect(await told(settings(zeros), '', { path: STORE, digest: 'none' })).toMatchObject({
      items: [],
      blindSpot: { reason: 'unsupported' },
    });
  });

  it('are copies as of the time in their names, with the digests of the live files', async () => {
    const { items } = await told(settings(root), '', { path: STORE, digest: 'none' });
    expect(items).toMatchObject([
      { copy: '2026-11-20T02-00-00Z.tgz', complete: true, present: true, files: 2, bytes: 7 },
      { copy: '2026-11-19T02-00-00Z.tar.gz', complete: true, present: true, files: 2, bytes: 7 },
      { copy: '2026-11-18T02-00-00Z.tar', complete: true, present: true, files: 2, bytes: 7 },
    ]);
    const live = [await liveDigest('bootstrap', BOOTSTRAP), await liveDigest('state-directory', STATE)];
    const file = await told(settings(root), '', { path: BOOTSTRAP, digest: 'file' });
    expect(file.items.map((item) => ('digest' in item ? item.digest : ''))).toEqual([live[0], live[0], live[0]]);
    const tree = await told(settings(root), '', { path: STATE, digest: 'tree' });
    expect(tree.items.map((item) => ('digest' in item ? item.digest : ''))).toEqual([live[1], live[1], live[1]]);
  });

  it('do not count for a small file of which they hold NUL bytes alone', async () => {
    const zeros = join(scratch.path, 'zeros-inside');
    const other = join(scratch.path, 'crashed');
    for (const [name, content] of [
      ['2026-11-20T02-00-00Z.tar', Buffer.alloc(4)],
      ['2026-11-19T02-00-00Z.tar', Buffer.from('A=1\n')],
    ] as const) {
      const file = join(other, BOOTSTRAP);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      mkdirSync(zeros, { recursive: true });
      execFileSync('tar', ['-cf', join(zeros, name), '-C', other, BOOTSTRAP.slice(1)]);
    }
    const { items } = await told(settings(zeros), '', { path: BOOTSTRAP, digest: 'file' });
    expect(items).toMatchObject([
      { present: true, complete: false, because: expect.stringContaining('NUL bytes alone') },
      { present: true, complete: true, digest: await liveDigest('bootstrap', BOOTSTRAP) },
    ]);
  });

  it('that are made from the source root on are named from there', async () => {
    const relative = join(scratch.path, 'relative');
    mkdirSync(relative);
    execFileSync('tar', ['-cf', join(relative, '2026-11-20T02-00-00Z.tar'), '-C', source, '.']);
    const { files } = settings(relative);
    const { items } = await told({ ...settings(relative), files: { ...files, sourceRoot: source } }, '', {
      path: STORE,
      digest: 'none',
    });
    expect(items).toMatchObject([{ complete: true, present: true, files: 2, bytes: 7 }]);
  });

  it('are looked into directory by directory, and paths are taken for what they lead to', async () => {
    const many = join(scratch.path, 'many');
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      mkdirSync(join(many, name), { recursive: true });
      const below = name === 'e' ? 'srv/acme' : 'srv/beta';
      execFileSync('tar', [
        '-cf',
        join(many, name, '2026-11-20T02-00-00Z.tar'),
        '-C',
        '/',
        join(source, below).slice(1),
      ]);
    }
    const { items } = await told(settings(many), '', { path: `${join(source, 'srv/beta')}/../acme`, digest: 'none' });
    expect(items).toMatchObject([{ copy: 'e/2026-11-20T02-00-00Z.tar', present: true, files: 2 }]);
  });

  it('that nobody can open are a blind spot and no gap', async () => {
    const closed = join(scratch.path, 'closed');
    mkdirSync(closed);
    writeFileSync(join(closed, '2026-11-20T02-00-00Z.tar.age'), `age-encryption.org/v1\n${'x'.repeat(4000)}`);
    writeFileSync(join(closed, '2026-11-19T02-00-00Z.tar.lzo'), Buffer.alloc(4000, 7));
    writeFileSync(join(closed, '2026-11-18T02-00-00Z.tar'), '');
    truncateSync(join(closed, '2026-11-18T02-00-00Z.tar'), 65 * 1024 ** 3);
    const { items, blindSpot } = await told(settings(closed), '', { path: STORE, digest: 'none' });
    expect(items).toEqual([]);
    expect(blindSpot).toMatchObject({
      reason: 'unsupported',
      detail: expect.stringContaining('2026-11-20T02-00-00Z.tar.age: it is a file encrypted with age, and 2 more'),
    });
  });

  it('that are cut off anywhere are not complete, and do not hide the others', async () => {
    const cut = join(scratch.path, 'cut');
    cpSync(root, cut, { recursive: true });
    truncateSync(join(cut, '2026-11-20T02-00-00Z.tgz'), 300);
    truncateSync(join(cut, '2026-11-18T02-00-00Z.tar'), 4096);
    const { items } = await told(settings(cut), '', { path: STORE, digest: 'none' });
    expect(items.map((item) => 'complete' in item && item.complete)).toEqual([false, true, false]);
    expect(readdirSync(cut)).toHaveLength(4);
    // The digests of the whole one are told, whatever is in the others.
    const path = { path: BOOTSTRAP, digest: 'file' } as const;
    for (const length of [512, 2048, 4096, 8192]) {
      cpSync(join(root, '2026-11-18T02-00-00Z.tar'), join(cut, '2026-11-18T02-00-00Z.tar'));
      truncateSync(join(cut, '2026-11-18T02-00-00Z.tar'), length);
      const { items: files, blindSpot } = await told(settings(cut), '', path);
      expect(blindSpot).toBeNull();
      expect(files.map((item) => 'digest' in item && item.digest !== null)).toEqual([false, true, false]);
    }
  });
});

describe('dated tar archives of GNU tar', () => {
  const root = join(scratch.path, 'gnu');
  const kept = join(root, 'srv');
  const settings = (path: string) => ({
    path,
    purposes: ['files'],
    files: { layout: 'archives', timeFormat: 'YYYY-MM-DD' },
  });
  const pack = (file: string, ...how: readonly string[]) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    execFileSync('tar', [...how, '-cf', join(root, file), '-C', '/', kept.slice(1)]);
  };
  const seen = (directory: string) => told(settings(join(root, directory)), '', { path: kept, digest: 'tree' });

  beforeAll(() => {
    mkdirSync(kept, { recursive: true });
    // Holes between more pieces than the header of a member has room for.
    const sparse = openSync(join(kept, 'sparse'), 'w');
    for (let piece = 0; piece < 40; piece += 1) writeSync(sparse, 'x'.repeat(4096), piece * 1024 * 1024);
    ftruncateSync(sparse, 50 * 1024 * 1024);
    closeSync(sparse);
    writeFileSync(join(kept, 'plain'), 'one');
  });

  it.each([
    ['--format=gnu'],
    ['--format=posix'],
    ['--format=posix', '--sparse-version=0.1'],
    ['--format=posix', '--sparse-version=0.0'],
  ])('hold sparse files with the size that they have, and no digest of what is stored: %s %s', async (...how) => {
    const place = how.join('').replaceAll('=', '');
    pack(`${place}/2026-11-20.tar`, '-S', ...how);
    expect(statSync(join(root, place, '2026-11-20.tar')).size).toBeLessThan(1024 * 1024);
    const { items, blindSpot } = await seen(place);
    expect(blindSpot).toBeNull();
    expect(items).toMatchObject([{ complete: true, files: 2, bytes: 50 * 1024 * 1024 + 3, digest: null }]);
    const names = await named(settings(join(root, place)), '', join(kept, 'sparse'));
    expect(names).toMatchObject([{ bytes: 50 * 1024 * 1024 }]);
  });

  it.each(['gnu', 'posix'])(
    'that hold only what changed are none by themselves, which a full one is: %s',
    async (format) => {
      const how = ['-S', `--format=${format}`, `--listed-incremental=${join(root, `${format}.snar`)}`];
      pack(`full-${format}/2026-11-20.tar`, ...how);
      expect(await seen(`full-${format}`)).toMatchObject({ blindSpot: null, items: [{ complete: true, files: 2 }] });
      writeFileSync(join(kept, `later-${format}`), 'two');
      pack(`changed-${format}/2026-11-21.tar`, ...how);
      const { items, blindSpot } = await seen(`changed-${format}`);
      expect(items).toEqual([]);
      expect(blindSpot?.detail).toContain('it is an incremental archive of GNU tar');
      rmSync(join(kept, `later-${format}`));
    },
  );
});

describe('a dated tar archive to which something else was appended under the names of its files', () => {
  const root = join(scratch.path, 'appended');
  const kept = join(root, 'srv');
  const archive = join(root, 'sets/2026-11-20.tar');
  const settings = {
    path: join(root, 'sets'),
    purposes: ['files'],
    files: { layout: 'archives', timeFormat: 'YYYY-MM-DD' },
  };
  const tree = () => told(settings, '', { path: kept, digest: 'tree' });

  it('holds what lies there last, as tar extracts it', async () => {
    mkdirSync(join(root, 'sets'), { recursive: true });
    mkdirSync(kept);
    for (const name of ['one', 'two', 'three']) writeFileSync(join(kept, name), name);
    execFileSync('tar', ['-cf', archive, '-C', '/', kept.slice(1)]);
    const { items } = await tree();
    expect(items).toMatchObject([{ complete: true, files: 3, bytes: 11 }]);
    rmSync(join(kept, 'one'));
    symlinkSync('/dev/null', join(kept, 'one'));
    rmSync(join(kept, 'two'));
    mkdirSync(join(kept, 'two'));
    writeFileSync(join(kept, 'three'), 'another');
    execFileSync('tar', [
      '-rf',
      archive,
      '-C',
      '/',
      ...['one', 'two', 'three'].map((name) => join(kept, name).slice(1)),
    ]);
    const { items: after } = await tree();
    expect(after).toMatchObject([{ complete: true, files: 1, bytes: 7 }]);
    expect(after[0]).not.toHaveProperty('digest', items[0] && 'digest' in items[0] ? items[0].digest : null);
    const file = await told(settings, '', { path: join(kept, 'one'), digest: 'file' });
    expect(file.items).toMatchObject([{ present: false }]);
  });
});

describe('files without a byte in a dated tar archive', () => {
  const settings = (path: string) => ({
    path,
    purposes: ['files'],
    files: { layout: 'archives', timeFormat: 'YYYY-MM-DD' },
  });
  const path = { path: '/srv/acme', digest: 'none' } as const;

  it('are told as that, and an archive without a byte is none', async () => {
    const root = join(scratch.path, 'without-bytes');
    mkdirSync(root);
    writeFileSync(join(root, '2026-11-20.tar'), tarOfMembers([{ name: 'srv/acme/1.bin' }]));
    writeFileSync(join(root, '2026-11-19.tar'), '');
    const { items } = await told(settings(root), '', path);
    expect(items).toMatchObject([
      { copy: '2026-11-20.tar', complete: true, files: 1, bytes: 0 },
      { copy: '2026-11-19.tar', complete: false, present: false },
    ]);
  });

  it('hold those of another name of theirs', async () => {
    const root = join(scratch.path, 'linked');
    mkdirSync(root);
    const members = [
      { name: 'all/1.bin', content: 'some' },
      { name: 'srv/acme/1.bin', type: '1', linkName: 'all/1.bin' },
    ];
    writeFileSync(join(root, '2026-11-20.tar'), tarOfMembers(members));
    const { items } = await told(settings(root), '', path);
    expect(items).toMatchObject([{ complete: true, present: true, files: 1, bytes: 4 }]);
  });
});

describe('files of which nobody saw what copies hold', () => {
  const root = join(scratch.path, 'stated');
  const path = { path: STORE, digest: 'none' } as const;

  it('are told by a listing of snapshots for the directories that are stated, of grade declared', async () => {
    mkdirSync(root, { recursive: true });
    const made = new Date(Date.now() - 3_600_000);
    const seconds = Math.floor(made.getTime() / 1000);
    const line = (name: string) => [name, seconds, 0].join('\t');
    writeFileSync(join(root, 'zfs'), `${[line('tank/files@daily'), line('tank/other@daily')].join('\n')}\n`);
    const filesystemSnapshots = {
      listing: 'zfs',
      format: 'zfs',
      sources: ['tank/files', 'tank/other'],
      directories: [{ source: 'tank/files', path: join(source, 'srv') }],
    };
    const settings = {
      path: root,
      purposes: ['filesystem-snapshots', 'files'],
      filesystemSnapshots,
      failureDomain: { host: 'nas' },
    };
    const listed = await told(settings, '', path);
    expect(listed).toMatchObject({
      grade: 'declared',
      blindSpot: null,
      items: [{ copy: 'tank/files@daily', present: true, complete: true }],
    });
    const elsewhere = await told(settings, '', { path: STATE, digest: 'tree' });
    expect(elsewhere.items.map((item) => 'present' in item && item.present)).toEqual([false]);
  });

  it('are told by rows of an inventory, of grade declared', async () => {
    mkdirSync(root, { recursive: true });
    const rows = [
      'path,moment,method,where,complete,owner,recordedAt',
      `${join(source, 'srv')},2026-11-20T02:00:00Z,Veeam,vault 7,true,backup team,2026-11-20T06:00:00Z`,
      'not absolute,2026-11-20T02:00:00Z,Veeam,vault 7,true,backup team,2026-11-20T06:00:00Z',
    ];
    writeFileSync(join(root, 'list.csv'), `${rows.join('\n')}\n`);
    const settings = { path: root, purposes: ['inventory', 'files'], inventory: { file: 'list.csv', format: 'csv' } };
    expect(await told(settings, '', path)).toMatchObject({
      grade: 'declared',
      blindSpot: { reason: 'malformed', detail: expect.stringContaining('row 3: path is no absolute path') },
      items: [{ copy: 'row 2: vault 7', moment: '2026-11-20T02:00:00.000Z', present: true, complete: true }],
    });
  });
});

describe('files in a mirror', () => {
  const root = join(scratch.path, 'mirror');
  const settings = {
    path: root,
    purposes: ['files'],
    files: { layout: 'mirror', completionMarker: 'DONE', sourceRoot: source },
  };

  it('are one copy, as of when its completion marker was written', async () => {
    cpSync(source, root, { recursive: true });
    const without = await told(settings, '', { path: STORE, digest: 'none' });
    expect(without).toMatchObject({ items: [], blindSpot: { reason: 'malformed' } });
    writeFileSync(join(root, 'DONE'), '');
    utimesSync(join(root, 'DONE'), new Date('2026-11-20T02:00:00Z'), new Date('2026-11-20T02:00:00Z'));
    const { items } = await told(settings, '', { path: STORE, digest: 'none' });
    expect(items).toMatchObject([
      { copy: '.', moment: '2026-11-20T02:00:00.000Z', complete: true, present: true, files: 2 },
    ]);
    const tree = await told(settings, '', { path: STATE, digest: 'tree' });
    expect(tree.items).toMatchObject([{ digest: await liveDigest('state-directory', STATE) }]);
    const file = await told(settings, '', { path: BOOTSTRAP, digest: 'file' });
    expect(file.items).toMatchObject([{ digest: await liveDigest('bootstrap', BOOTSTRAP) }]);
  });
});

describe('hard links in archives', () => {
  const target = join('linked', 'one.txt');
  const long = join('linked', `${'second-name-'.repeat(12)}.txt`);
  const deeply = join('linked', `${'first-name-'.repeat(12)}.txt`);

  let count = 0;

  function packed(format: string, without: string | null): string {
    count += 1;
    const name = `hard-linked-${count}`;
    const work = join(scratch.path, name);
    mkdirSync(join(work, 'linked'), { recursive: true });
    writeFileSync(join(work, target), 'content');
    writeFileSync(join(work, deeply), 'longer content');
    linkSync(join(work, target), join(work, 'linked/two.txt'));
    linkSync(join(work, deeply), join(work, long));
    const root = join(scratch.path, `${name}-set`);
    mkdirSync(root);
    const archive = join(root, '2026-11-20.tar');
    execFileSync('tar', [`--format=${format}`, '-cf', archive, '-C', work, target, 'linked/two.txt', deeply, long]);
    if (without !== null) execFileSync('tar', ['--delete', '-f', archive, without]);
    return root;
  }

  it.each(['gnu', 'posix'])('have the sizes of their targets, and are no files without them: %s', async (format) => {
    const seen = async (without: string | null) => {
      const settings = {
        path: packed(format, without),
        purposes: ['files'],
        files: { layout: 'archives', timeFormat: 'YYYY-MM-DD' },
      };
      const sizeOf = async (path: string) => (await named(settings, 'none', path)).map(({ bytes }) => bytes);
      return [await sizeOf('linked/two.txt'), await sizeOf(long)];
    };
    expect(await seen(null)).toEqual([[7], [14]]);
    expect(await seen(target)).toEqual([[], [14]]);
    expect(await seen(deeply)).toEqual([[7], []]);
  });
});
