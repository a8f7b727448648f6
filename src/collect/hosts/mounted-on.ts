import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';

/** Whether a path lies on a disk of this host, as far as its mount tells. */
export type Attachment = 'local' | 'remote' | 'unknown';

/** Types of file systems whose data another machine keeps (mount.nfs(8), mount.cifs(8), sshfs(1) and their kin). */
const REMOTE = new Set(
  `nfs nfs4 cifs smb3 smbfs 9p virtiofs ceph glusterfs lustre afs beegfs gpfs gfs2 ocfs2 orangefs pvfs2 coda davfs fuse.sshfs
  fuse.ceph fuse.glusterfs fuse.rclone fuse.s3fs fuse.mfs fuse.juicefs fuse.davfs2 fuse.gcsfuse`.split(/\s+/),
);

/** Types of file systems on block devices or in memory. */
const LOCAL = new Set(
  `ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs nilfs2 vfat exfat ntfs ntfs3 fuseblk hfsplus udf iso9660
  squashfs overlay tmpfs ramfs rootfs`.split(/\s+/),
);

/**
 * How the path is attached to the host that this program runs on. By the type of its file system on Linux; elsewhere,
 * and for other types, a path on the device of `/` is local and of any other nothing is known.
 */
export function attachmentOf(path: string): Attachment {
  // A share that hangs is not looked at where its name alone tells.
  if (REMOTE.has(fileSystemType(mountTable(), path) ?? '')) return 'remote';
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return 'unknown';
  }
  // Read again: looking at the path lets an automounter mount it.
  const type = fileSystemType(mountTable(), real);
  if (type !== null && REMOTE.has(type)) return 'remote';
  if (type !== null && LOCAL.has(type)) return 'local';
  return deviceOf(real) === deviceOf('/') ? 'local' : 'unknown';
}

/**
 * The type of the file system that a path lies on; null where the table does not tell.
 *
 * @param table the text of /proc/self/mountinfo (proc_pid_mountinfo(5))
 * @param path absolute, without symbolic links
 */
export function fileSystemType(table: string, path: string): string | null {
  return mountOf(table, path)?.type ?? null;
}

/** The mount point of the file system that a path lies on, by the names alone: nothing is looked at. */
export function mountPointOf(path: string): string | null {
  return mountOf(mountTable(), path)?.point ?? null;
}

/**
 * Mount points that the system is told to have (fstab(5)) and that nothing is mounted on: what lies there now is the empty
 * directory below, and no answer.
 */
export function missingMounts(): readonly string[] {
  return missingMountsIn(textOf('/etc/fstab'), mountTable());
}

/** @param fstab the text of /etc/fstab */
export function missingMountsIn(fstab: string, table: string): readonly string[] {
  // What waits for somebody to mount it, or for an automounter, is rightly not there.
  const points = mountPointsIn(fstab).filter(({ waits }) => !waits);
  return notMountedOf(
    points.map(({ point }) => point),
    table,
  );
}

function mountPointsIn(fstab: string): readonly { readonly point: string; readonly waits: boolean }[] {
  return fstab
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => {
      const [, point, type, options = ''] = line.trim().split(/\s+/);
      if (point === undefined || !point.startsWith('/') || type === 'swap') return [];
      return [{ point: plainPoint(unescaped(point)), waits: /(^|,)(noauto|x-systemd\.automount)(,|$)/.test(options) }];
    });
}

function notMountedOf(points: readonly string[], table: string): readonly string[] {
  if (table === '') return [];
  const mounted = new Set(mountsIn(table).map(({ point }) => point));
  return points.filter((point) => point !== '/' && !mounted.has(point));
}

function plainPoint(point: string): string {
  return point.replace(/(.)\/+$/, '$1');
}

/** What tells the system where to mount: the text of /etc/fstab, and those of units of systemd (systemd.mount(5)). */
export interface MountSettings {
  readonly fstab: string;
  readonly units: readonly string[];
}

/**
 * Where the system is told to mount something at or above a path, by itself, on demand or by hand, and nothing is mounted;
 * null where there is no such place. Symbolic links are followed.
 */
export function absentMountAbove(path: string): { readonly point: string; readonly statedIn: string } | null {
  const settings = { fstab: textOf('/etc/fstab'), units: UNIT_DIRECTORIES.flatMap(mountUnits) };
  return absentMountIn(settings, mountTable(), [path, realOf(path)]);
}

/** @param paths names of one directory, absolute */
export function absentMountIn(
  { fstab, units }: MountSettings,
  table: string,
  paths: readonly string[],
): ReturnType<typeof absentMountAbove> {
  const find = (points: readonly string[]) =>
    notMountedOf(points, table).find((point) => paths.some((path) => isAtOrBelow(path, point)));
  const inTable = find(mountPointsIn(fstab).map(({ point }) => point));
  if (inTable !== undefined) return { point: inTable, statedIn: '/etc/fstab' };
  const inUnit = find(units.flatMap((text) => /^\s*Where\s*=\s*(\/.*?)\s*$/m.exec(text)?.[1] ?? []).map(plainPoint));
  return inUnit === undefined ? null : { point: inUnit, statedIn: 'a unit of systemd' };
}

/** Whether something is mounted right at a path; null where the system does not show its mounts. */
export function isMountedAt(point: string): boolean | null {
  const mounts = mountsIn(mountTable());
  if (mounts.length === 0) return null;
  const names = [plainPoint(point), realOf(point)];
  return mounts.some(({ point: at, type }) => type !== 'autofs' && names.includes(at));
}

/** Where units of an administrator and of this boot lie (systemd.unit(5)); those of packages mount no storage of copies. */
const UNIT_DIRECTORIES = ['/etc/systemd/system', '/run/systemd/system'];

function mountUnits(directory: string): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.mount') || name.endsWith('.automount'));
    return names.map((name) => textOf(`${directory}/${name}`));
  } catch {
    return [];
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** One line of the table. */
export interface Mount {
  readonly point: string;
  /** Its file system, and which directory of that is mounted. */
  readonly device: string;
  readonly root: string;
  readonly type: string;
}

/** The mount that a path without symbolic links lies on; null where the table does not tell. */
export function mountOf(table: string, path: string): Mount | null {
  let best: Mount | null = null;
  for (const mount of mountsIn(table)) {
    // Of two mounts on one point the later hides the earlier.
    if (isAtOrBelow(path, mount.point) && (best === null || mount.point.length >= best.point.length)) best = mount;
  }
  return best;
}

export function mountsIn(table: string): readonly Mount[] {
  return table.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ', 2);
    const [, , device = '', root = '', point] = before?.split(' ') ?? [];
    const type = after?.split(' ')[0];
    if (point === undefined || type === undefined || type === '') return [];
    return [{ point: unescaped(point), device, root: unescaped(root), type }];
  });
}

/** By the names alone. */
export function isAtOrBelow(path: string, point: string): boolean {
  return path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
}

/** Blanks and their kin stand as octal numbers in both tables. */
function unescaped(point: string): string {
  return point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => byteOf(octal));
}

function byteOf(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

export function mountTable(): string {
  return textOf('/proc/self/mountinfo');
}

/** Empty where it cannot be read, as on other systems than Linux. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function deviceOf(path: string): number | null {
  try {
    return statSync(path).dev;
  } catch {
    return null;
  }
}
