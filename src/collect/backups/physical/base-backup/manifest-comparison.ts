import type { ChecksumAlgorithm } from '../../../formats/base-backup/file-checksum.ts';
import type { ManifestFile } from '../../../formats/base-backup/manifest-file.ts';
import type { Findings } from './backup-reading.ts';

/** What a manifest lists against what is there. Holds only what is there, so that no manifest can fill the memory. */
export interface ManifestComparison {
  compare(file: ManifestFile): void | Promise<void>;
  /** Adds what was found; to be called after the last file. @throws what reading a file threw */
  conclude(findings: Findings): Promise<void>;
  /** Waits until nothing is being read any more; to be called also where the manifest turned out to be damaged. */
  settle(): Promise<void>;
}

/** How many files are read at once: what takes time is opening them. */
const AT_ONCE = 4;

/** Checksum of a file that is there, in lower-case hex; null where this one was not computed. */
export type ChecksumOf = (path: string, algorithm: ChecksumAlgorithm) => string | null | Promise<string | null>;

/**
 * Compares by the rules of pg_verifybackup (PostgreSQL documentation, pg_verifybackup): every file is there with its
 * size and checksum, and no other is there. Left out are the manifest, WAL, and what recovery is told by.
 *
 * @param present sizes of the files that are there, by path; emptied while comparing
 * @param checksumOf null where contents are not read
 * @param mayLieElsewhere whether a tablespace, given by its object id, of which nothing is there may lie behind a link; where
 * it may not, its files are missing
 */
export function compareWithManifest(
  present: Map<string, number>,
  checksumOf: ChecksumOf | null,
  mayLieElsewhere: (tablespace: string) => Promise<boolean> = async () => true,
): ManifestComparison {
  const missing = tally();
  const resized = tally();
  const altered = tally();
  const unread = tally();
  const absent = new Map<string, Tally>();
  /** Tablespaces of which anything is there: the others are symbolic links to elsewhere, or gone. */
  const seenTablespaces = new Set([...present.keys()].flatMap((path) => tablespaceOf(path) ?? []));

  const reading: Promise<void>[] = [];

  const judge = (path: string, found: string | null, stated: string): void => {
    if (found === null) unread.add(path);
    else if (found !== stated) altered.add(path);
  };

  return {
    compare: ({ path, bytes, checksum }) => {
      if (isIgnored(path)) return undefined;
      const size = present.get(path);
      if (size === undefined) {
        const tablespace = tablespaceOf(path);
        if (tablespace === null || seenTablespaces.has(tablespace)) missing.add(path);
        else {
          const files = absent.get(tablespace) ?? tally();
          absent.set(tablespace, files);
          files.add(path);
        }
        return undefined;
      }
      // A second entry for it is one too many: pg_verifybackup refuses such a manifest.
      present.delete(path);
      if (size !== bytes) resized.add(path);
      else if (checksum !== null && checksumOf !== null) {
        const found = checksumOf(path, checksum.algorithm);
        if (found instanceof Promise) {
          const judged = found.then((hex) => judge(path, hex, checksum.hex));
          // It is seen when its turn comes; until then it is not unhandled.
          judged.catch(() => undefined);
          reading.push(judged);
          return reading.length < AT_ONCE ? undefined : reading.shift();
        }
        judge(path, found, checksum.hex);
      }
      return undefined;
    },
    settle: async () => {
      await Promise.allSettled(reading);
    },
    conclude: async ({ problems, doubts }) => {
      await Promise.all(reading);
      const extra = tally();
      for (const path of present.keys()) if (!isIgnored(path)) extra.add(path);
      const elsewhere: string[] = [];
      for (const [tablespace, files] of absent) {
        if (await mayLieElsewhere(tablespace)) elsewhere.push(tablespace);
        else missing.join(files);
      }
      if (missing.count > 0) problems.push(`${missing.text()} that its manifest lists ${are(missing.count)} not there`);
      if (resized.count > 0)
        problems.push(`${resized.text()} ${has(resized.count)} not the size that its manifest states`);
      if (altered.count > 0)
        problems.push(`${altered.text()} ${has(altered.count)} not the checksum that its manifest states`);
      if (unread.count > 0)
        doubts.push(`the checksum of ${unread.text()} was not computed: its manifest mixes algorithms`);
      if (elsewhere.length > 0) {
        const names = elsewhere.slice(0, 5).join(', ');
        doubts.push(`its tablespace ${names} lies elsewhere, behind a symbolic link that is not followed`);
      }
      if (extra.count > 0) doubts.push(`${extra.text()} ${are(extra.count)} there that its manifest does not list`);
    },
  };
}

const IGNORED: ReadonlySet<string> = new Set([
  'backup_manifest',
  'postgresql.auto.conf',
  'recovery.signal',
  'standby.signal',
]);

function isIgnored(path: string): boolean {
  return IGNORED.has(path) || path === 'pg_wal' || path.startsWith('pg_wal/');
}

function tablespaceOf(path: string): string | null {
  return /^pg_tblspc\/(\d+)\//.exec(path)?.[1] ?? null;
}

interface Tally {
  count: number;
  first: string;
  add(path: string): void;
  join(other: Tally): void;
  text(): string;
}

function tally(): Tally {
  const own: Tally = {
    count: 0,
    first: '',
    add: (path: string): void => {
      if (own.count === 0) own.first = path;
      own.count += 1;
    },
    join: (other): void => {
      if (own.count === 0) own.first = other.first;
      own.count += other.count;
    },
    text: (): string => {
      const shown = JSON.stringify(own.first.slice(0, 120));
      return own.count === 1 ? `the file ${shown}` : `${own.count} files (the first is ${shown})`;
    },
  };
  return own;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function has(count: number): string {
  return count === 1 ? 'has' : 'have';
}
