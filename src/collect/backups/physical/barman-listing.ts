import type { Instant } from '../../../model/instant.ts';
import { BACKUP_ID } from '../../formats/barman/backup-info.ts';
import { isSegmentName } from '../../formats/wal-segments.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { type ListedFiles, listedFiles } from '../verification/copy-identity.ts';
import { type UnmatchedList, unmatchedList } from './unmatched-list.ts';

/** The files below `base/ID` of one backup, summed up while listing. */
export interface BackupFiles {
  readonly id: string;
  info: ArtifactFile | null;
  /** `meta/ID-backup.info`, which rules where both are there (Barman 3.16, backups in immutable storage). */
  metaInfo: ArtifactFile | null;
  /** All but `backup.info`. */
  bytes: number;
  files: number;
  newest: Instant;
  /** `global/pg_control` of a data directory that lies there as files. */
  controlFile: ArtifactFile | null;
  hasBackupLabel: boolean;
  hasManifest: boolean;
  /** Archives of pg_basebackup's tar format, or of barman-cloud, by name. */
  readonly archives: Set<string>;
  readonly databaseOids: Set<number>;
  /** What the listing tells of each file, its `backup.info` included. */
  readonly listed: ListedFiles;
  /** Complete segments in the copy's own `pg_wal`. */
  readonly insideSegments: Set<string>;
}

/** One server's directory. `name` is empty where the tree's root is that directory. */
export interface ServerFiles {
  readonly name: string;
  readonly backups: Map<string, BackupFiles>;
  identity: ArtifactFile | null;
  segmentList: ArtifactFile | null;
  /** Segments in `wals/`, and the size of one. */
  readonly segments: Map<string, ArtifactFile>;
  newestSegmentBytes: number | null;
}

export interface BarmanListing {
  readonly servers: readonly ServerFiles[];
  readonly unmatched: UnmatchedList;
}

const PLACES =
  /^(?:([^/]+)\/)?(?:(identity\.json)|(base)\/(\d{8}T\d{6})\/(.+)|(wals|errors|incoming|streaming|meta)\/(.+))$/;
const META_INFO = /^(\d{8}T\d{6})-backup\.info$/;
const DATABASE = /^(?:data\/base|\d+\/PG_[^/]+)\/(\d{1,10})\/./;
const ARCHIVE = /^(?:data\/)?(?:base|data(?:_\d{4})?|\d+)\.tar(?:\.[a-z0-9]+)*$/;
/** barman-cloud adds the compression to the name; Barman compresses in place. */
const SEGMENT_FILE = /^(?:[0-9A-F]{16}\/)?([0-9A-F]{24})(?:\.(?:gz|bz2|xz|lz4|zst|snappy))?$/;
const PART_OF_ARCHIVE =
  /^(?:[0-9A-F]{16}\/)?(?:[0-9A-F]{8}\.history|[0-9A-F]{24}\.[0-9A-F]{8}\.backup|[0-9A-F]{24}\.partial)(?:\.[a-z0-9]+)?$/;
const OWN_FILE = /^\.[^/]*\.lock$|^\.barman\.auto\.conf$|^\.[^/]+-[^/]+\.lock$/;

/**
 * Lists a Barman home or one server's directory and groups it by server and backup. Other files than those of
 * Barman's own layout (barman/config.py, the defaults of `backup_directory`) are unmatched.
 *
 * @throws SourceError when the listing fails
 */
export async function listBarman(tree: Pick<ArtifactTree, 'list'>, signal: AbortSignal): Promise<BarmanListing> {
  const servers = new Map<string, ServerFiles>();
  const unmatched = unmatchedList();
  for await (const file of tree.list(signal)) {
    const [, name = '', identity, , id, rest = '', place, below = ''] = PLACES.exec(file.path) ?? [];
    const server = () => existing(servers, name, () => newServer(name));
    if (identity !== undefined) server().identity = file;
    else if (id !== undefined) addToBackup(backupOf(server(), id, file), rest, file);
    else if (place === 'wals') addWal(server(), below, file, unmatched);
    else if (place === 'meta' && META_INFO.test(below)) {
      const backup = backupOf(server(), META_INFO.exec(below)?.[1] ?? '', file);
      backup.metaInfo = file;
      backup.listed.add(file);
    } else if (place !== undefined && place !== 'meta') {
      unmatched.add(file, leftover(place, below), name === '' ? place : `${name}/${place}`);
    } else if (!OWN_FILE.test(file.path)) {
      unmatched.add(file, 'it is no part of a Barman catalogue', '');
    }
  }
  return { servers: [...servers.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), unmatched };
}

function leftover(place: string, below: string): string {
  if (place === 'errors') {
    const why = below.endsWith('.duplicate') ? 'another segment of this name was archived before it' : 'it is no WAL';
    return `WAL that Barman refused to archive (errors/): ${why}`;
  }
  if (place === 'incoming') return 'WAL that the server has sent and Barman has not archived yet (incoming/)';
  const partial = below.endsWith('.partial') ? 'the segment that is being received' : 'WAL that is not archived yet';
  return `${partial} (streaming/)`;
}

function newServer(name: string): ServerFiles {
  const backups = new Map<string, BackupFiles>();
  return { name, backups, identity: null, segmentList: null, segments: new Map(), newestSegmentBytes: null };
}

function backupOf(server: ServerFiles, id: string, { modifiedAt }: ArtifactFile): BackupFiles {
  if (!BACKUP_ID.test(id)) throw new RangeError('no name of a backup');
  return existing(server.backups, id, () => ({
    id,
    info: null,
    metaInfo: null,
    bytes: 0,
    files: 0,
    newest: modifiedAt,
    controlFile: null,
    hasBackupLabel: false,
    hasManifest: false,
    archives: new Set(),
    listed: listedFiles(),
    databaseOids: new Set(),
    insideSegments: new Set(),
  }));
}

function addToBackup(backup: BackupFiles, path: string, file: ArtifactFile): void {
  if (file.modifiedAt > backup.newest) backup.newest = file.modifiedAt;
  backup.listed.add(file);
  if (path === 'backup.info') {
    backup.info = file;
    return;
  }
  backup.bytes += file.bytes;
  backup.files += 1;
  if (path === 'data/global/pg_control') backup.controlFile = file;
  else if (path === 'data/backup_label') backup.hasBackupLabel = file.bytes > 0;
  else if (path === 'data/backup_manifest') backup.hasManifest = true;
  else if (ARCHIVE.test(path)) backup.archives.add(path);
  else if (path.startsWith('data/pg_wal/') && isSegmentName(path.slice(12))) backup.insideSegments.add(path.slice(12));
  const oid = DATABASE.exec(path)?.[1];
  if (oid !== undefined) backup.databaseOids.add(Number(oid));
}

function addWal(server: ServerFiles, path: string, file: ArtifactFile, unmatched: UnmatchedList): void {
  const folder = server.name === '' ? 'wals' : `${server.name}/wals`;
  const segment = SEGMENT_FILE.exec(path)?.[1];
  // From 3.13 on the list bears the server's name.
  if (/^(?:[^/]+-)?xlog\.db$/.test(path)) server.segmentList = file;
  else if (segment !== undefined && file.bytes === 0) {
    unmatched.add(file, 'WAL segment without a byte in it: it counts as missing', folder);
  } else if (segment !== undefined) {
    server.segments.set(segment, file);
    server.newestSegmentBytes = file.bytes;
  } else if (!PART_OF_ARCHIVE.test(path)) unmatched.add(file, 'it is no WAL of a Barman archive', folder);
}

function existing<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
