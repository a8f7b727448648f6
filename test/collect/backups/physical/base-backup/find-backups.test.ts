import { describe, expect, it } from 'vitest';
import { findBackups } from '../../../../../src/collect/backups/physical/base-backup/find-backups.ts';

const at = (path: string) => ({ path, bytes: 1, modifiedAt: '2026-11-22T22:00:00.000Z' });
const found = (...paths: string[]) => findBackups(paths.map(at));
const PLAIN = ['backup_label', 'backup_manifest', 'PG_VERSION', 'base/5/1259', 'global/pg_control'];

describe('base backups are found by their names', () => {
  it('side by side, and at the root of the location', () => {
    const { candidates, others } = found(
      ...PLAIN.map((name) => `monday/${name}`),
      ...PLAIN.map((name) => `old/tuesday/${name}`),
      ...['base.tar.gz', '16400.tar.gz', 'pg_wal.tar.gz', 'backup_manifest'].map((name) => `tar/${name}`),
      'notes.txt',
    );
    expect(candidates).toMatchObject([
      { as: 'plain', root: 'monday', files: { size: 5 } },
      { as: 'plain', root: 'old/tuesday' },
      { as: 'tar', root: 'tar', wal: { path: 'tar/pg_wal.tar.gz' }, isUnfinished: false },
    ]);
    expect(others.map(({ path }) => path)).toEqual(['notes.txt']);
    expect(found(...PLAIN).candidates).toMatchObject([{ as: 'plain', root: '' }]);
  });

  it('but not in repositories of other tools', () => {
    for (const paths of [
      PLAIN.map((name) => `backup/main/20261122-150000F/pg_data/${name}`).concat('backup/main/backup.info'),
      PLAIN.map((name) => `shop/base/20261122T150000/data/${name}`).concat('shop/base/20261122T150000/backup.info'),
      ['shop/wals/xlog.db', 'shop/streaming/000000010000000000000001', 'shop/base/1/data/backup_label'],
      ['shop/wals/0000000100000000/000000010000000000000001'],
      ['wal_005/000000010000000000000001.lz4', 'basebackups_005/base_1/tar_partitions/base.tar'],
    ]) {
      expect(found(...paths), paths[0]).toMatchObject({ candidates: [], others: [] });
    }
  });

  it('and are told from what servers use themselves, and from manifests alone', () => {
    const [label, ...rest] = PLAIN;
    for (const [paths, what] of [
      [[...PLAIN, 'postmaster.pid'], 'running server'],
      [[...rest, `${label}.old`], 'was started'],
      [['PG_VERSION', 'base/5/1259', 'global/pg_control'], 'without backup_label'],
      [['manifests/backup_manifest'], 'without the backup'],
    ] as const) {
      expect(found(...paths)).toMatchObject({ candidates: [], unmatched: [{ what: expect.stringContaining(what) }] });
    }
  });

  it('in directories of any depth', () => {
    const deep = 'd/'.repeat(10_000);
    expect(found(...PLAIN.map((name) => deep + name)).candidates).toHaveLength(1);
  });
});
