import { describe, expect, it } from 'vitest';
import { checkRow } from '../../src/collect/backups/inventory/check-row.ts';
import { lockEnd } from '../../src/collect/backups/physical/aws/recovery-points.ts';
import { readBtrfsListing } from '../../src/collect/backups/physical/filesystem/btrfs-listing.ts';
import { readLvmListing } from '../../src/collect/backups/physical/filesystem/lvm-listing.ts';
import { parseBorgArchives } from '../../src/collect/backups/repositories/borg-listing.ts';
import { parseResticSnapshots } from '../../src/collect/backups/repositories/restic-listing.ts';
import { parseCopyTime } from '../../src/collect/hosts/dated-copies.ts';
import { SourceError } from '../../src/model/source-error.ts';

/** The last second that four digits of a year can write is another year's in most zones. */
const FAR = '9999-12-31 23:59:59';
const ZONES = [null, 'America/New_York'];
const lvm = (time: string): string =>
  JSON.stringify({ report: [{ lv: [{ lv_name: 'a', origin: 'b', lv_time: time, lv_attr: 'swi-a-s---' }] }] });
const btrfs = (time: string): string => `ID 9 gen 1 cgen 1 top level 5 otime ${time} path a`;

describe('times beyond the years 0 to 9999, or that do not exist, are no times and no crash', () => {
  it.each(ZONES)('of LVM and Btrfs, zone %s', (zone) => {
    for (const time of [FAR, '2026-02-31 02:00:00', '2026-13-01 02:00:00', '2026-11-22 24:00:01']) {
      expect(readLvmListing(lvm(time), zone).snapshots).toMatchObject([{ createdAt: null }]);
      expect(readBtrfsListing(btrfs(time), zone).snapshots).toMatchObject([{ createdAt: null }]);
    }
    for (const time of [`${FAR} -0500`, '0000-01-01 00:00:00 +0500', '2026-02-31 02:00:00 +0000']) {
      expect(readLvmListing(lvm(time), zone).snapshots).toMatchObject([{ createdAt: null }]);
    }
  });

  it.each(['9999-12-31T23:59:59-05:00', '0000-01-01T00:00:00+05:00'])('of restic: %s', (time) => {
    expect(() => parseResticSnapshots(JSON.stringify([{ id: 'a'.repeat(64), time }]))).toThrow(SourceError);
  });

  it('of Borg, which states no zone', () => {
    const start = '2026-11-22T02:00:03Z';
    const answer = { archives: [{ name: 'a', time: start, start }], encryption: { mode: 'none' } };
    expect(() => parseBorgArchives(JSON.stringify(answer))).toThrow(SourceError);
  });

  it.each([...ZONES.slice(1).map(() => FAR), `${FAR}-05:00`])('of an inventory: %s', (moment) => {
    const settings = { format: 'csv', file: 'a.csv', columns: {} } as const;
    const around = {
      settings,
      timeZone: 'America/New_York',
      servers: new Set<string>(),
      now: '2026-11-22T12:00:00.000Z',
    };
    const row = { database: 'a', moment, method: 'x', owner: 'o', recordedAt: '2026-11-22T08:00:00Z' };
    expect(checkRow(2, row, around)).toMatchObject({ mistakes: [{ problem: expect.stringContaining('moment') }] });
  });

  it('of the end of a lock', () => {
    const vault = {
      BackupVaultName: 'v',
      Locked: true,
      MinRetentionDays: 36_500,
      LockDate: '2020-01-01T00:00:00.000Z',
    };
    const times = { CreationDate: '9990-01-01T00:00:00.000Z', CompletionDate: null, CalculatedLifecycle: null };
    const nothing = { ResourceArn: null, ResourceType: null, Status: null, BackupSizeInBytes: null, IsEncrypted: null };
    const key = { EncryptionKeyArn: null };
    const point = { RecoveryPointArn: 'a', ...times, ...nothing, ...key, IsParent: null, SourceBackupVaultArn: null };
    expect(lockEnd(vault, point, '2026-11-22T12:00:00.000Z')).toBeNull();
  });

  it('of a dated copy', () => {
    expect(parseCopyTime('9999-12-31_23.59', 'YYYY-MM-DD_HH.mm', 'America/New_York')).toBeNull();
  });
});
