import { expect, it } from 'vitest';
import { placeInFileSystem } from '../../../src/collect/hosts/file-system-place.ts';

const TABLE = `22 1 8:2 / / rw - ext4 /dev/sda2 rw
30 22 8:3 / /backup rw - xfs /dev/sdb1 rw
31 22 8:3 /nightly /mnt/copies rw - xfs /dev/sdb1 rw
32 31 8:2 /srv/other /mnt/copies/other rw - ext4 /dev/sda2 rw
`;

it.each([
  ['/backup/nightly', ['8:3 /nightly'], ['8:3 /']],
  ['/mnt/copies', ['8:3 /nightly'], ['8:3 /']],
  ['/mnt/copies/acme', ['8:3 /nightly/acme'], ['8:3 /nightly', '8:3 /']],
  ['/mnt/copies-of-old', ['8:2 /mnt/copies-of-old'], ['8:2 /mnt', '8:2 /']],
  ['/', ['8:2 /'], []],
])('%s lies there in its file system', (path, self, above) => {
  expect(placeInFileSystem(TABLE, path)).toMatchObject({ self, above });
});

it('tells what is mounted below', () => {
  expect(placeInFileSystem(TABLE, '/mnt/copies').mounted).toEqual([['8:2 /srv/other', '8:2 /srv', '8:2 /']]);
  expect(placeInFileSystem(TABLE, '/backup').mounted).toEqual([]);
});

it('tells nothing without a table', () => {
  expect(placeInFileSystem('', '/backup')).toEqual({ self: [], above: [], mounted: [] });
});
