import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  absentMountIn,
  attachmentOf,
  fileSystemType,
  isAtOrBelow,
  missingMountsIn,
} from '../../../src/collect/hosts/mounted-on.ts';
import { scratchDirectory } from '../../services/scratch.ts';

/** As /proc/self/mountinfo of a host with a partition of its own for /var, a share, and one that was mounted twice. */
const TABLE = `22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
30 22 8:3 / /var rw,relatime shared:2 - xfs /dev/sda3 rw
31 30 0:45 / /var/backups rw,relatime shared:3 - nfs4 nas:/export rw,vers=4.2
32 22 0:46 / /srv/two\\040words rw - cifs //nas/two rw
33 22 0:47 / /mnt/again rw - ext4 /dev/sdb1 rw
34 22 0:48 / /mnt/again rw - fuse.sshfs nas:/again rw
`;

describe('the file system that a path lies on', () => {
  it.each([
    ['/srv/backups', 'ext4'],
    ['/var/lib/backups', 'xfs'],
    ['/var/backups', 'nfs4'],
    ['/var/backups/nightly', 'nfs4'],
    ['/var/backups-of-old', 'xfs'],
    ['/srv/two words/nightly', 'cifs'],
    ['/mnt/again', 'fuse.sshfs'],
  ])('%s: %s', (path, type) => {
    expect(fileSystemType(TABLE, path)).toBe(type);
  });

  it('is not known from a table that does not tell', () => {
    expect(fileSystemType('', '/srv')).toBeNull();
    expect(fileSystemType('no such table\n', '/srv')).toBeNull();
  });
});

describe.skipIf(process.platform !== 'linux')('how a path is attached', () => {
  it('a directory of this host, and a link to it, are local; the kernel’s own are not known', () => {
    using scratch = scratchDirectory('attachment');
    const link = join(scratch.path, 'link');
    symlinkSync(scratch.path, link);
    expect([attachmentOf(scratch.path), attachmentOf(link)]).toEqual(['local', 'local']);
    expect(attachmentOf('/proc/self')).toBe('unknown');
    expect(attachmentOf(join(scratch.path, 'nowhere'))).toBe('unknown');
  });
});

describe('an empty directory where something may be mounted', () => {
  const TABLE = '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / /mnt/there rw - nfs4 nas:/there rw';
  const fstab = 'nas:/by-hand /mnt/by-hand nfs4 noauto 0 0\nnas:/there /mnt/there/ nfs4 defaults 0 0';
  const units = ['[Unit]\nAfter=x\n[Mount]\nWhat=nas:/unit\n Where = /mnt/unit \n', '[Mount]\nWhat=x\n'];
  const absent = (table: string, ...paths: readonly string[]) => absentMountIn({ fstab, units }, table, paths);

  it('is below a mount point that the system is told of, and that nothing is mounted at', () => {
    expect(absent(TABLE, '/mnt/by-hand/dumps')).toEqual({ point: '/mnt/by-hand', statedIn: '/etc/fstab' });
    expect(absent(TABLE, '/mnt/unit')).toEqual({ point: '/mnt/unit', statedIn: 'a unit of systemd' });
    expect(absent(TABLE, '/srv/link', '/mnt/unit/dumps')).toMatchObject({ point: '/mnt/unit' });
  });

  it('is what it is everywhere else, and where the system shows no mounts', () => {
    expect(absent(TABLE, '/mnt/there/dumps')).toBeNull();
    expect(absent(TABLE, '/srv/unit')).toBeNull();
    expect(absent('', '/mnt/unit')).toBeNull();
  });
});

describe('a mount that is missing', () => {
  const TABLE = '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / /mnt/there rw - nfs4 nas:/there rw';
  const FSTAB = [
    '# comment',
    'UUID=1 / ext4 defaults 0 1',
    'nas:/there /mnt/there nfs4 defaults 0 0',
    'nas:/gone /mnt/gone nfs4 defaults 0 0',
    'nas:/by-hand /mnt/by-hand nfs4 noauto 0 0',
    'nas:/auto /mnt/auto nfs4 _netdev,x-systemd.automount 0 0',
    'nas:/blank /mnt/a\\040b nfs4 defaults 0 0',
    '/dev/sda2 none swap sw 0 0',
  ].join('\n');

  it.each([
    ['/mnt/gone', '/mnt/gone'],
    ['/mnt/gone/below/it', '/mnt/gone'],
    ['/mnt/a b/x', '/mnt/a b'],
    ['/mnt/gone-too', null],
    ['/mnt/there/x', null],
    ['/mnt/by-hand/x', null],
    ['/mnt/auto/x', null],
    ['/srv', null],
  ])('of %s is %s', (path, point) => {
    const missing = missingMountsIn(FSTAB, TABLE);
    expect(missing.find((one) => isAtOrBelow(path, one)) ?? null).toBe(point);
  });

  it('is not told where the system shows no mounts', () => {
    expect(missingMountsIn(FSTAB, '')).toEqual([]);
  });
});
