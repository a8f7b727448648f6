import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBarmanCatalog } from '../../../../src/collect/backups/physical/barman-catalog.ts';
import type { PhysicalContents } from '../../../../src/collect/backups/physical/physical-copy.ts';
import type { RepositoryReading } from '../../../../src/collect/backups/physical/repository-reading.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { compressedSegmentOf, controlFileOf } from './small-cluster-files.ts';

/* Layouts and states that the Barman of the other tests does not produce, by the public source of releases up to 3.16. */

const FIRST = '20260101T000000';
const SECOND = '20260102T000000';
const THIRD = '20260103T000000';

let scratch: ScratchDirectory;
let root = '';
beforeEach(() => {
  scratch = scratchDirectory('barman-layouts');
  root = scratch.path;
});
afterEach(() => scratch[Symbol.dispose]());

const reading: RepositoryReading = {
  depth: 'structure',
  declaredServer: null,
  signal: new AbortController().signal,
  blindSpotOf: (error) =>
    error instanceof SourceError
      ? { reason: error.reason, detail: error.message, remedy: error.remedy }
      : { reason: 'malformed', detail: `defect: ${String(error)}`, remedy: '' },
};

const read = (changes: Partial<RepositoryReading> = {}): Promise<PhysicalContents> =>
  readBarmanCatalog(localDirectoryTree({ root }), { ...reading, ...changes });

async function put(path: string, content: string | Buffer = 'x'): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

