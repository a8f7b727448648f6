import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Barman, barmanUnavailable, startBarman } from '../../../services/barman.ts';
import { type BackedUpCluster, pgBackRestUnavailable, startBackedUpCluster } from '../../../services/pgbackrest.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { auditClusters, type ClusterAuditOptions, type Place } from './audited-clusters.ts';

const SETUP_TIMEOUT_MS = 900_000;

const identify = async (server: PostgresServer): Promise<string> => {
  const [row] = await server.query('select system_identifier::text as id from pg_control_system()');
  return String(row?.['id']);
};
/** Damages a file and leaves its size and time as they were. */
const flip = (path: string): void => {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
};
const filesBelow = (directory: string, ending: RegExp): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path) && statSync(join(directory, path)).isFile())
    .filter((path) => statSync(join(directory, path)).size > 100)
    .toSorted();

describe.skipIf(pgBackRestUnavailable())('a repository of pgBackRest', { timeout: SETUP_TIMEOUT_MS }, () => {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(scratchDirectory('pgbackrest-in-turn'));
  let cluster: BackedUpCluster;
  let root = '';
  let main = '';
  let labels: readonly string[] = [];
  const run = (options: Partial<ClusterAuditOptions> = {}) => {
    const place: Place = { root, purpose: 'pgbackrest' };
    return auditClusters({ places: { repo: place }, directory: scratch.path, servers: { main }, ...options });
  };
  /** Directories of backups in which files were read, besides catalogues and manifests, and whether WAL was. */
  const backupsIn = (read: readonly string[]) => [
    ...new Set(
      read.flatMap((path) => {
        const label = /^repo\/backup\/main\/([^/]+)\/pg_data\//.exec(path)?.[1];
        return label === undefined ? (/^repo\/archive\/.*-[0-9a-f]{40}\./.test(path) ? ['WAL'] : []) : [label];
      }),
    ),
  ];
  const dates = ({ copies }: Awaited<ReturnType<typeof run>>) =>
    labels.map((label) => copies.get(`repo/backup/main/${label}`)?.verifiedAt ?? null);

  beforeAll(async () => {
    cluster = cleanup.use(await startBackedUpCluster({ stanza: 'main', repositories: [{}] }));
    [root = ''] = cluster.repositories;
    main = await identify(cluster.server);
    const made: string[] = [];
    for (const type of ['full', 'diff', 'incr'] as const) {
      await cluster.server.query(`create table t_${type} as select generate_series(1, 1000) as n`);
      made.push(await cluster.backup(type, 1, '--compress-type=lz4'));
    }
    labels = made;
    await cluster.archiveSegment();
  }, SETUP_TIMEOUT_MS);
  afterAll(() => cleanup.disposeAsync());

  test('the newest backup is read with all that it builds on and its WAL, and remembered', async () => {
    const left = await run({ budgetBytes: 0 });
    expect(left.summary).toMatchObject({ read: 0, left: 1, leftUnproven: 0 });
    const newest = left.copies.get(`repo/backup/main/${labels[2]}`);
    expect(newest).toMatchObject({ integrity: 'complete', readToEnd: false, verifiedAt: null });
    expect(newest?.integrityBecause).toContain('the budget of this one was used up');

    const first = await run();
    expect(first.blindSpots).toEqual([]);
    expect(backupsIn(first.read).toSorted()).toEqual([...labels, 'WAL'].toSorted());
    expect(dates(first)).not.toContain(null);
    expect(first.copies.get(`repo/backup/main/${labels[2]}`)?.byStructure).toMatchObject({ integrity: 'complete' });
    const continuous = [...first.copies.values()].find(({ physical }) => physical?.kind === 'continuous');
    expect(continuous).toMatchObject({ integrity: 'complete', verifiedAt: null, restsOnReadingAt: expect.any(String) });
    const second = await run();
    expect(backupsIn(second.read)).toEqual([]);
    expect(dates(second)).toEqual(dates(first));
    const full = await run({ depth: 'full' });
    expect(full.summary).toMatchObject({ read: 4, left: 0 });
    expect([...full.copies.values()].map(({ verifiedAt }) => verifiedAt)).not.toContain(null);
  });

  test('damage in what it builds on, under the old size and time, is not remembered away', async () => {
    await run();
    const directory = join(root, 'backup/main', labels[0] ?? '', 'pg_data/base');
    const [file = ''] = filesBelow(directory, /\.lz4$/);
    flip(join(directory, file));
    const left = await run({ budgetBytes: 0 });
    expect(dates(left)).toEqual([null, null, null]);
    const read = await run();
    expect(backupsIn(read.read)).toEqual([labels[0]]);
    for (const label of labels) {
      expect(read.copies.get(`repo/backup/main/${label}`)).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
    }
    flip(join(directory, file));
    expect(dates(await run())).not.toContain(null);
  });

  test('damage in the WAL that it needs is found, and the backup restores nothing', async () => {
    const wal = (await run()).copies.get(`repo/backup/main/${labels[2]}`);
    const directory = join(root, 'archive/main');
    const segments = filesBelow(directory, /[0-9A-F]{24}-[0-9a-f]{40}\.gz$/);
    const before = backupsIn((await run()).read);
    expect([wal?.verifiedAt, before]).toEqual([expect.any(String), []]);
    const results: (string | undefined)[] = [];
    for (const segment of segments) {
      // The beginning: most of a segment is zeros.
      const path = join(directory, segment);
      const { atime, mtime } = statSync(path);
      const bytes = readFileSync(path);
      bytes.writeUInt8(bytes.readUInt8(100) ^ 0x55, 100);
      writeFileSync(path, bytes);
      utimesSync(path, atime, mtime);
      results.push((await run()).copies.get(`repo/backup/main/${labels[2]}`)?.integrityBecause);
      bytes.writeUInt8(bytes.readUInt8(100) ^ 0x55, 100);
      writeFileSync(path, bytes);
      utimesSync(path, atime, mtime);
    }
    expect(results.filter((because) => because?.includes('that it needs cannot be restored'))).toHaveLength(1);
  });
});

