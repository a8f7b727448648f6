import type { Instant } from '../../../model/instant.ts';

/** Tools whose repositories are read through the tool itself. */
export type RepositoryMethod = 'restic' | 'borg';

/** A file inside a snapshot that its path calls a copy of a database. Nobody looked into it. */
export interface SnapshotFile {
  readonly method: RepositoryMethod;
  /** What the tool calls the snapshot, and the path inside: `4436b8a9/backups/tenant_acme.dump`. */
  readonly path: string;
  readonly bytes: number;
  /** When the snapshot was taken: what it holds is from before. */
  readonly snapshotAt: Instant;
  /** What the tool kept of the file's own time, where that is earlier; else that of the snapshot. */
  readonly modifiedAt: Instant;
  /** The database that its path claims. */
  readonly claimedName: string;
  readonly form: 'file' | 'directory';
  /** True where it certainly holds nothing. */
  readonly isEmpty: boolean;
  readonly encrypted: boolean;
}

/** One snapshot or archive as its tool lists it. */
export interface ListedSnapshot {
  /** What the tool is asked with: id or name. */
  readonly id: string;
  /** What people know it by. */
  readonly label: string;
  readonly takenAt: Instant;
  /** Snapshots of one host and the same paths, of which each takes the place of the one before. */
  readonly series: string;
  readonly host: string;
  /** What was backed up, as restic was told; null of Borg, whose listing does not tell it. */
  readonly paths: readonly string[] | null;
  /** Patterns of what was left out, as the program was told; null where that is not known. */
  readonly excludes: readonly string[] | null;
}

/**
 * A path or name without the dates and times in it, which begin no new series; other numbers tell things apart.
 */
export function undated(text: string): string {
  return text.replace(DATED, '#');
}

/** A day of 19xx or 20xx with a time or without, or seconds since 1970. */
const DATED =
  /(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:[T _-]?\d{2}[-_:.h]?\d{2}(?:[-_:.m]?\d{2}(?:[.,]\d+)?)?)?(?!\d)|(?<!\d)1\d{9}(?!\d)/g;

/** What a snapshot is called where several hosts may share a repository: what it is of shows by its host. */
export function snapshotName({ label, host }: Pick<ListedSnapshot, 'label' | 'host'>): string {
  return host === '' ? label : `${label} of host ${host}`;
}

/** Snapshots of one series that are looked into, newest first. */
export const NEWEST_OF_SERIES = 10;
/** Snapshots of one repository that are looked into, whatever series there are. */
export const MOST_SNAPSHOTS = 200;

/** Which snapshots are looked into: the newest of every series, before any older one. */
export function chooseSnapshots<T extends ListedSnapshot>(
  snapshots: readonly T[],
): { readonly chosen: readonly (T & { readonly isNewest: boolean })[]; readonly left: readonly T[] } {
  const newestFirst = [...snapshots].sort((a, b) => b.takenAt.localeCompare(a.takenAt) || (a.id < b.id ? -1 : 1));
  const seen = new Map<string, number>();
  const ranked = newestFirst.map((snapshot) => {
    const rank = seen.get(snapshot.series) ?? 0;
    seen.set(snapshot.series, rank + 1);
    return { snapshot, rank };
  });
  const wanted = ranked
    .filter(({ rank }) => rank < NEWEST_OF_SERIES)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST_SNAPSHOTS);
  const taken = new Set(wanted.map(({ snapshot }) => snapshot));
  return {
    chosen: wanted.map(({ snapshot, rank }) => ({ ...snapshot, isNewest: rank === 0 })),
    left: newestFirst.filter((snapshot) => !taken.has(snapshot)),
  };
}
