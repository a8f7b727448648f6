import type { Instant } from '../../../model/instant.ts';
import { parseBackupName } from '../../formats/wal-g/backup-name.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { type ListedFiles, listedFiles } from '../verification/copy-identity.ts';
import { type UnmatchedList, unmatchedList } from './unmatched-list.ts';

/** The objects of one backup, summed up while listing. */
export interface WalGBackupFiles {
  readonly name: string;
  sentinel: ArtifactFile | null;
  metadata: ArtifactFile | null;
  filesMetadata: ArtifactFile | null;
  /** Sum and number of `tar_partitions/…`, and the first of them without a byte. */
  partBytes: number;
  parts: number;
  emptyPart: string | null;
  /** `tar_partitions/pg_control.tar.…`: what a restore extracts last. */
  controlPart: ArtifactFile | null;
  /** What the listing tells of each object below its own prefix. */
  readonly listed: ListedFiles;
  /** All of its objects. */
  bytes: number;
  newest: Instant;
}

/** One prefix that WAL-G writes below. `prefix` is empty where it is the tree's root, else without a slash at its end. */
export interface WalGPrefix {
  readonly prefix: string;
  readonly backups: Map<string, WalGBackupFiles>;
  readonly segments: Map<string, ArtifactFile>;
}

export interface WalGListing {
  readonly prefixes: readonly WalGPrefix[];
  readonly unmatched: UnmatchedList;
}

const PLACE = /^(?:(.+)\/)?(basebackups_005|wal_005)\/(.+)$/;
const SENTINEL = '_backup_stop_sentinel.json';
/** wal-g, internal/compression: lz4, lzma, zstd, brotli, gzip, lzo (only read), and none, which adds nothing. */
const SEGMENT_OBJECT = /^([0-9A-F]{24})(?:\.(?:lz4|lzma|zst|br|gz|lzo))?$/;
/** History files, backup labels, last parts of timelines, delta maps and WAL metadata: no segments. */
const BESIDE_SEGMENTS = /^[0-9A-F]{8}(?:\.history|[0-9A-F]{16}(?:\.partial|\.[0-9A-F]{8}\.backup|_delta|\.json))/;

/** Lists a repository and groups it by prefix and backup. @throws SourceError when the listing fails */
export async function listWalG(tree: ArtifactTree, signal: AbortSignal): Promise<WalGListing> {
  const prefixes = new Map<string, WalGPrefix>();
  const unmatched = unmatchedList();
  for await (const file of tree.list(signal)) {
    const [, prefix = '', place, below = ''] = PLACE.exec(file.path) ?? [];
    const folder = prefix === '' ? (place ?? '') : `${prefix}/${place}`;
    if (place === undefined) unmatched.add(file, 'it is no part of a WAL-G repository', '');
    else if (place === 'wal_005') addWal(prefixOf(prefixes, prefix), below, file, unmatched, folder);
    else if (!addToBackup(prefixOf(prefixes, prefix), below, file)) {
      unmatched.add(file, 'it is no part of a backup of PostgreSQL by WAL-G', folder);
    }
  }
  return { prefixes: [...prefixes.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)), unmatched };
}

function prefixOf(prefixes: Map<string, WalGPrefix>, prefix: string): WalGPrefix {
  const found = prefixes.get(prefix) ?? { prefix, backups: new Map(), segments: new Map() };
  prefixes.set(prefix, found);
  return found;
}

function addToBackup(prefix: WalGPrefix, path: string, file: ArtifactFile): boolean {
  const slash = path.indexOf('/');
  const isSentinel = slash < 0 && path.endsWith(SENTINEL);
  const name = isSentinel ? path.slice(0, -SENTINEL.length) : path.slice(0, Math.max(0, slash));
  if (parseBackupName(name) === null) return false;
  const backup = prefix.backups.get(name) ?? newBackup(name, file.modifiedAt);
  prefix.backups.set(name, backup);
  backup.bytes += file.bytes;
  if (file.modifiedAt > backup.newest) backup.newest = file.modifiedAt;
  const rest = path.slice(slash + 1);
  // What the sentinel says is in the copy itself.
  if (!isSentinel) backup.listed.add(file);
  if (isSentinel) backup.sentinel = file;
  else if (rest === 'metadata.json') backup.metadata = file;
  else if (rest === 'files_metadata.json') backup.filesMetadata = file;
  else if (rest.startsWith('tar_partitions/')) {
    backup.parts += 1;
    backup.partBytes += file.bytes;
    if (file.bytes === 0) backup.emptyPart ??= rest;
    if (/^tar_partitions\/pg_control\.tar(?:\.|$)/.test(rest)) backup.controlPart = file;
  }
  return true;
}

function newBackup(name: string, newest: Instant): WalGBackupFiles {
  return {
    name,
    sentinel: null,
    metadata: null,
    filesMetadata: null,
    partBytes: 0,
    parts: 0,
    emptyPart: null,
    controlPart: null,
    listed: listedFiles(),
    bytes: 0,
    newest,
  };
}

function addWal(prefix: WalGPrefix, path: string, file: ArtifactFile, unmatched: UnmatchedList, folder: string): void {
  const segment = SEGMENT_OBJECT.exec(path)?.[1];
  if (segment !== undefined && file.bytes === 0) {
    unmatched.add(file, 'WAL segment without a byte in it: it counts as missing', folder);
  } else if (segment !== undefined) prefix.segments.set(segment, file);
  else if (!BESIDE_SEGMENTS.test(path)) unmatched.add(file, 'it is no WAL of a WAL-G archive', folder);
}
