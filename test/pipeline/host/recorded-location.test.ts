import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/collect/ask.ts';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import { readBaseBackups } from '../../../src/collect/backups/physical/base-backups.ts';
import { readInstallers } from '../../../src/collect/hosts/installer-packages.ts';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { recordedIn, recordedTree } from '../../../src/collect/recorded/recorded-location.ts';
import { filesBelow } from '../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { writeInstaller } from '../../../src/demo/kept-for-rebuild.ts';
import { raftSnapshot } from '../../../src/demo/raft-snapshot.ts';
import { collectHost } from '../../../src/pipeline/host/collect-host.ts';
import { joinHosts } from '../../../src/pipeline/host/join-hosts.ts';
import { PLAIN as BASE_BACKUP } from '../../collect/backups/physical/small-base-backups.ts';
import { SWITCH, writeWal } from '../../collect/formats/base-backup/wal.ts';
import { LAST_WRITTEN, storageEntries, UUID, writeStorage } from '../../collect/keys/vault-storage.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { hostCase, KEY } from './host-plan-case.ts';

const { signal } = new AbortController();
const refuse = (error: unknown): never => {
  throw error;
};
const MOUNT = '5ca1ab1e-0000-4000-8000-000000000001';

const PLAIN = `--
-- PostgreSQL database dump
--

\\connect tenant_acme

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;

CREATE TABLE public.items (id integer, secret text);

COPY public.items (id, secret) FROM stdin;
1\trow-that-stays-there
\\.

--
-- PostgreSQL database dump complete
--

`;

type Purposes = readonly ('dumps' | 'vault-snapshots' | 'installers' | 'base-backups' | 'restic')[];

/** A directory read on a host, and its bundle joined. */
async function recordedOf(
  root: string,
  purposes: Purposes,
  depth: 'structure' | 'mixed' | 'full' = 'mixed',
  settings: object = {},
) {
  const path = join(root, 'place');
  const location = locationSchema.parse({
    kind: 'directory',
    name: 'place',
    path,
    purposes,
    reachableFrom: 'vault-room',
    ...settings,
  });
  if (location.kind !== 'directory') throw new Error('it is a directory');
  const host = await hostCase(root, {
    change: (content) => ({ ...content, only: ['locations:place'], locations: [location] }),
  });
  const file = join(root, 'host.ndjson');
  const outcome = await collectHost({
    planFile: host.planFile,
    file,
    environment: host.environment,
    digestKey: 'env:HOST_CASE_KEY',
    signal,
    depth,
  });
  const joined = await joinHosts(host.loaded, [file], KEY, systemClock());
  const recorded = joined.location('place');
  if (recorded === null) throw new Error('it was not recorded');
  return { recorded, outcome, path, text: await readFile(file, 'utf8') };
}

