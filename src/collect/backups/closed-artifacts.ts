import { isDumpMethod } from '../../model/backup-methods.ts';
import type { Facts } from '../../model/facts.ts';
import type { DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import { claimedName } from './claimed-name.ts';
import type { DumpLocation } from './dump-location.ts';
import { dumpMoment } from './dump-moment.ts';
import type { RecordedArtifacts } from './run-references.ts';

/** What a file is that cannot be read as a dump. */
export type ClosedKind = Exclude<DumpRecognition['kind'], 'dump'>;

/** A file that may have been meant as a copy and cannot be read as one. */
export interface ClosedArtifact {
  readonly location: DumpLocation;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  /** What the listing tells besides that changes with the content; null where it tells nothing. */
  readonly version: string | null;
  readonly kind: ClosedKind;
  /** What it is, as a plain phrase. */
  readonly what: string;
  /** The database that its file name claims. */
  readonly claimedName: string | null;
  /** True where it was written to in the minutes before the listing. */
  readonly isChanging?: boolean;
}

/** The closed artifacts of one location. */
export interface ClosedArtifacts {
  readonly all: readonly ClosedArtifact[];
  has(path: string): boolean;
  /** Those of one database, by file name or by its run records; notes which ones run records name. */
  of(database: string, recorded: RecordedArtifacts): readonly ClosedArtifact[];
  /** Whether one that nobody can look into is called a dump of roles or of a whole cluster. */
  readonly mayHoldRoles: boolean;
  /** Whether a run record of a database that was looked at named the path. */
  namedByRun(path: string): boolean;
  /** What nobody can look into and neither name nor run record ties to a database: copies of any may be inside. */
  unclaimed(): readonly ClosedArtifact[];
}

const DUMP_ENDING = /\.(dump|dmp|sql|psql|pgsql|pgdump|backup|bak|custom|tar)(\.|$)/i;
const WRAPPED_ENDING = /\.(gz|tgz|zst|xz|bz2|lz4|lzo|lzma|lz|z|7z|rar|zip|gpg|pgp|asc|age|enc|aes)$/i;

const ROLES = /(^|[^a-z])(globals?|roles?|(pg_?)?dumpall)([^a-z]|$)/i;

/**
 * Names that tools give to what holds no dump: WAL segments with history files and labels, snapshots of Vault, dumps of
 * roles alone, and files that are named by their SHA-256, as in a repository of restic.
 */
export const OTHER_NAME =
  /(^|\/)([0-9A-F]{24}(\.[^/]*)?|[0-9A-F]{8}\.history(\.[^/]*)?|[^/]*\.snap(shot)?(\.[^/]*)?|([^/]*[^a-z/])?(globals?|roles)([^a-z/][^/]*)?|[0-9a-f]{64})$/i;

/**
 * The database that a file nobody can look into claims by its name. Marks and notes lie beside dumps, so the name must
 * be that of a dump: in a database's directory with the ending of a dump, elsewhere with that of what wraps one, too.
 * A file in a format that is no dump's claims nothing, and an archive of any files only by its own name.
 */
export function fileNameClaim(path: string, kind: ClosedKind, databaseNames: ReadonlySet<string>): string | null {
  if (kind === 'foreign') return null;
  const name = fileName(path);
  if (kind !== 'archive' && DUMP_ENDING.test(name)) return claimedName(path, databaseNames);
  return DUMP_ENDING.test(name) || WRAPPED_ENDING.test(name) ? claimedName(name, databaseNames) : null;
}

export function closedArtifacts(all: readonly ClosedArtifact[]): ClosedArtifacts {
  const byName = Map.groupBy(all, (artifact) => artifact.claimedName);
  const byPath = new Map(all.map((artifact) => [artifact.path, artifact]));
  const named = new Set<string>();
  return {
    all,
    has: (path) => byPath.has(path),
    of(database, { certain, doubtful }) {
      const recorded = [...certain.keys()].flatMap((path) => byPath.get(path) ?? []);
      // What may be the copy that a run recorded stays possible where nobody can look into it, and accuses nobody else.
      const possible = [...doubtful].flatMap((path) => byPath.get(path) ?? []).filter(({ kind }) => isWrapped(kind));
      for (const { path } of [...recorded, ...possible]) named.add(path);
      return [...new Set([...(byName.get(database) ?? []), ...recorded, ...possible])];
    },
    mayHoldRoles: all.some(({ path, kind }) => isWrapped(kind) && ROLES.test(fileName(path))),
    namedByRun: (path) => named.has(path),
    unclaimed: () =>
      all.filter(
        ({ path, kind, claimedName }) =>
          isWrapped(kind) && claimedName === null && !named.has(path) && !OTHER_NAME.test(path),
      ),
  };
}

export function isWrapped(kind: ClosedKind): boolean {
  return kind === 'encrypted' || kind === 'compressed' || kind === 'archive';
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/**
 * A closed artifact as a copy: it cannot be told to be of the database, and an empty one certainly holds nothing.
 *
 * @param method of the plan whose run names it; null where none does
 */
export function closedCopy(artifact: ClosedArtifact, databaseName: string, method: string | null): Facts['copy'] {
  const { kind, what } = artifact;
  // A dump was recorded and this is none. Where another tool wrote it, it may be whole in its own format.
  const isNoDump = kind === 'foreign' && method !== null && isDumpMethod(method);
  const because = {
    empty: 'the file is empty',
    encrypted: `it is ${what}, which cannot be looked into`,
    compressed: `it is ${what}, which cannot be looked into`,
    archive: `it is ${what}, which is not looked into`,
    foreign: `it is ${what}`,
  }[kind];
  return {
    location: artifact.location.name,
    path: artifact.path,
    method: 'unknown',
    format: kind,
    bytes: artifact.bytes,
    modifiedAt: artifact.modifiedAt,
    foundName: null,
    claimedName: databaseName,
    nameAgrees: null,
    sameNameDatabases: 0,
    databaseOid: null,
    tableOids: null,
    tableNames: null,
    tablesComplete: false,
    tablesWithoutRows: [],
    scope: 'unknown',
    moment: null,
    serverVersion: null,
    toolVersion: null,
    integrity: kind === 'empty' || isNoDump ? 'incomplete' : 'unproven',
    integrityBecause: because,
    ...(kind === 'empty' && artifact.isChanging === true ? { changing: true } : {}),
    readToEnd: kind === 'empty',
    sha256: null,
    // What is in no known format may be encrypted in a way that does not show.
    encrypted: kind === 'foreign' ? null : kind === 'encrypted',
  };
}

/** What is known of a closed artifact by the run whose record has its very checksum. */
export interface ClosedReading {
  readonly sha256: string;
  /** The run that recorded these bytes; null where none did. */
  readonly provenBy: Facts['backup-run'] | null;
  /** What contradicts the checksum; null where nothing does. */
  readonly contradicted: string | null;
  readonly timeZone: string | null;
}

/**
 * A closed copy whose bytes were read: a run record with the same checksum tells of which database and moment it is,
 * where the artifact is silent. What is inside stays unknown.
 */
export function readClosedCopy(copy: Facts['copy'], reading: ClosedReading): Facts['copy'] {
  const { sha256, provenBy, contradicted, timeZone } = reading;
  if (contradicted !== null) return { ...copy, sha256, integrity: 'incomplete', integrityBecause: contradicted };
  if (provenBy === null) return { ...copy, sha256 };
  return {
    ...copy,
    sha256,
    nameAgrees: true,
    moment: dumpMoment({
      startedLocal: null,
      startedAt: null,
      modifiedAt: copy.modifiedAt,
      timeZone,
      recordedStart: provenBy.startedAt,
      listedAt: copy.modifiedAt,
    }),
    integrityBecause: `${copy.integrityBecause}; its bytes are those that the run of ${provenBy.startedAt} recorded`,
  };
}