describe.skipIf(barmanUnavailable())('a catalogue of Barman', { timeout: SETUP_TIMEOUT_MS }, () => {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(scratchDirectory('barman-in-turn'));
  let barman: Barman;
  let main = '';
  const ids: string[] = [];
  const run = (options: Partial<ClusterAuditOptions> = {}) => {
    const place: Place = { root: barman.home, purpose: 'barman' };
    return auditClusters({ places: { home: place }, directory: scratch.path, servers: { main }, ...options });
  };
  const copyOf = ({ copies }: Awaited<ReturnType<typeof run>>, index: number) =>
    copies.get(`home/main/base/${ids[index]}`);

  beforeAll(async () => {
    barman = cleanup.use(await startBarman());
    main = await identify(barman.postgres);
    for (let time = 0; time < 2; time += 1) ids.push(await barman.backup());
    await barman.switchWal();
  }, SETUP_TIMEOUT_MS);
  afterAll(() => cleanup.disposeAsync());

  test('the newest backup is read against its manifest, and remembered for its present state', async () => {
    const left = await run({ budgetBytes: 0 });
    expect(left.summary).toMatchObject({ left: 1 });
    expect(copyOf(left, 1)?.integrityBecause).toContain('the budget of this one was used up');
    const first = await run();
    expect(copyOf(first, 1)).toMatchObject({ integrity: 'complete', readToEnd: true, verifiedAt: expect.any(String) });
    expect(copyOf(first, 0)).toMatchObject({ integrity: 'complete', readToEnd: false, verifiedAt: null });
    const second = await run();
    expect(second.summary).toMatchObject({ read: 0, left: 0 });
    expect(copyOf(second, 1)).toEqual(copyOf(first, 1));

    const file = join(barman.home, 'main/base', ids[1] ?? '', 'data/base');
    const [path = ''] = filesBelow(file, /\d$/);
    flip(join(file, path));
    expect(copyOf(await run({ budgetBytes: 0 }), 1)?.verifiedAt).toBeNull();
    const damaged = await run();
    expect(copyOf(damaged, 1)).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
    // Behind a damaged one the one before it is read.
    expect(copyOf(damaged, 0)).toMatchObject({ integrity: 'complete', verifiedAt: expect.any(String) });
  });
});
