import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BORG_PASSPHRASE, borgRepository, borgUnavailable } from '../../../services/borg.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { digestOf } from '../physical/read-location.ts';
import { HOSTILE_NAMES, plant, readRepository } from './reading.ts';

const skipped = borgUnavailable();
const scratch = scratchDirectory('borg');
const source = join(scratch.path, 'source');
const written = new Date('2026-11-20T01:00:00Z');
let root = '';
/** One of a single archive. */
let small = '';

function copyOfSmall(name: string): string {
  const copy = join(scratch.path, name);
  cpSync(small, copy, { recursive: true, preserveTimestamps: true });
  return copy;
}

describe.skipIf(skipped !== null)(`a repository of Borg${skipped === null ? '' : ` (${skipped})`}`, () => {
  beforeAll(async () => {
    plant(source, [
      ['backups/tenant_acme.dump', 'dump of acme'],
      ['backups/other.dump', 'of nobody'],
      ['pg/PG_VERSION', '15'],
      ['pg/global/pg_control', 'control'],
      ['pg/base/1/PG_VERSION', '15'],
    ]);
    utimesSync(join(source, 'backups/tenant_acme.dump'), written, written);
    const repository = await borgRepository(scratch.path);
    root = repository.root;
    for (let day = 10; day <= 20; day += 1) {
      await repository.create(`nightly-2026-11-${day}`, source, 'backups', `2026-11-${day}T02:00:00`);
    }
    const other = join(scratch.path, 'small');
    mkdirSync(other);
    const single = await borgRepository(other);
    small = single.root;
    await single.create('nightly', source, 'backups', '2026-11-20T02:00:00');
    await repository.create('cluster', source, 'pg', '2026-11-21T02:00:00');
  }, 120_000);

  test('tells dumps by their paths with times in UTC, and writes nothing', async () => {
    const before = digestOf(root);
    const contents = await readRepository('borg', {
      root,
      secret: BORG_PASSPHRASE,
      change: { declaredServer: 'main' },
    });
    expect(digestOf(root)).toBe(before);
    expect(contents.blindSpot).toBeNull();
    expect(contents.leftOut).toBe(1);
    const files = contents.files ?? [];
    expect(files).toHaveLength(10);
    expect(files.at(-1)).toEqual({
      method: 'borg',
      path: 'nightly-2026-11-20/backups/tenant_acme.dump',
      bytes: 12,
      snapshotAt: '2026-11-20T02:00:00.000Z',
      modifiedAt: '2026-11-20T01:00:00.000Z',
      claimedName: 'tenant_acme',
      form: 'file',
      isEmpty: false,
      encrypted: true,
    });
    // No postmaster.pid: the server may have been shut down.
    expect(contents.copies).toMatchObject([
      { label: 'cluster/pg', integrity: 'unproven', integrityBecause: expect.stringContaining('shut down') },
    ]);
  });

  test('a wrong passphrase, none, or no program is a blind spot that tells what storage shows', async () => {
    for (const secret of ['wrong horse', null]) {
      const { blindSpot } = await readRepository('borg', { root, secret });
      expect(blindSpot).toMatchObject({ reason: 'unauthorized' });
      expect(blindSpot?.detail).toMatch(/segments lie there, the newest written 20/);
      expect(JSON.stringify(blindSpot)).not.toContain('horse');
    }
    const program = join(scratch.path, 'borg-of-nobody');
    const missing = await readRepository('borg', { root, secret: BORG_PASSPHRASE, change: { program } });
    expect(missing.blindSpot).toMatchObject({ reason: 'not-asked' });
  });

  test('without its index Borg would write one: it does so beside the links, not in the repository', async () => {
    const copy = copyOfSmall('no-index');
    for (const name of readdirSync(copy)) if (/^(index|hints|integrity)\./.test(name)) rmSync(join(copy, name));
    const before = digestOf(copy);
    const { files = [], blindSpot } = await readRepository('borg', { root: copy, secret: BORG_PASSPHRASE });
    expect(digestOf(copy)).toBe(before);
    expect(blindSpot).toBeNull();
    expect(files).toHaveLength(1);
  });

  test('damaged hints and a segment of a backup that never ended change nothing either', async () => {
    const copy = copyOfSmall('damaged-hints');
    for (const name of readdirSync(copy)) {
      if (name.startsWith('index.')) rmSync(join(copy, name));
      if (name.startsWith('hints.')) truncateSync(join(copy, name), 5);
    }
    writeFileSync(join(copy, 'data/0/999'), 'BORG_SEG');
    const before = digestOf(copy);
    await readRepository('borg', { root: copy, secret: BORG_PASSPHRASE });
    expect(digestOf(copy)).toBe(before);
  });

  test('cut segments are a blind spot', async () => {
    const copy = copyOfSmall('cut');
    for (const name of readdirSync(join(copy, 'data/0'))) truncateSync(join(copy, 'data/0', name), 9);
    const { blindSpot, files = [] } = await readRepository('borg', { root: copy, secret: BORG_PASSPHRASE });
    expect(blindSpot).not.toBeNull();
    expect(files).toEqual([]);
  });

  test('hostile names of files and archives stay text; an unencrypted repository needs no passphrase', async () => {
    using own = scratchDirectory('borg-names');
    const names = join(own.path, 'source');
    plant(names, HOSTILE_NAMES);
    const repository = await borgRepository(own.path, 'none');
    await repository.create('-rf $(id) {{user}} "é', names, 'backups', '2026-11-21T02:00:00');
    const before = digestOf(repository.root);
    const { files = [], blindSpot } = await readRepository('borg', { root: repository.root });
    expect(digestOf(repository.root)).toBe(before);
    expect(blindSpot).toBeNull();
    expect(files.map(({ claimedName, encrypted }) => [claimedName, encrypted])).toEqual(
      Array(4).fill(['tenant_acme', false]),
    );
    expect(files[0]?.path.startsWith('-rf $(id) {user} "é/backups/')).toBe(true);
  });

  test('another directory is no repository', async () => {
    const { blindSpot } = await readRepository('borg', { root: source });
    expect(blindSpot?.detail).toContain('is no repository of Borg');
  });
});
