import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBarmanCatalog } from '../../../../src/collect/backups/physical/barman-catalog.ts';
import type { PhysicalContents, PhysicalCopy } from '../../../../src/collect/backups/physical/physical-copy.ts';
import type { RepositoryReading } from '../../../../src/collect/backups/physical/repository-reading.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { type Barman, barmanUnavailable, startBarman } from '../../../services/barman.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const run = promisify(execFile);
const missing = barmanUnavailable();

const reading: RepositoryReading = {
  depth: 'structure',
  declaredServer: 'accounts',
  signal: new AbortController().signal,
  blindSpotOf: (error) =>
    error instanceof SourceError
      ? { reason: error.reason, detail: error.message, remedy: error.remedy }
      : { reason: 'malformed', detail: `defect: ${String(error)}`, remedy: '' },
};

function read(root: string, changes: Partial<RepositoryReading> = {}): Promise<PhysicalContents> {
  return readBarmanCatalog(localDirectoryTree({ root }), { ...reading, ...changes });
}

function copyOf(contents: PhysicalContents, id: string): PhysicalCopy {
  const found = contents.copies.find((copy) => copy.label.endsWith(id));
  if (found === undefined) throw new Error(`no copy ${id} among ${contents.copies.map((copy) => copy.label)}`);
  return found;
}

