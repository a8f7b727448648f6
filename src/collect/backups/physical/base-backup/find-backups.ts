import type { Facts } from '../../../../model/facts.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { directoryOf, innermost, nameOf } from './paths.ts';

/** Files of one data directory by their path in it. */
export interface PlainCandidate {
  readonly as: 'plain';
  /** Path of the directory, without a slash at its end; empty for the root of the location. */
  readonly root: string;
  readonly files: ReadonlyMap<string, ArtifactFile>;
}

/** The archives that `pg_basebackup -Ft` writes side by side. */
export interface TarCandidate {
  readonly as: 'tar';
  readonly root: string;
  readonly base: ArtifactFile;
  /** By the object id of the tablespace. */
  readonly tablespaces: ReadonlyMap<string, ArtifactFile>;
  readonly wal: ArtifactFile | null;
  readonly manifest: ArtifactFile | null;
  /** A manifest under the name it has while the backup runs. */
  readonly isUnfinished: boolean;
}

/** One archive that may be what `pg_basebackup -Ft -D -` wrote. */
export interface SingleCandidate {
  readonly as: 'single';
  readonly file: ArtifactFile;
}

export type Candidate = PlainCandidate | TarCandidate | SingleCandidate;

export interface Found {
  readonly candidates: readonly Candidate[];
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  /** What is in no data directory and in no repository of another tool. */
  readonly others: readonly ArtifactFile[];
}

const TAR = '\\.(?:tar|tar\\.gz|tgz|tar\\.zst|tar\\.lz4|tar\\.bz2|tar\\.xz)$';
const ARCHIVE = new RegExp(TAR);
const BASE = new RegExp(`^base${TAR}`);
const WAL = new RegExp(`^pg_wal${TAR}`);
const TABLESPACE = new RegExp(`^(\\d{1,10})${TAR}`);

/** Every base backup in a listing, by the names of files alone. */
export function findBackups(files: readonly ArtifactFile[]): Found {
  const foreign = foreignRoots(files);
  const foreignRoot = innermost(foreign);
  const own = files.filter(({ path }) => foreignRoot(directoryOf(path)) === null);
  const roots = dataDirectories(own);
  const inRoot = new Map<string, Map<string, ArtifactFile>>([...roots].map((root) => [root, new Map()]));
  const others: ArtifactFile[] = [];
  const dataRoot = innermost(roots);
  for (const file of own) {
    const root = dataRoot(directoryOf(file.path));
    const within = root === null ? undefined : inRoot.get(root);
    if (root === null || within === undefined) others.push(file);
    else within.set(root === '' ? file.path : file.path.slice(root.length + 1), file);
  }
  const candidates: Candidate[] = [];
  const unmatched: Facts['unmatched-artifact'][] = [];
  for (const [root, within] of inRoot) {
    const reason = noBackup(within);
    if (reason === null) candidates.push({ as: 'plain', root, files: within });
    else unmatched.push(directoryArtifact(root, within, reason));
  }
  const tars = tarCandidates(others);
  const taken = new Set(tars.flatMap(tarFiles));
  for (const file of others) {
    const name = nameOf(file.path);
    if (taken.has(file)) continue;
    if (ARCHIVE.test(name)) candidates.push({ as: 'single', file });
    else if (name === 'backup_manifest' || name === 'backup_manifest.tmp') {
      const { path, bytes, modifiedAt } = file;
      const what = 'a backup manifest without the backup that it lists';
      unmatched.push({ path, bytes, modifiedAt, what, foundName: null });
    }
  }
  return { candidates: [...candidates, ...tars], unmatched, others: others.filter((file) => !taken.has(file)) };
}

/** The archives of a candidate and its manifest. */
export function tarFiles({ base, tablespaces, wal, manifest }: TarCandidate): readonly ArtifactFile[] {
  return [base, ...tablespaces.values(), wal, manifest].filter((file) => file !== null);
}

