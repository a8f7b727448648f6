import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { readFileCopies } from '../../../src/collect/file-sets/read-file-copies.ts';
import { fileCopyEvidence, type SourcePath } from '../../../src/collect/hosts/file-copies.ts';
import type { HostAnswer } from '../../../src/collect/recorded/host-bundle-lines.ts';
import { recordFileCopies } from '../../../src/collect/recorded/record-file-copies.ts';
import { fileSetBuilder } from '../../../src/collect/recorded/recorded-file-set.ts';
import { type RecordedLocation, recordedTree } from '../../../src/collect/recorded/recorded-location.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { toInstant } from '../../../src/model/instant.ts';
import { Secret } from '../../../src/model/secret.ts';
import { collectHost } from '../../../src/pipeline/host/collect-host.ts';
import { joinHosts } from '../../../src/pipeline/host/join-hosts.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../../services/restic.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { type HostCase, hostCase, KEY } from './host-plan-case.ts';

const { signal } = new AbortController();
const SECRETS = { CASE_RESTIC: RESTIC_PASSWORD, CASE_BORG: BORG_PASSPHRASE };
const asker = createAsker(systemClock, [], signal);
const access = {
  asker,
  signal,
  digestKey: KEY,
  secret: (_: string, reference: string) =>
    Promise.resolve(new Secret(SECRETS[reference.slice('env:'.length) as keyof typeof SECRETS] ?? '')),
};
const SUBJECT = { kind: 'location', key: 'place', organizationId: null, name: 'place' } as const;

type Settings = (root: string) => Record<string, unknown>;

function openOf(settings: Record<string, unknown>, recorded: RecordedLocation | null): OpenLocation {
  const config = locationSchema.parse({ kind: 'directory', name: 'place', reachableFrom: 'vault-room', ...settings });
  if (config.kind !== 'directory') throw new Error('it is a directory');
  const tree = recorded === null ? localDirectoryTree({ root: config.path }) : recordedTree(recorded);
  return { config, subject: SUBJECT, blindSpot: null, bucket: null, clockOffsetMillis: () => null, tree };
}

/** What is told of copies of every path that a scan asks for. */
async function told(location: OpenLocation, { paths }: HostCase, others: readonly SourcePath[] = []) {
  const sources: readonly SourcePath[] = [
    { path: paths.store, digest: 'none' },
    { path: join(paths.store, 'none'), digest: 'none' },
    { path: paths.bootstrap, digest: 'file' },
    { path: paths.state, digest: 'tree' },
    ...others,
  ];
  const copies = await readFileCopies(access, [location], [paths.bootstrap, paths.state]);
  const records = await Promise.all(
    sources.map(async (source) => {
      const [record] = await fileCopyEvidence(access, copies, TENANT_STORE, source);
      return { items: record?.items ?? [], blindSpot: record?.blindSpot ?? null, grade: record?.grade };
    }),
  );
  return { records, strays: copies.map((one) => one.copies?.strays) };
}

/** One set of copies of a host's files read here, and by plan. */
async function both(scratch: string, settings: Settings, make: (host: HostCase) => Promise<unknown>) {
  const root = await mkdtemp(join(scratch, 'host-'));
  const open = openOf(settings(root), null);
  const { config } = open;
  if (config.kind !== 'directory') throw new Error('it is a directory');
  const host = await hostCase(root, {
    environment: SECRETS,
    change: (content) => ({ ...content, locations: [config] }),
  });
  await make(host);
  const file = join(root, 'host.ndjson');
  const options = { planFile: host.planFile, file, environment: host.environment, digestKey: 'env:HOST_CASE_KEY' };
  const outcome = await collectHost({ ...options, signal });
  const joined = async () => {
    const recorded = (await joinHosts(host.loaded, [file], KEY, systemClock())).location('place');
    if (recorded === null) throw new Error('it was not recorded');
    return recorded;
  };
  const recorded = await joined();
  const there = openOf(settings(root), recorded);
  return { host, file, outcome, recorded, here: await told(open, host), there: await told(there, host) };
}

const RESTIC: Settings = (root) => ({
  path: join(root, 'repository'),
  purposes: ['restic', 'files'],
  restic: { password: 'env:CASE_RESTIC' },
});
const ARCHIVES: Settings = (root) => ({
  path: join(root, 'archives'),
  purposes: ['files'],
  files: { layout: 'archives', timeFormat: 'YYYY-MM-DD', sourceRoot: root },
});

