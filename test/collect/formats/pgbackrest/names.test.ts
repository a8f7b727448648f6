import { describe, expect, it } from 'vitest';
import {
  isOtherArchivePart,
  parseArchivedSegment,
  parseArchiveId,
} from '../../../../src/collect/formats/pgbackrest/archived-segment.ts';
import { parseBackupLabel } from '../../../../src/collect/formats/pgbackrest/backup-label.ts';

const SHA1 = '55569b697a265fd38f2780f6b0193f6efb6d3dbf';

describe('names in a repository', () => {
  it('labels tell the kind and the full backup', () => {
    const full = '20261122-214206F';
    expect(parseBackupLabel(full)).toEqual({ kind: 'full', full });
    expect(parseBackupLabel(`${full}_20261122-214221D`)).toEqual({ kind: 'differential', full });
    expect(parseBackupLabel(`${full}_20261122-214224I`)).toEqual({ kind: 'incremental', full });
    for (const none of [
      'latest',
      'backup.history',
      '20261122-214206',
      `${full}_`,
      `${full}_20261122-214221F`,
      `x${full}`,
    ]) {
      expect(parseBackupLabel(none), none).toBeNull();
    }
  });

  it('WAL segments with their checksum and compression', () => {
    const segment = '0000000100000000000000FF';
    for (const compression of ['gz', 'lz4', 'bz2', 'zst'] as const) {
      const expected = { segment, sha1: SHA1, compression };
      expect(parseArchivedSegment(`${segment}-${SHA1}.${compression}`)).toEqual(expected);
    }
    expect(parseArchivedSegment(`${segment}-${SHA1}`)).toEqual({ segment, sha1: SHA1, compression: 'none' });
    for (const none of [
      segment,
      `${segment}-${SHA1}.xz`,
      `${segment}.partial-${SHA1}.gz`,
      `${segment}-${SHA1}.gz.pgbackrest.tmp`,
    ]) {
      expect(parseArchivedSegment(none), none).toBeNull();
    }
  });

  it('parts of an archive that are no segments', () => {
    for (const part of [
      `000000010000000000000002.partial-${SHA1}.gz`,
      '000000010000000000000005.00000028.backup',
      '00000002.history',
    ]) {
      expect(isOtherArchivePart(part), part).toBe(true);
    }
    expect(isOtherArchivePart('core')).toBe(false);
  });

  it('directories of an archive', () => {
    expect(parseArchiveId('15-1')).toEqual({ version: '15', historyId: 1 });
    expect(parseArchiveId('9.6-12')).toEqual({ version: '9.6', historyId: 12 });
    for (const none of ['15', '15-', 'x-1', '15-1x']) expect(parseArchiveId(none), none).toBeNull();
  });
});