describe('a location that was read on another host', () => {
  it('gives of its dumps what reading them here would, and holds no row of them', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    await mkdir(join(path, 'deep'), { recursive: true });
    await writeFile(join(path, 'deep', 'tenant_acme.sql'), PLAIN);
    await writeFile(join(path, 'tenant_acme.dump.gpg'), 'no dump at all');
    await writeFile(join(path, 'empty.dump'), '');
    const { recorded, text } = await recordedOf(scratch.path, ['dumps']);
    const names = new Set(['tenant_acme']);
    const read = (tree: ReturnType<typeof localDirectoryTree>) =>
      readLocation({ name: 'place', tree, timeZone: null, servers: null }, names, refuse, signal);
    const [here, there] = [await read(localDirectoryTree({ root: path })), await read(recordedTree(recorded))];
    const byPath = (a: { readonly path: string }, b: { readonly path: string }) => a.path.localeCompare(b.path);
    const plain = ({ artifacts, closed, unmatched, fileCount }: typeof here) => ({
      artifacts: artifacts.map(({ location: _, ...artifact }) => artifact),
      closed: closed.all.map(({ location: _, ...artifact }) => artifact).sort(byPath),
      unmatched: unmatched.toSorted(byPath),
      fileCount,
    });
    expect(plain(there)).toEqual(plain(here));
    expect(here.artifacts).toHaveLength(1);
    expect(text).not.toContain('row-that-stays-there');
    // The newest of each database was read to its end.
    expect(recorded.reading('deep/tenant_acme.sql', 'full')).not.toBeNull();
  });

  it('is not known where nothing is mounted at its mount point', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    await mkdir(path);
    const { recorded } = await recordedOf(scratch.path, ['dumps'], 'mixed', { mountPoint: path });
    expect(recorded.failure?.detail).toContain('where nothing is mounted');
  });

  it('is read no further than it was there', async () => {
    await using scratch = scratchDirectory('recorded');
    await mkdir(join(scratch.path, 'place'), { recursive: true });
    await writeFile(join(scratch.path, 'place', 'tenant_acme.sql'), PLAIN);
    const { recorded } = await recordedOf(scratch.path, ['dumps'], 'structure');
    expect(recorded.reading('tenant_acme.sql', 'structure')).not.toBeNull();
    expect(recorded.reading('tenant_acme.sql', 'full')).toBeNull();
    const tree = recordedTree(recorded);
    expect(recordedIn(tree)).toBe(recorded);
    await expect(tree.open('tenant_acme.sql', signal)).rejects.toMatchObject({ reason: 'not-asked' });
  });

  it('tells which snapshot holds a key, without the name of any', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    await mkdir(path, { recursive: true });
    await writeFile(
      join(path, 'one.snap'),
      raftSnapshot({
        takenAt: '2026-11-22T03:00:00.000Z',
        raftIndex: 7,
        serverId: 'vault-1',
        mountUuid: MOUNT,
        keyNames: ['tenant-acme'],
        vaultVersion: '1.21.0',
      }),
    );
    await writeFile(join(path, 'notes.txt'), 'no snapshot');
    const { recorded, text } = await recordedOf(scratch.path, ['vault-snapshots']);
    const here = await readSnapshotLocation(
      { name: 'place', tree: localDirectoryTree({ root: path }), copiedWhileStopped: false, keepsFileTimes: true },
      refuse,
      signal,
    );
    expect(recorded.snapshots.map(({ fact }) => fact)).toEqual(here.snapshots.map(({ fact }) => fact));
    expect(recorded.notSnapshots).toEqual(here.unmatched);
    const [snapshot] = recorded.snapshots;
    expect(snapshot?.holds(MOUNT, 'tenant-acme')).toBe(true);
    expect(snapshot?.holds(MOUNT, 'tenant-other')).toBe(false);
    expect(snapshot?.holds('another mount', 'tenant-acme')).toBe(false);
    expect(text).not.toContain('tenant-acme');
  });

  it('tells when the own file of a key was written, of a copy of files', async () => {
    await using scratch = scratchDirectory('recorded');
    await writeStorage(join(scratch.path, 'place'), storageEntries(['tenant-acme']));
    const { recorded, text } = await recordedOf(scratch.path, ['vault-snapshots']);
    const [snapshot] = recorded.snapshots;
    expect(snapshot?.fact.storage).toBe('file');
    expect(snapshot?.writtenAt(UUID, 'tenant-acme')).toBe(LAST_WRITTEN.toISOString());
    expect(snapshot?.writtenAt(UUID, 'tenant-other')).toBeNull();
    expect(text.split('\n').find((line) => line.includes('"snapshot"'))).not.toContain('tenant-acme');
  });

  it('tells of its installer packages', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    await writeInstaller(path);
    const { recorded } = await recordedOf(scratch.path, ['installers']);
    expect(recorded.packages).toEqual(
      await readInstallers('place', localDirectoryTree({ root: path }), '4.2.1', signal),
    );
    expect(recorded.packages).toHaveLength(1);
  });

  it('tells of copies of clusters that there are none, and of what cannot be read so nothing', async () => {
    await using scratch = scratchDirectory('recorded');
    await mkdir(join(scratch.path, 'place'), { recursive: true });
    const { recorded } = await recordedOf(scratch.path, ['base-backups', 'restic']);
    expect(recorded.physical.get('base-backups')).toMatchObject({ copies: [], blindSpot: null });
    expect(recorded.physical.has('restic')).toBe(false);
  });

  it('tells of a base backup and of all that is known of the WAL beside it', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    const segments = [2, 3, 4, 5].map(
      (number) => [`wal/00000001000000000000000${number}`, writeWal(number, [100, SWITCH]).bytes] as const,
    );
    const files = new Map<string, Uint8Array>([
      ...[...BASE_BACKUP]
        .filter(([name]) => !name.startsWith('pg_wal/'))
        .map(([name, bytes]) => [`base/${name}`, bytes] as const),
      ...segments,
    ]);
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), bytes);
    }
    const { recorded } = await recordedOf(scratch.path, ['base-backups']);
    const tree = localDirectoryTree({ root: path });
    const here = await readBaseBackups(tree, await filesBelow(tree, '', signal), {
      depth: 'structure',
      declaredServer: null,
      signal,
      blindSpotOf: refuse,
    });
    const there = recorded.physical.get('base-backups');
    expect(there?.archives).toEqual(here.archives);
    // All segments came to lie there at once.
    expect(there?.archives).toMatchObject([{ timelines: [{ isRetimed: true, missing: 0 }] }]);
    expect(there?.copies).toHaveLength(1);
  });

  it('that is not there is one blind spot, and nothing else of the plan', async () => {
    await using scratch = scratchDirectory('recorded');
    const { recorded, outcome } = await recordedOf(scratch.path, ['dumps']);
    expect(recorded).toMatchObject({ files: [], failure: { reason: 'unreachable' } });
    expect(outcome.blindSpots).toHaveLength(1);
    const listing = recordedTree(recorded).list(signal)[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({ reason: 'unreachable' });
  });

  it('listed in part keeps both: what was seen, and that it is not all', async () => {
    await using scratch = scratchDirectory('recorded');
    const path = join(scratch.path, 'place');
    await mkdir(join(path, 'closed'), { recursive: true });
    await writeFile(join(path, 'tenant_acme.sql'), PLAIN);
    await rm(join(path, 'closed'), { recursive: true });
    const { recorded } = await recordedOf(scratch.path, ['dumps']);
    const seen: string[] = [];
    const tree = recordedTree({
      ...recorded,
      failure: { reason: 'unauthorized', detail: 'a part', remedy: 'Allow it.' },
    });
    const listing = (async () => {
      for await (const file of tree.list(signal)) seen.push(file.path);
    })();
    await expect(listing).rejects.toMatchObject({ reason: 'unauthorized' });
    expect(seen).toEqual(['tenant_acme.sql']);
  });
});