/** Tar archives of everything that the host has, and a file beside them. */
async function packed({ root }: HostCase): Promise<void> {
  const archives = join(root, 'archives');
  await mkdir(archives);
  for (const day of ['2026-11-18', '2026-11-19']) {
    execFileSync('tar', ['-czf', join(archives, `${day}.tar.gz`), '-C', root, 'bootstrap.env', 'state', 'store']);
  }
  await writeFile(join(archives, '2026-11-20.tar'), 'cut off');
  await writeFile(join(archives, 'notes.txt'), 'no archive');
}

describe('copies of files that were read by plan', () => {
  it.skipIf(resticUnavailable() !== null)('are what reading them here gives: snapshots of restic', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { here, there, outcome } = await both(scratch.path, RESTIC, async ({ root, paths }) => {
      const { backup } = await resticRepository(root);
      await backup(paths.store, '2026-11-20 02:00:00', 'db1', ['*.tmp']);
      for (const path of [paths.state, paths.bootstrap]) await backup(path, '2026-11-21 02:00:00');
    });
    expect(outcome.blindSpots).toEqual([]);
    const [store, none, bootstrap, state] = here.records;
    const leavesOut = { patterns: ['*.tmp'], count: 1 };
    expect(store?.items).toMatchObject([{ present: true, files: 1, complete: true, leavesOut }]);
    expect(none?.items).toMatchObject([{ present: false }, { present: false }, { present: false }]);
    expect(bootstrap?.items).toMatchObject([{ present: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(state?.items).toMatchObject([{ present: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(there).toEqual(here);
  });

  it.skipIf(borgUnavailable() !== null)('are what reading them here gives: archives of Borg', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const settings: Settings = (root) => ({
      path: join(root, 'repository'),
      purposes: ['borg', 'files'],
      borg: { passphrase: 'env:CASE_BORG' },
    });
    const { here, there } = await both(scratch.path, settings, async ({ root, paths }) => {
      const { create } = await borgRepository(root);
      for (const path of [paths.store, paths.state, paths.bootstrap]) {
        await create(`${path.split('/').at(-1) ?? ''}-21`, '/', path, '2026-11-21T02:00:00');
      }
    });
    expect(here.records[0]?.items).toMatchObject([{ present: true, files: 1 }]);
    expect(here.records[3]?.items).toMatchObject([{ digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(there).toEqual(here);
  });

  it('are what reading them here gives: dated tar archives, also one that is none, and what lies beside', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { here, there, file } = await both(scratch.path, ARCHIVES, packed);
    expect(here.records[0]?.items).toMatchObject([{ complete: false }, { complete: true, files: 1 }, { files: 1 }]);
    expect(here.records[2]?.items).toMatchObject([
      { present: false, digest: null },
      { present: true, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { present: true },
    ]);
    expect(here.strays).toMatchObject([[{ path: 'notes.txt' }]]);
    expect(there).toEqual(here);
    expect(await readFile(file, 'utf8')).not.toMatch(/very-secret/);
  });

  it('are what reading them here gives: a mirror', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const settings: Settings = (root) => ({
      path: join(root, 'mirror'),
      purposes: ['files'],
      files: { layout: 'mirror', completionMarker: 'DONE', sourceRoot: root },
    });
    const { here, there } = await both(scratch.path, settings, async ({ root }) => {
      await mkdir(join(root, 'mirror'));
      execFileSync('cp', [
        '-r',
        ...['bootstrap.env', 'state', 'store'].map((one) => join(root, one)),
        join(root, 'mirror'),
      ]);
      await writeFile(join(root, 'mirror/DONE'), '');
    });
    expect(here.records[0]?.items).toMatchObject([{ complete: true, files: 1 }]);
    expect(here.records[3]?.items).toMatchObject([{ digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(there).toEqual(here);
  });

  it('are what reading them here gives: a listing of snapshots and an inventory, of grade declared', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const now = Math.floor(Date.now() / 1000);
    const listing = await both(
      scratch.path,
      (root) => ({
        path: join(root, 'listing'),
        purposes: ['filesystem-snapshots', 'files'],
        filesystemSnapshots: {
          listing: 'zfs.txt',
          format: 'zfs',
          sources: ['tank/pg'],
          server: 'install',
          holdsEverything: true,
          directories: [{ source: 'tank/files', path: join(root, 'store') }],
        },
      }),
      async ({ root }) => {
        await mkdir(join(root, 'listing'));
        await writeFile(join(root, 'listing/zfs.txt'), `tank/files@daily\t${now - 3600}\t100\t7\n`);
      },
    );
    expect(listing.here.records[0]).toMatchObject({ grade: 'declared', items: [{ present: true }] });
    expect(listing.here.records[2]).toMatchObject({ items: [{ present: false }] });
    expect(listing.there).toEqual(listing.here);
    const inventory = await both(
      scratch.path,
      (root) => ({
        path: join(root, 'lists'),
        purposes: ['inventory', 'files'],
        inventory: { file: 'copies.csv', format: 'csv' },
      }),
      async ({ root, paths }) => {
        await mkdir(join(root, 'lists'));
        const at = toInstant(now * 1000);
        const rows = [`,${paths.store},${at},tape,safe,Operations,${at}`, 'broken'];
        await writeFile(
          join(root, 'lists/copies.csv'),
          `database,path,moment,method,where,owner,recordedAt\n${rows.join('\n')}\n`,
        );
      },
    );
    expect(inventory.here.records[0]).toMatchObject({ items: [{ present: true }], blindSpot: { reason: 'malformed' } });
    expect(inventory.there).toEqual(inventory.here);
  });

  it.skipIf(resticUnavailable() !== null)('that the host could not open are the blind spot of it', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { here, there, outcome } = await both(scratch.path, RESTIC, async ({ root }) => {
      await resticRepository(root);
      await rename(join(root, 'repository/keys'), join(root, 'keys'));
    });
    expect(here.records[0]?.blindSpot).not.toBeNull();
    expect(there).toEqual(here);
    expect(outcome.blindSpots.length).toBeGreaterThan(0);
  });

  it('are unknown in a bundle without them, and under other settings than they were read by', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { host, recorded } = await both(scratch.path, ARCHIVES, packed);
    const old = await told(openOf(ARCHIVES(host.root), { ...recorded, fileSet: null }), host);
    for (const { items, blindSpot } of old.records) {
      expect(items).toEqual([]);
      expect(blindSpot?.detail).toContain('were not read when host');
    }
    const settings = { ...ARCHIVES(host.root), files: { layout: 'archives', timeFormat: 'YYYY-MM-DD' } };
    const changed = await told(openOf(settings, recorded), host);
    expect(changed.records[0]).toMatchObject({ items: [], blindSpot: { reason: 'not-asked' } });
    expect(changed.records[0]?.blindSpot?.detail).toContain('by other settings than it has by now');
  });

  it('tell nothing of a single file that the plan did not name', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { host, recorded } = await both(scratch.path, ARCHIVES, packed);
    const later = { path: join(host.paths.state, 'later.env'), digest: 'file' } as const;
    const { records } = await told(openOf(ARCHIVES(host.root), recorded), host, [later]);
    expect(records.at(-1)).toMatchObject({ items: [], blindSpot: { reason: 'not-asked' } });
    expect(records[0]?.items).toHaveLength(3);
  });

  it('that hold more directories than a bundle tells of are unknown below those that it does', async () => {
    await using scratch = scratchDirectory('sets-by-plan');
    const { host, recorded } = await both(scratch.path, ARCHIVES, packed);
    const builder = fileSetBuilder();
    const take = async (answer: HostAnswer) => {
      if (answer.type !== 'copied') builder.take(answer as Parameters<typeof builder.take>[0]);
    };
    const copied = [{ path: host.paths.bootstrap, digest: 'file' as const }];
    // Each of two archives has its own directory, two in it and one in these; the third has its own.
    await recordFileCopies({ ...access, copied }, openOf(ARCHIVES(host.root), null), take, 8);
    const fileSet = builder.build();
    expect(fileSet?.deepest).toBe(1);
    const deep = { path: join(host.paths.state, 'deep'), digest: 'none' } as const;
    const { records } = await told(openOf(ARCHIVES(host.root), { ...recorded, fileSet }), host, [deep]);
    expect(records[0]).toMatchObject({ blindSpot: null, items: [{}, { files: 1 }, { files: 1 }] });
    expect(records.at(-1)).toMatchObject({ items: [], blindSpot: { reason: 'unsupported' } });
  });
});