function info(changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    begin_time: '2026-01-01 00:00:00+00:00',
    begin_wal: '000000010000000000000002',
    begin_xlog: '0/2000028',
    end_time: '2026-01-01 00:05:00+00:00',
    end_wal: '000000010000000000000003',
    end_xlog: '0/3000100',
    mode: 'postgres',
    size: '2',
    status: 'DONE',
    systemid: SYSTEM,
    tablespaces: 'None',
    timeline: '1',
    version: '170004',
    ...changes,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function putBackup(server: string, id: string, changes: Readonly<Record<string, string>> = {}): Promise<void> {
  await put(`${server}/base/${id}/backup.info`, info(changes));
  await put(`${server}/base/${id}/data/global/pg_control`, controlFileOf(changes['systemid'] ?? SYSTEM));
  await put(`${server}/base/${id}/data/backup_label`);
}

const SYSTEM = '7711114476114193322';
const line = (segment: string): string => `${segment}\t16777216\t1795383752.3\tNone\n`;

/** Archived segments, listed as Barman lists what it archives. */
async function putWal(server: string, segments: readonly string[], systemIdentifier = SYSTEM): Promise<void> {
  for (const segment of segments) {
    await put(`${server}/wals/${segment.slice(0, 16)}/${segment}`, compressedSegmentOf(segment, systemIdentifier));
  }
  await put(`${server}/wals/xlog.db`, segments.map(line).join(''));
}

const states = async () => (await read()).copies.map((copy) => copy.integrity);
const reasons = async () => (await read()).copies.map((copy) => copy.integrityBecause).join();

describe('Barman layouts', () => {
  test.each([
    ['EMPTY', 'incomplete'],
    ['STARTED', 'incomplete'],
    ['SYNCING', 'incomplete'],
    ['FAILED', 'incomplete'],
    ['WAITING_FOR_WALS', 'incomplete'],
    ['DONE', 'complete'],
    ['ARCHIVED_BY_A_NEWER_RELEASE', 'unproven'],
  ])('%s is %s', async (status, integrity) => {
    await putBackup('main', FIRST, { status });
    expect(await states()).toEqual([integrity]);
    expect(await reasons()).toContain(status === 'FAILED' ? 'failed' : status);
  });

  test('WAITING_FOR_WALS names the first segment that is missing, and none once all are there', async () => {
    await putBackup('main', FIRST, { status: 'WAITING_FOR_WALS' });
    await putWal('main', ['000000010000000000000002']);
    expect(await reasons()).toContain('000000010000000000000003');
    await putWal('main', ['000000010000000000000002', '000000010000000000000003']);
    expect(await states()).toEqual(['complete']);
  });

  test('pg_control inside a backup outweighs what its backup.info says of its cluster; a damaged one makes it incomplete', async () => {
    await putBackup('main', FIRST);
    await put(`main/base/${FIRST}/data/global/pg_control`, controlFileOf('42'));
    expect((await read()).copies[0]?.cluster.systemIdentifier).toBe('42');
    await put(`main/base/${FIRST}/data/global/pg_control`, controlFileOf('42').fill(1, 100, 110));
    expect(await reasons()).toBe('its pg_control is damaged: its checksum does not match');
    expect(await states()).toEqual(['incomplete']);
  });

  const PATH = 'main/wals/0000000100000000/000000010000000000000003';
  const NO_SEGMENT = 'it does not begin with the first page of a WAL segment';
  test.each([
    ['of zeros', Buffer.alloc(16 * 1024 * 1024), NO_SEGMENT],
    ['of another cluster', compressedSegmentOf('000000010000000000000003', '42'), 'it is of another cluster'],
    [
      'that is another one by its content',
      compressedSegmentOf('000000010000000000000002', SYSTEM),
      'it is another segment than its name says',
    ],
    [
      'of half the size',
      gunzipSync(compressedSegmentOf('000000010000000000000003', SYSTEM)),
      'it has 40 bytes, and a segment has 16777216',
    ],
  ])('a segment %s is missing, whatever it is called', async (_, content, because) => {
    await putBackup('main', FIRST);
    await putWal('main', ['000000010000000000000002', '000000010000000000000003']);
    expect((await read()).archives[0]?.timelines[0]?.lastSegment).toBe('000000010000000000000003');
    await put(PATH, content);
    const { archives, unmatched } = await read();
    expect(archives[0]?.timelines[0]?.lastSegment).toBe('000000010000000000000002');
    expect(unmatched.map(({ what }) => what)).toEqual([`a WAL segment that cannot be restored: ${because}`]);
  });

  test('a segment that is encrypted is left to its name', async () => {
    await putBackup('main', FIRST);
    await putWal('main', ['000000010000000000000002', '000000010000000000000003']);
    await put(PATH, 'an OpenPGP message');
    expect((await read()).archives[0]?.timelines[0]?.lastSegment).toBe('000000010000000000000003');
  });

  test.each([
    ['is empty', ''],
    ['is gone', null],
  ])('where the list of archived WAL %s, none of it would be restored', async (_, content) => {
    await putBackup('main', FIRST);
    await putWal('main', ['000000010000000000000002', '000000010000000000000003']);
    if (content === null) await rm(join(root, 'main/wals/xlog.db'));
    else await put('main/wals/xlog.db', content);
    const { archives, unmatched } = await read();
    expect(archives).toEqual([]);
    expect(unmatched[0]?.what).toMatch(/^the list of archived WAL .*; barman rebuild-xlogdb makes it anew$/);
  });

  test.each([
    ['of another timeline', '000000020000000000000003'],
    ['before it begins', '000000010000000000000001'],
    ['that is none of this size', '0000000100000000FFFFFFFF'],
  ])('WAITING_FOR_WALS with an end %s is damage', async (_what, end_wal) => {
    await putBackup('main', FIRST, { status: 'WAITING_FOR_WALS', end_wal });
    expect(await states()).toEqual(['incomplete']);
  });

  test('an incremental one needs its parents up to the full one, also where one is gone, and a circle ends', async () => {
    await putBackup('main', FIRST);
    await putBackup('main', SECOND, { parent_backup_id: FIRST, children_backup_ids: THIRD });
    await putBackup('main', THIRD, { parent_backup_id: SECOND });
    const chain = async () => (await read()).copies.map((copy) => [copy.kind, copy.needs]);
    expect(await chain()).toEqual([
      ['full', []],
      ['incremental', [`main/${FIRST}`]],
      ['incremental', [`main/${SECOND}`, `main/${FIRST}`]],
    ]);
    await rm(join(root, 'main/base', FIRST), { recursive: true });
    expect((await chain()).at(-1)).toEqual(['incremental', [`main/${SECOND}`, `main/${FIRST}`]]);
    await putBackup('main', SECOND, { parent_backup_id: THIRD });
    expect(await chain()).toEqual([
      ['incremental', [`main/${THIRD}`, `main/${SECOND}`]],
      ['incremental', [`main/${SECOND}`, `main/${THIRD}`]],
    ]);
  });

  test('compressed backups are archives: with that of each tablespace, and no databases told', async () => {
    const changes = { compression: 'gzip', tablespaces: "[('a', 16387, '/srv/a')]" };
    await put(`main/base/${FIRST}/backup.info`, info(changes));
    await put(`main/base/${FIRST}/data/base.tar.gz`);
    expect(await reasons()).toContain('tablespace 16387 is missing');
    await put(`main/base/${FIRST}/data/16387.tar.gz`);
    expect((await read()).copies[0]).toMatchObject({
      integrity: 'complete',
      format: 'tar, postgres, gzip',
      databases: null,
      encrypted: false,
    });
    await rm(join(root, 'main/base', FIRST, 'data/base.tar.gz'));
    expect(await reasons()).toContain('base.tar, is missing');
  });

  test('encrypted archives are told by their name', async () => {
    await put(`main/base/${FIRST}/backup.info`, info({ encryption: 'gpg' }));
    await put(`main/base/${FIRST}/data/base.tar.gpg`, 'longer than what was summed up before');
    expect((await read()).copies[0]).toMatchObject({ integrity: 'complete', encrypted: true });
  });

  test('snapshots of disks lie elsewhere', async () => {
    await put(`main/base/${FIRST}/backup.info`, info({ mode: 'snapshot' }));
    await put(`main/base/${FIRST}/data/backup_label`);
    expect((await read()).copies[0]).toMatchObject({ kind: 'snapshot', integrity: 'unproven' });
  });

  test('files shared by hard links are named, and counted in its size', async () => {
    await putBackup('main', FIRST, { mode: 'rsync-concurrent', size: '2', deduplicated_size: '1' });
    const [copy] = (await read()).copies;
    expect(copy?.format).toBe('plain, rsync-concurrent, 1 bytes shared with other backups by hard links');
    expect(copy?.bytes).toBe(8192 + 1 + info({ mode: 'rsync-concurrent', size: '2', deduplicated_size: '1' }).length);
  });

  test('backup.info in meta/ rules (backups in immutable storage), and a list of WAL with the server’s name is read', async () => {
    await putBackup('main', FIRST, { status: 'STARTED' });
    await put(`main/meta/${FIRST}-backup.info`, info());
    await putWal('main', ['000000010000000000000002', '000000010000000000000003']);
    await rm(join(root, 'main/wals/xlog.db'));
    await put('main/wals/main-xlog.db', line('000000010000000000000002') + line('000000010000000000000009'));
    const contents = await read();
    expect(contents.copies[0]?.integrity).toBe('complete');
    expect(contents.unmatched.map(({ what }) => what)).toEqual([
      'the list of archived WAL lists 1 WAL segment that is gone, from 000000010000000000000009 on',
      'the list of archived WAL lacks 1 archived WAL segment, from 000000010000000000000003 on: Barman would not restore them; barman rebuild-xlogdb makes it anew',
    ]);
    // Neither what is only listed nor what is not makes the archive reach further.
    expect(contents.archives[0]?.timelines[0]?.lastSegment).toBe('000000010000000000000002');
  });

  test('of several servers in one home only the one of the declared name is it', async () => {
    await putBackup('accounts', FIRST);
    await putBackup('other', FIRST);
    const declared = (await read({ declaredServer: 'accounts' })).copies.map((copy) => [
      copy.label,
      copy.cluster.declaredServer,
    ]);
    expect(declared).toEqual([
      [`accounts/${FIRST}`, 'accounts'],
      [`other/${FIRST}`, null],
    ]);
  });

  test.each(['base', 'wals', 'errors', '.hidden', 'a b\u202e<script>"', '__proto__'])(
    'a server may be called %j',
    async (server) => {
      await putBackup(server, FIRST);
      await putWal(server, ['000000010000000000000002']);
      await put(`${server}/errors/x.unknown`);
      const contents = await read();
      expect(contents.copies.map((copy) => copy.label)).toEqual([`${server}/${FIRST}`]);
      expect(contents.archives).toHaveLength(1);
      expect(contents.unmatched.map(({ path }) => path)).toEqual([`${server}/errors/x.unknown`]);
    },
  );

  test('a damaged identity file is a blind spot and takes no copy away', async () => {
    await putBackup('main', FIRST);
    await put('main/wals/0000000100000000/000000010000000000000002');
    await put('main/identity.json', '{"systemid": 7711114476114193322}');
    const contents = await read();
    expect(contents).toMatchObject({ archives: [], blindSpot: { reason: 'malformed' } });
    expect(contents.copies).toHaveLength(1);
  });

  test('an identity file names whose WAL it is, also where backups are of another cluster', async () => {
    await putBackup('main', FIRST);
    await putWal('main', ['000000010000000000000002'], '42');
    await put('main/identity.json', '{"systemid": "42", "version": "17"}');
    expect((await read()).archives[0]?.cluster.systemIdentifier).toBe('42');
  });

  test('no catalogue at all, or none to be read, is a blind spot and not an empty answer', async () => {
    expect((await read()).blindSpot).toMatchObject({ reason: 'malformed' });
    const gone = localDirectoryTree({ root: join(root, 'gone') });
    expect((await readBarmanCatalog(gone, reading)).blindSpot).toMatchObject({ reason: 'unreachable' });
  });

  test('a link in the place of backup.info is not followed', async () => {
    await putBackup('main', FIRST);
    await rm(join(root, 'main/base', FIRST, 'backup.info'));
    await writeFile(join(root, 'elsewhere'), info());
    await symlink(join(root, 'elsewhere'), join(root, 'main/base', FIRST, 'backup.info'));
    const contents = await read();
    expect(contents.copies).toEqual([]);
    expect(contents.unmatched.map(({ what }) => what)).toContain(
      'files of a backup without backup.info: Barman does not know it',
    );
  });

  test('an interruption is thrown on', async () => {
    await putBackup('main', FIRST);
    await expect(read({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  });
});
