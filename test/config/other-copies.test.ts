import { describe, expect, test } from 'vitest';
import { locationSchema } from '../../src/config/location-schema.ts';
import { otherCopyMistakes } from '../../src/config/other-copies.ts';

const SERVERS = new Set(['install', 'main']);
const PLACE = { name: 'place', kind: 'directory', path: '/srv/copies' } as const;
const SNAPSHOTS = { listing: 'zfs.txt', format: 'zfs', sources: ['tank/pg'], server: 'main' } as const;

function mistakes(settings: Record<string, unknown>, place: Record<string, unknown> = PLACE) {
  const location = locationSchema.parse({ ...place, ...settings });
  return otherCopyMistakes(location, 'locations[3]', SERVERS).map(({ path }) => path);
}

describe('settings of copies told by programs, listings and people', () => {
  test('that fit each other have no mistake', () => {
    expect(mistakes({ purposes: ['restic', 'borg'], restic: { password: 'env:P', program: '/opt/restic' } })).toEqual(
      [],
    );
    expect(mistakes({ purposes: ['inventory'], inventory: { file: 'a/b.csv', format: 'csv' } })).toEqual([]);
    const failureDomain = { host: 'db1' };
    expect(mistakes({ purposes: ['filesystem-snapshots'], failureDomain, filesystemSnapshots: SNAPSHOTS })).toEqual([]);
  });

  test('that are missing or name what is not there are mistakes', () => {
    expect(mistakes({ purposes: ['filesystem-snapshots', 'inventory'] })).toEqual([
      'locations[3].filesystemSnapshots',
      'locations[3].inventory',
      'locations[3].failureDomain',
    ]);
    const filesystemSnapshots = { ...SNAPSHOTS, server: 'nowhere' };
    expect(mistakes({ purposes: ['dumps'], filesystemSnapshots })).toEqual(['locations[3].filesystemSnapshots.server']);
    const bucket = { kind: 's3', bucket: 'copies', accessKeyId: 'env:A', secretAccessKey: 'env:B' };
    expect(mistakes({ ...bucket, purposes: ['restic', 'borg'] }, { name: 'place' })).toEqual([
      'locations[3].purposes',
      'locations[3].purposes',
    ]);
  });

  test.each([
    { restic: { password: 'plain text' } },
    { borg: { passphrase: 'env:P', program: 'borg' } },
    { inventory: { file: '/etc/passwd', format: 'csv' } },
    { inventory: { file: 'a.csv', format: 'xlsx' } },
    { filesystemSnapshots: { ...SNAPSHOTS, sources: [] } },
    { filesystemSnapshots: { ...SNAPSHOTS, format: 'xfs' } },
  ])('are refused: %j', (settings) => {
    expect(locationSchema.safeParse({ ...PLACE, purposes: ['restic'], ...settings }).success).toBe(false);
  });
});