describe.skipIf(missing)(`a real Barman catalogue${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let barman: Barman;
  let done = '';
  let waiting = '';
  let failed = '';
  let started = '';

  beforeAll(async () => {
    barman = await startBarman();
    const tablespace = join(barman.home, '..', 'tablespace');
    await run('install', ['--directory', '--owner', String((await stat(barman.home)).uid), tablespace]);
    await barman.postgres.query(`create tablespace elsewhere location '${tablespace}'`);
    await barman.postgres.query('create database acme tablespace elsewhere');
    await barman.postgres.query('create table kept as select generate_series(1, 1000) as n', 'acme');
    done = await barman.backup();
    for (let segment = 0; segment < 4; segment += 1) await barman.switchWal();
    failed = await barman.brokenBackup('pg_basebackup');
    started = await barman.brokenBackup('both');
    waiting = await barman.backup({ archive: false });
    await writeFile(join(barman.home, 'main', 'incoming', 'notes.txt'), 'no WAL');
  });
  afterAll(() => barman?.[Symbol.asyncDispose]());

  /** A copy of the catalogue that a test may damage. */
  async function damaged(
    damage: (home: string) => Promise<void>,
    changes: Partial<RepositoryReading> = {},
  ): Promise<PhysicalContents> {
    using scratch = scratchDirectory('barman-damaged');
    const home = join(scratch.path, 'home');
    // Hard links instead of bytes: whatever is changed must be replaced, not written into.
    await run('cp', ['--archive', '--link', barman.home, home]);
    await damage(home);
    return await read(home, changes);
  }

  test('only DONE is complete, with everything that backup.info tells', async () => {
    expect(await barman.states()).toEqual(
      new Map([
        [waiting, 'WAITING_FOR_WALS'],
        [started, 'STARTED'],
        [failed, 'FAILED'],
        [done, 'DONE'],
      ]),
    );
    const contents = await read(barman.home);
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies.map((copy) => [copy.label, copy.integrity])).toEqual([
      [`main/${done}`, 'complete'],
      [`main/${failed}`, 'incomplete'],
      [`main/${started}`, 'incomplete'],
      [`main/${waiting}`, 'incomplete'],
    ]);
    const copy = copyOf(contents, done);
    const [control] = await barman.postgres.query(
      "select system_identifier::text as id, current_setting('server_version') as version from pg_control_system()",
    );
    const databases = await barman.postgres.query('select oid::int from pg_database order by oid');
    const path = join(barman.home, copy.path);
    const manifest = await stat(join(path, 'data', 'backup_manifest'));
    expect(copy).toMatchObject({
      path: `main/base/${done}`,
      method: 'barman',
      format: 'plain, postgres',
      kind: 'full',
      needs: [],
      cluster: { systemIdentifier: control?.['id'], endpoints: [], declaredServer: 'accounts' },
      timeline: 1,
      databases: databases.map(({ oid }) => ({ oid, name: null })),
      timesFrom: 'backup.info',
      serverVersion: String(control?.['version']).split(' ')[0],
      readToEnd: false,
      encrypted: false,
    });
    expect(copy.startedAt && copy.stoppedAt && copy.startedAt < copy.stoppedAt).toBe(true);
    expect(Math.abs(Date.parse(copy.stoppedAt ?? '') - manifest.mtimeMs)).toBeLessThan(30_000);
    expect(copy.wal?.inside).toBe(false);
    expect(copy.wal?.firstSegment).toMatch(/^00000001[0-9A-F]{16}$/);
    expect(copy.bytes).toBeGreaterThan(20_000_000);
  });

  test('the reason of each copy that does not count names its state', async () => {
    const contents = await read(barman.home);
    expect(copyOf(contents, failed).integrityBecause).toContain('failed');
    expect(copyOf(contents, failed).stoppedAt).toBeNull();
    expect(copyOf(contents, started).integrityBecause).toContain('STARTED');
    expect([started, waiting, failed, done].map((id) => copyOf(contents, id).beingTaken === true)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const { integrityBecause, wal } = copyOf(contents, waiting);
    expect(integrityBecause).toContain(`WAL segment ${wal?.firstSegment}`);
  });

  test('one server directory gives the same as its home, with shorter labels', async () => {
    const whole = await read(barman.home);
    const one = await read(join(barman.home, 'main'));
    const shorter = (text: string) => text.replace(/^main\//, '');
    expect(one.copies).toEqual(
      whole.copies.map((copy) => ({ ...copy, label: shorter(copy.label), path: shorter(copy.path) })),
    );
    expect(one.archives).toEqual(whole.archives.map((archive) => ({ ...archive, path: shorter(archive.path) })));
  });

  test('the WAL archive is unbroken, and what is not archived is listed with its reason', async () => {
    const { archives, unmatched } = await read(barman.home);
    expect(archives).toHaveLength(1);
    const [archive] = archives;
    expect(archive?.segmentBytes).toBe(16 * 1024 * 1024);
    expect(archive?.timelines).toHaveLength(1);
    expect(archive?.timelines[0]).toMatchObject({ timeline: 1, gaps: [], missing: 0 });
    const last = archive?.timelines[0];
    expect(last?.previousArchivedAt !== null && (last?.previousArchivedAt ?? '') <= (last?.lastArchivedAt ?? '')).toBe(
      true,
    );
    expect(unmatched).toEqual([
      expect.objectContaining({ path: 'main/incoming/notes.txt', what: expect.stringContaining('incoming/') }),
    ]);
  });

  test.each([true, false])(
    'a backup that waited is complete once its WAL is archived and listed (%s), before Barman notices',
    async (isListed) => {
      const listed: string[] = [];
      const { firstSegment, lastSegment } = copyOf(await read(barman.home), waiting).wal ?? {};
      const contents = await damaged(async (home) => {
        const first = firstSegment ?? '';
        const folder = join(home, 'main', 'wals', first.slice(0, 16));
        const [any = ''] = (await readdir(folder)).filter((name) => name.length === 24);
        for (let name = first; name <= (lastSegment ?? ''); name = segmentAfter(name, 1)) {
          const segment = await readFile(join(folder, any));
          // Each page says where it belongs (xlog_internal.h, `xlp_pageaddr`), but those behind a switch.
          for (let at = 0; at < segment.length; at += 8192) {
            if (segment.readUInt16LE(at) === 0) break;
            segment.writeBigUInt64LE(BigInt(Number.parseInt(name.slice(16), 16)) * 2n ** 24n + BigInt(at), at + 8);
          }
          await writeFile(join(folder, name), segment);
          listed.push(`${name}\t${segment.length}\t1795383756.0\tNone\n`);
        }
        const list = join(home, 'main', 'wals', 'xlog.db');
        if (isListed) await replace(list, Buffer.from((await readFile(list, 'utf8')) + listed.join('')));
      });
      expect(copyOf(contents, waiting)).toMatchObject({ integrity: isListed ? 'complete' : 'incomplete' });
      expect(contents.unmatched.some(({ what }) => /lacks \d archived WAL segment/.test(what))).toBe(!isListed);
    },
  );

  test('a hole in the WAL is a gap, and the list of archived WAL tells of it', async () => {
    const whole = (await read(barman.home)).archives[0]?.timelines[0];
    const hole = segmentAfter(whole?.firstSegment ?? '', 2);
    const contents = await damaged((home) => rm(join(home, 'main', 'wals', hole.slice(0, 16), hole)));
    expect(contents.archives[0]?.timelines[0]).toMatchObject({ gaps: [{ first: hole, last: hole }], missing: 1 });
    expect(contents.unmatched.map(({ what }) => what)).toContain(
      `the list of archived WAL lists 1 WAL segment that is gone, from ${hole} on`,
    );
  });

  test('a segment without a byte counts as missing', async () => {
    const hole = segmentAfter((await read(barman.home)).archives[0]?.timelines[0]?.firstSegment ?? '', 1);
    const contents = await damaged((home) =>
      replace(join(home, 'main', 'wals', hole.slice(0, 16), hole), Buffer.alloc(0)),
    );
    expect(contents.archives[0]?.timelines[0]?.missing).toBe(1);
  });

  test.each([
    ['a deleted table', 'data/base/5', /bytes less than Barman recorded/],
    ['no pg_control', 'data/global/pg_control', /pg_control is missing/],
    ['no backup_label', 'data/backup_label', /backup_label is missing/],
    ['no data at all', 'data', /pg_control is missing/],
  ])('%s makes it incomplete', async (_what, path, because) => {
    const contents = await damaged((home) => rm(join(home, 'main', 'base', done, path), { recursive: true }));
    expect(copyOf(contents, done)).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringMatching(because),
    });
  });

  test('a data file that lost its last 8 KiB makes it incomplete', async () => {
    const contents = await damaged(async (home) => {
      const file = join(home, 'main', 'base', done, 'data', 'base', '5', '1259');
      await replace(file, (await readFile(file)).subarray(0, -8192));
    });
    expect(copyOf(contents, done).integrity).toBe('incomplete');
  });

  test('a data file with other bytes in it is not noticed without a verification', async () => {
    const contents = await damaged(async (home) => {
      const file = join(home, 'main', 'base', done, 'data', 'base', '5', '1259');
      await replace(file, Buffer.alloc((await stat(file)).size, 7));
    });
    expect(copyOf(contents, done)).toMatchObject({ integrity: 'complete', readToEnd: false });
    expect(copyOf(contents, done).integrityBecause).toContain('no checksum');
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, text.indexOf('status='))],
    ['with a state of its own', (text: string) => text.replace('status=DONE', 'status=done')],
    ['with another end of its WAL', (text: string) => text.replace(/end_wal=\d+/, 'end_wal=tomorrow')],
    ['empty', () => ''],
  ])('a backup.info %s makes it incomplete and is no blind spot', async (_how, change) => {
    const contents = await damaged(async (home) => {
      const file = join(home, 'main', 'base', done, 'backup.info');
      await replace(file, Buffer.from(change(await readFile(file, 'utf8'))));
    });
    expect(contents.blindSpot).toBeNull();
    expect(copyOf(contents, done)).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringContaining('backup.info is damaged'),
      cluster: { systemIdentifier: expect.stringMatching(/^\d{15,20}$/) },
    });
  });

  test('files without backup.info are listed, not taken for a copy', async () => {
    const contents = await damaged((home) => rm(join(home, 'main', 'base', done, 'backup.info')));
    expect(contents.copies.some((copy) => copy.label.endsWith(done))).toBe(false);
    expect(contents.unmatched).toContainEqual(
      expect.objectContaining({
        path: `main/base/${done}`,
        what: expect.stringContaining('Barman does not know it'),
      }),
    );
  });

  test('what Barman refused to archive is listed with its reason', async () => {
    await barman.archiveWal();
    const errors = (await read(barman.home)).unmatched.filter(({ path }) => path.startsWith('main/errors/'));
    expect(errors).toEqual([
      expect.objectContaining({
        path: expect.stringMatching(/notes\.txt\..*\.unknown$/),
        what: expect.stringContaining('refused to archive'),
      }),
    ]);
    expect(copyOf(await read(barman.home), waiting).integrity).toBe('complete');
  });

  test('read in full, a whole copy agrees with the manifest that pg_basebackup left, tablespaces included', async () => {
    const contents = await read(barman.home, { depth: 'full' });
    expect(contents.blindSpot).toBeNull();
    expect(copyOf(contents, done)).toMatchObject({ integrity: 'complete', readToEnd: true });
    expect(copyOf(contents, done).integrityBecause).toContain('with their sizes and checksums');
    expect(copyOf(contents, failed)).toMatchObject({ integrity: 'incomplete', readToEnd: false });
  });

  test.each(['data/base/5/1259', 'tablespace'])('read in full, one flipped bit in %s is noticed', async (where) => {
    const contents = await damaged(
      async (home) => {
        const backup = join(home, 'main', 'base', done);
        const below = await readdir(backup, { recursive: true });
        const table = below.find((name) => /^\d+\/PG_15_\d+\/\d+\/\d+$/.test(name)) ?? '';
        const file = join(backup, where === 'tablespace' ? table : where);
        const bytes = await readFile(file);
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        await replace(file, bytes);
      },
      { depth: 'full' },
    );
    expect(copyOf(contents, done)).toMatchObject({ integrity: 'incomplete' });
  });

  test('only whole copies are verified, only at depth full, and the verdict is the verifier’s', async () => {
    const seen: string[] = [];
    const verifyDataDirectory = async (directory: string) => {
      seen.push(directory);
      return { integrity: 'incomplete', integrityBecause: 'a byte differs', readToEnd: true } as const;
    };
    await read(barman.home, { verifyDataDirectory });
    expect(seen).toEqual([]);
    const contents = await read(barman.home, { depth: 'full', verifyDataDirectory });
    expect(seen).toContain(`main/base/${done}/data`);
    expect(seen).not.toContain(`main/base/${failed}/data`);
    expect(copyOf(contents, done)).toMatchObject({ integrity: 'incomplete', integrityBecause: 'a byte differs' });
  });

  test('nothing is written', async () => {
    const before = await digestOf(barman.home);
    await read(barman.home, { depth: 'full' });
    expect(await digestOf(barman.home)).toBe(before);
  });
});

async function replace(file: string, bytes: Uint8Array): Promise<void> {
  await rm(file);
  await writeFile(file, bytes);
}

function segmentAfter(segment: string, steps: number): string {
  const next = Number.parseInt(segment.slice(16), 16) + steps;
  return segment.slice(0, 16) + next.toString(16).toUpperCase().padStart(8, '0');
}

/** Names, times, owners and bytes of everything below a directory. */
async function digestOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, name);
    const stats = await stat(path);
    hash.update(`${name}\0${stats.mode}\0${stats.mtimeMs}\0${stats.ctimeMs}\0${stats.size}\0`);
    if (stats.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}
