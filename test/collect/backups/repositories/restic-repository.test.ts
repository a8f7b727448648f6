import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../../../services/restic.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { digestOf } from '../physical/read-location.ts';
import { HOSTILE_NAMES, plant, readRepository } from './reading.ts';

const skipped = resticUnavailable();
/** Kept until the process ends: every test of this file reads it. */
const scratch = scratchDirectory('restic');
const source = join(scratch.path, 'source');
const written = new Date('2026-11-20T01:00:00Z');
let root = '';

function copyOfRepository(name: string): string {
  const copy = join(scratch.path, name);
  cpSync(root, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

describe.skipIf(skipped !== null)(`a repository of restic${skipped === null ? '' : ` (${skipped})`}`, () => {
  beforeAll(async () => {
    plant(source, [
      ['backups/tenant_acme.dump', 'dump of acme'],
      ['backups/tenant_beta.dir/toc.dat', 'toc'],
      ['backups/tenant_beta.dir/3001.dat.gz', 'rows'],
      ['backups/novantra.sql.gz', ''],
      ['backups/other.dump', 'of nobody'],
      ['home/notes.txt', 'no dump'],
      ['running/PG_VERSION', '15'],
      ['running/global/pg_control', 'control'],
      ['running/base/1/PG_VERSION', '15'],
      ['running/postmaster.pid', '1'],
      ['labelled/PG_VERSION', '15'],
      ['labelled/global/pg_control', 'control'],
      ['labelled/backup_label', 'START WAL LOCATION'],
      ['labelled/postmaster.pid', '1'],
    ]);
    utimesSync(join(source, 'backups/tenant_acme.dump'), written, written);
    utimesSync(join(source, 'backups/tenant_beta.dir/toc.dat'), new Date('2099-01-01'), new Date('2099-01-01'));
    const repository = await resticRepository(scratch.path);
    root = repository.root;
    for (let day = 10; day <= 21; day += 1) await repository.backup(source, `2026-11-${day} 02:00:00`);
    await repository.backup(join(source, 'home'), '2026-11-21 03:00:00', 'web');
  }, 120_000);

  test('tells dumps by their paths, the newest ten snapshots of a host and its paths, and writes nothing', async () => {
    const before = digestOf(root);
    const contents = await readRepository('restic', { root, secret: RESTIC_PASSWORD });
    expect(digestOf(root)).toBe(before);
    expect(contents.blindSpot).toBeNull();
    expect(contents.leftOut).toBe(2);
    const files = contents.files ?? [];
    expect(files).toHaveLength(30);
    const newest = files.filter(({ snapshotAt }) => snapshotAt === '2026-11-21T02:00:00.000Z');
    expect(
      newest.map(({ path, claimedName, form, bytes, isEmpty }) => [path.slice(8), claimedName, form, bytes, isEmpty]),
    ).toEqual([
      [`${source}/backups/novantra.sql.gz`, 'novantra', 'file', 0, true],
      [`${source}/backups/tenant_acme.dump`, 'tenant_acme', 'file', 12, false],
      [`${source}/backups/tenant_beta.dir`, 'tenant_beta', 'directory', 7, false],
    ]);
    // The file's own time bounds it from above, and never a time after the snapshot.
    expect(newest.map(({ modifiedAt }) => modifiedAt)).toEqual([
      '2026-11-21T02:00:00.000Z',
      '2026-11-20T01:00:00.000Z',
      '2026-11-21T02:00:00.000Z',
    ]);
    const what = contents.unmatched.map((one) => one.what);
    expect(what.filter((one) => one.includes('older than the newest 10'))).toHaveLength(2);
    expect(what.filter((one) => one.includes('of no database of the install'))).toHaveLength(1);
    expect(what).toContain('snapshot without a dump or a data directory');
  });

  test('a data directory of a running server is no copy; with backup_label it is unproven, of the declared server', async () => {
    const contents = await readRepository('restic', {
      root,
      secret: RESTIC_PASSWORD,
      change: { declaredServer: 'main' },
    });
    const running = contents.unmatched.filter(({ path }) => path.endsWith('/running'));
    expect(running).toHaveLength(10);
    expect(running[0]?.what).toContain('no consistent copy');
    expect(contents.copies).toHaveLength(10);
    expect(contents.copies.every(({ path }) => path.endsWith('/labelled'))).toBe(true);
    expect(contents.copies[0]).toMatchObject({
      method: 'restic',
      integrity: 'unproven',
      encrypted: true,
      stoppedAt: null,
      cluster: { declaredServer: 'main', systemIdentifier: null },
    });
  });

  test('a wrong password is a blind spot that tells what storage shows, and never the password', async () => {
    const { blindSpot, files } = await readRepository('restic', { root, secret: 'wrong horse' });
    expect(blindSpot).toMatchObject({ reason: 'unauthorized' });
    expect(blindSpot?.detail).toMatch(/^restic refuses the password; 13 snapshots lie there, the newest written 20/);
    expect(JSON.stringify(blindSpot)).not.toContain('horse');
    expect(files).toBeUndefined();
  });

  test('so is no password, and a program that is not there', async () => {
    const none = await readRepository('restic', { root });
    expect(none.blindSpot?.detail).toContain('no password is configured; 13 snapshots lie there');
    const program = join(scratch.path, 'restic-of-nobody');
    const missing = await readRepository('restic', { root, secret: RESTIC_PASSWORD, change: { program } });
    expect(missing.blindSpot).toMatchObject({ reason: 'not-asked' });
    expect(missing.blindSpot?.detail).toMatch(/not installed .*; 13 snapshots lie there/);
    const other = await readRepository('restic', { root, secret: RESTIC_PASSWORD, change: { program: '/bin/sh' } });
    expect(other.blindSpot?.detail).toContain('not installed');
  });

  test('a program that does not answer like restic is a blind spot', async () => {
    const program = join(scratch.path, 'restic-fake');
    writeFileSync(program, '#!/bin/sh\necho "{not json"\n', { mode: 0o755 });
    const { blindSpot } = await readRepository('restic', { root, secret: 'x', change: { program } });
    expect(blindSpot).toMatchObject({ reason: 'unsupported' });
  });

  test('a snapshot whose file is cut is told, though restic leaves it out and ends well', async () => {
    const copy = copyOfRepository('cut-snapshot');
    const [first = ''] = readdirSync(join(copy, 'snapshots'));
    truncateSync(join(copy, 'snapshots', first), 40);
    const { blindSpot, unmatched } = await readRepository('restic', { root: copy, secret: RESTIC_PASSWORD });
    expect(blindSpot?.detail).toContain('does not list 1 snapshot');
    expect(unmatched.map(({ path }) => path)).toContain(`snapshots/${first}`);
  });

  test('a lost index: every snapshot is told as one that could not be listed', async () => {
    const copy = copyOfRepository('no-index');
    for (const name of readdirSync(join(copy, 'index'))) truncateSync(join(copy, 'index', name), 0);
    const {
      blindSpot,
      files = [],
      unmatched,
    } = await readRepository('restic', { root: copy, secret: RESTIC_PASSWORD });
    expect(blindSpot?.reason).toBe('malformed');
    expect(files).toEqual([]);
    expect(unmatched.filter(({ what }) => what.startsWith('snapshot that could not be listed')).length).toBe(11);
  });

  test('a cut pack is found at depth full, without a password, and not at depth structure', async () => {
    const copy = copyOfRepository('cut-pack');
    const [folder = ''] = readdirSync(join(copy, 'data')).filter(
      (name) => readdirSync(join(copy, 'data', name)).length > 0,
    );
    const [pack = ''] = readdirSync(join(copy, 'data', folder));
    truncateSync(join(copy, 'data', folder, pack), 20);
    const full = await readRepository('restic', { root: copy, change: { depth: 'full' } });
    expect(full.unmatched).toMatchObject([
      { path: `data/${folder}/${pack}`, what: expect.stringContaining('damaged') },
    ]);
    expect(full.damage).toContain('1 file of the repository is damaged');
    expect((await readRepository('restic', { root: copy })).unmatched).toEqual([]);
    expect((await readRepository('restic', { root, change: { depth: 'full' } })).unmatched).toEqual([]);
  });

  test('a pack that is gone is told at either depth, as restic lists the snapshots that need it all the same', async () => {
    using own = scratchDirectory('restic-lost-pack');
    const dumps = join(own.path, 'source');
    plant(dumps, [['tenant_acme.dump', randomBytes(100_000).toString('hex')]]);
    const repository = await resticRepository(own.path);
    await repository.backup(dumps, '2026-11-21 02:00:00');
    const data = join(repository.root, 'data');
    // The largest holds the dump; one that held trees would be missed by the listing itself.
    const [pack = ''] = readdirSync(data, { recursive: true, encoding: 'utf8' })
      .map((name) => join(data, name))
      .filter((path) => statSync(path).isFile())
      .sort((one, other) => statSync(other).size - statSync(one).size);
    rmSync(pack);
    const before = digestOf(repository.root);
    for (const depth of ['structure', 'full'] as const) {
      const reading = { root: repository.root, secret: RESTIC_PASSWORD, change: { depth } };
      const { blindSpot, files = [] } = await readRepository('restic', reading);
      expect(files.map(({ claimedName }) => claimedName)).toEqual(['tenant_acme']);
      expect(blindSpot?.detail).toContain('1 pack that the index of restic names is missing or cut');
    }
    expect(digestOf(repository.root)).toBe(before);
  });

  test('hostile file names stay text', async () => {
    using own = scratchDirectory('restic-names');
    const names = join(own.path, 'source');
    plant(names, HOSTILE_NAMES);
    const repository = await resticRepository(own.path);
    await repository.backup(names, '2026-11-21 02:00:00', 'host"\n$(id)');
    const before = digestOf(repository.root);
    const { files = [], blindSpot } = await readRepository('restic', {
      root: repository.root,
      secret: RESTIC_PASSWORD,
    });
    expect(digestOf(repository.root)).toBe(before);
    expect(blindSpot).toBeNull();
    expect(files.map(({ claimedName }) => claimedName)).toEqual(Array(4).fill('tenant_acme'));
    expect(files.some(({ path }) => path.includes('line\nbreak'))).toBe(true);
    expect(files.some(({ path }) => path.includes('\ufffd'))).toBe(true);
  });

  test('another directory is no repository', async () => {
    mkdirSync(join(scratch.path, 'empty'));
    const { blindSpot } = await readRepository('restic', { root: join(scratch.path, 'empty'), secret: 'x' });
    expect(blindSpot).toMatchObject({
      reason: 'malformed',
      detail: expect.stringContaining('is no repository of restic'),
    });
  });
});