/** Directories in which other tools keep repositories, with what they hold: their own readers know them. */
function foreignRoots(files: readonly ArtifactFile[]): ReadonlySet<string> {
  const roots = new Set<string>();
  for (const { path } of files) {
    const directory = directoryOf(path);
    const name = nameOf(path);
    // pgBackRest: archive/STANZA/archive.info, backup/STANZA/backup.info, LABEL/backup.manifest. Barman: base/ID/backup.info.
    if (name === 'archive.info' || name === 'backup.info' || name === 'backup.manifest') roots.add(directory);
    // Barman: NAME/wals/xlog.db beside base, streaming and incoming.
    if (name === 'xlog.db' && nameOf(directory) === 'wals') roots.add(directoryOf(directory));
    // WAL-G: basebackups_005 and wal_005.
  }
  for (const directory of new Set(files.map(({ path }) => directoryOf(path)))) {
    // Barman, where the list of its WAL is not there.
    const barman = /^(?:.*\/)?wals(?=\/[0-9A-F]{16}$)/.exec(directory);
    if (barman !== null) roots.add(barman[0]);
    // WAL-G: basebackups_005 and wal_005.
    const walg = /^(?:.*\/)?(?:basebackups|wal)_\d{3}(?=\/|$)/.exec(directory);
    if (walg !== null) roots.add(walg[0]);
  }
  return roots;
}

/** Directories that look like a data directory, or like the beginning of one. */
function dataDirectories(files: readonly ArtifactFile[]): ReadonlySet<string> {
  const paths = new Set(files.map(({ path }) => path));
  const roots = new Set<string>();
  for (const path of paths) {
    if (nameOf(path) === 'backup_label') roots.add(directoryOf(path));
    if (path === 'global/pg_control' || path.endsWith('/global/pg_control')) {
      roots.add(directoryOf(directoryOf(path)));
    }
    if (nameOf(path) === 'backup_manifest' && paths.has(joined(directoryOf(path), 'PG_VERSION'))) {
      roots.add(directoryOf(path));
    }
  }
  return roots;
}

/** Why the files of a data directory are no base backup; null where they may be one. */
function noBackup(files: ReadonlyMap<string, ArtifactFile>): string | null {
  if (files.has('postmaster.pid')) return 'the data directory of a running server (postmaster.pid), no base backup';
  if (files.has('backup_label.old') && !files.has('backup_label')) {
    return 'a data directory in which a server was started (backup_label.old), no base backup any more';
  }
  if (files.has('backup_label') || files.has('backup_manifest')) return null;
  return 'a data directory without backup_label and backup_manifest: nothing in it says that it is a base backup';
}

function tarCandidates(files: readonly ArtifactFile[]): readonly TarCandidate[] {
  const byDirectory = new Map<string, ArtifactFile[]>();
  for (const file of files) {
    const directory = directoryOf(file.path);
    const list = byDirectory.get(directory);
    if (list === undefined) byDirectory.set(directory, [file]);
    else list.push(file);
  }
  return [...byDirectory].flatMap(([root, inside]) => {
    const named = (pattern: RegExp): ArtifactFile | null =>
      inside.find(({ path }) => pattern.test(nameOf(path))) ?? null;
    const base = named(BASE);
    if (base === null) return [];
    const tablespaces = inside.flatMap((file) => {
      const oid = TABLESPACE.exec(nameOf(file.path))?.[1];
      return oid === undefined ? [] : ([[oid, file]] as const);
    });
    const isUnfinished = named(/^backup_manifest\.tmp$/) !== null;
    const manifest = named(/^backup_manifest$/);
    return [{ as: 'tar', root, base, tablespaces: new Map(tablespaces), wal: named(WAL), manifest, isUnfinished }];
  });
}

function directoryArtifact(
  root: string,
  files: ReadonlyMap<string, ArtifactFile>,
  what: string,
): Facts['unmatched-artifact'] {
  const { bytes, modifiedAt } = totals(files.values());
  return { path: root === '' ? '.' : root, bytes, modifiedAt, what, foundName: null };
}

/** Bytes and newest time of some files. */
export function totals(files: Iterable<ArtifactFile>): Pick<ArtifactFile, 'bytes' | 'modifiedAt'> {
  let bytes = 0;
  let modifiedAt = '';
  for (const file of files) {
    bytes += file.bytes;
    if (file.modifiedAt > modifiedAt) modifiedAt = file.modifiedAt;
  }
  return { bytes, modifiedAt };
}

function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
