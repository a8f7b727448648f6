import type { BlindSpot } from '../../../model/evidence.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Instant } from '../../../model/instant.ts';
import type { Ancestor } from '../../formats/timeline-history.ts';
import type { StatedCopy } from '../inventory/stated-copy.ts';
import type { PossibleCopy } from '../possible-copy.ts';
import type { SnapshotFile } from '../repositories/repository-contents.ts';

/** Tools and services that keep copies of a whole cluster. */
export const PHYSICAL_METHODS = [
  'pg_basebackup',
  'pgbackrest',
  'barman',
  'wal-g',
  'rds-snapshot',
  'rds-automated-backup',
  'aws-backup',
  'ebs-snapshot',
  'filesystem-snapshot',
  'restic',
  'borg',
] as const;
export type PhysicalMethod = (typeof PHYSICAL_METHODS)[number];

/** Which cluster a copy is of, by whatever its format tells. */
export interface ClusterIdentity {
  /** `system_identifier` of pg_control as decimal text: it exceeds 2^53. */
  readonly systemIdentifier: string | null;
  /** Address of the managed instance or cluster, as clients connect to it, in lower case. */
  readonly endpoints: readonly string[];
  /** Its port there; absent or null where it is not told. */
  readonly port?: number | null;
  /** Name of a configured server, where the configuration says whose copies lie here. */
  readonly declaredServer: string | null;
}

/** One backup of a whole cluster, as its own catalogue or files tell. Every format is translated into this. */
export interface PhysicalCopy {
  /** What the tool calls it; unique within its repository, and what other copies refer to in `needs`. */
  readonly label: string;
  /** Where it lies, relative to the location; for services their own identifier (an ARN). Safe to print. */
  readonly path: string;
  readonly method: PhysicalMethod;
  /** For people, e.g. `plain`, `tar, gzip`, `repository, aes-256-cbc`. */
  readonly format: string;
  readonly kind: 'full' | 'differential' | 'incremental' | 'snapshot';
  /** Labels of the copies without which this one restores nothing; empty for a full one. */
  readonly needs: readonly string[];
  readonly cluster: ClusterIdentity;
  readonly timeline: number | null;
  /** Its databases with their object ids; names null where the format holds only ids. Null: not told. */
  readonly databases: readonly { readonly oid: number | null; readonly name: string | null }[] | null;
  /** Start and end of the backup; `stoppedAt` is what it is consistent as of. Null: not told. */
  readonly startedAt: Instant | null;
  readonly stoppedAt: Instant | null;
  /** Where the two come from, e.g. `backup.info`, `newest file of the manifest`. */
  readonly timesFrom: string;
  /** WAL that must be replayed before it is consistent. Null: not told. `inside`: the copy holds it itself. */
  readonly wal: {
    readonly startLsn: string | null;
    readonly stopLsn: string | null;
    readonly firstSegment: string | null;
    readonly lastSegment: string | null;
    readonly inside: boolean;
  } | null;
  /** Number of the release, e.g. `15.20` or `15`. */
  readonly serverVersion: string | null;
  readonly toolVersion: string | null;
  /** Bytes it takes where it lies. */
  readonly bytes: number;
  /** Newest time the storage or service gives for it. */
  readonly modifiedAt: Instant;
  /**
   * By the format's own rules and to the depth that was read, of this copy alone: what it `needs` and the WAL archive
   * are looked at where all copies are known.
   */
  readonly integrity: 'complete' | 'incomplete' | 'unproven';
  /** Says why, for the report: no path of another, no secret. */
  readonly integrityBecause: string;
  /** True where its tool records it as one that is being taken. */
  readonly beingTaken?: boolean;
  /** True where every byte was read and compared with the format's own checksums. */
  readonly readToEnd: boolean;
  /** Whether it is encrypted itself, or, of what a service keeps, its storage; null where that is not told. */
  readonly encrypted: boolean | null;
  /** Immutable until then, where the service tells (lock of a vault). */
  readonly lockedUntil: Instant | null;
  /** Where it stands, as the service itself tells; null for files, whose location states it. */
  readonly domain: { readonly account: string | null; readonly region: string | null } | null;
  /** The timelines that its own goes back to, by the history file inside; absent where none lies in it. */
  readonly history?: readonly Ancestor[];
  /** Archives beside it in which a segment holds something else than inside it; absent where none does, or none was compared. */
  readonly otherWal?: readonly { readonly archive: string; readonly segment: string }[];
  /** Keys of a key service that it is encrypted with; absent where it names none. */
  readonly keys?: readonly CopyKey[];
}

/** A key that a copy is encrypted with, as it is now. */
export type CopyKey = NonNullable<NonNullable<Facts['copy']['kept']>['keys']>[number];

/** WAL that a tool keeps for one cluster and one line of system identifiers. */
export interface WalArchive {
  readonly path: string;
  readonly method: PhysicalMethod;
  readonly cluster: ClusterIdentity;
  readonly segmentBytes: number;
  /** One for each timeline, ascending; segment names are 24 hex digits in upper case. */
  readonly timelines: readonly {
    readonly timeline: number;
    readonly firstSegment: string;
    readonly lastSegment: string;
    /** Segments that are missing between the first and the last, as ranges; at most 50, with the true number beside. */
    readonly gaps: readonly { readonly first: string; readonly last: string }[];
    readonly missing: number;
    /** Storage time of the last segment and of the one before it: what the last one holds was written in between. */
    readonly lastArchivedAt: Instant;
    readonly previousArchivedAt: Instant | null;
    /** Newest time in what the last segments hold, by the clock of the server; absent where none of them tells one. */
    readonly lastWrittenAt?: Instant;
    /** True where storage times cannot be those of archiving: as after a copy that gave all files its own time. */
    readonly isRetimed?: boolean;
  }[];
  /** The timelines that the newest goes back to, from its history file; absent where that was not found or not read. */
  readonly history?: readonly Ancestor[];
  /** The newest history file beside it, where that is of a timeline of which no segment came yet; absent where none is. */
  readonly historyAhead?: { readonly timeline: number; readonly ancestors: readonly Ancestor[] };
  /**
   * Continuous range a service promises to restore to, instead of segments; `timelines` is then empty. The reader tells
   * of a copy as of its end, too.
   */
  readonly window: { readonly from: Instant | null; readonly to: Instant } | null;
  /** True where every segment was read and compared with its checksum. */
  readonly readToEnd?: boolean;
  /** Segments that nobody can read until they are restored out of that storage class; absent where all can be read. */
  readonly archived?: { readonly segments: readonly string[]; readonly storageClass: string };
}

/** A plan that a tool or service keeps itself, with the cluster it covers: it covers no other. */
export interface ClusterPlan {
  readonly cluster: ClusterIdentity;
  readonly plan: Facts['backup-plan'];
}

/** How one copy is read in full by itself, when its turn has come. */
export interface FullReading {
  /**
   * A digest of everything that is known of the copy without reading it, and of the listing of all files that the
   * reading takes in, see copy-identity.ts: another state of any of them has another one.
   */
  readonly identity: string;
  /** Bytes that it takes. */
  readonly bytes: number;
  /**
   * Lists the files anew and reads every byte of them.
   *
   * @returns the copy by itself, what is wrong with the WAL between its start and its end, which no copy that builds on
   * it needs (null where nothing is, or it was not looked at), and the identity that it has by now
   * @throws SourceError when a file cannot be read, and when interrupted
   */
  read(): Promise<{ readonly copy: PhysicalCopy; readonly walDamage: string | null; readonly identity: string }>;
}

/** How an archive of WAL is read in full. */
export interface ArchiveReading {
  readonly bytes: number;
  /** @throws SourceError when a file cannot be read, and when interrupted */
  read(): Promise<Pick<PhysicalContents, 'archives' | 'unmatched'>>;
}

/** A recovery point of AWS Backup that holds a bucket of Amazon S3, all of it. */
export interface BucketPoint {
  readonly bucket: string;
  readonly arn: string;
  readonly vault: string;
  /** When it was begun; null where that is not told, or the point goes on and tells no moment that it restores to. */
  readonly takenAt: Instant | null;
  readonly isContinuous: boolean;
  readonly complete: boolean;
  readonly because: string;
  readonly domain: { readonly account: string | null; readonly region: string | null };
}

/** What one repository, directory or service held. */
export interface PhysicalContents {
  readonly copies: readonly PhysicalCopy[];
  readonly archives: readonly WalArchive[];
  /** Plans that the tool keeps itself (AWS Backup rules, retention of automated backups). */
  readonly plans: readonly ClusterPlan[];
  /** What is there and is no copy, with its reason. Nothing is dropped. */
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  /** Copies of whole buckets that AWS Backup keeps; absent of every other place. */
  readonly bucketPoints?: readonly BucketPoint[];
  /** Files inside snapshots that their paths call copies of single databases; absent where a place has no such. */
  readonly files?: readonly SnapshotFile[];
  /** What files with several names share, see `ArtifactFile.linked`; absent where none has. */
  readonly linked?: ReadonlySet<string>;
  /** Snapshots that were listed and not looked into, where the newest were. */
  readonly leftOut?: number;
  /** What nobody looked into and nothing ties to a database: copies of any may be inside. Absent where there is none. */
  readonly mayHoldAny?: readonly PossibleCopy[];
  /**
   * Names of the databases whose copies were looked for, where not all of the install's were: of another one nothing
   * is known. Absent where they were, or where copies tell themselves what is in them.
   */
  readonly databasesLookedFor?: ReadonlySet<string>;
  /** What an inventory states, of grade declared; absent of every other place. */
  readonly stated?: readonly StatedCopy[];
  /** By label, the copies that can be read in full one by one; absent where none can, or where all were. */
  readonly fullReadings?: ReadonlyMap<string, FullReading>;
  /** By path, the archives whose segments bear checksums; absent likewise. */
  readonly archiveReadings?: ReadonlyMap<string, ArchiveReading>;
  /** Of a repository in which data of snapshots are damaged: how much, as which of them need it is not known. */
  readonly damage?: string;
  /** Why a part of the answer is missing; null: this is all there is. */
  readonly blindSpot: BlindSpot | null;
}

/** How much may be read. `structure`: catalogues, manifests, names and sizes; `full`: every byte, against its checksum. */
export type ReadingDepth = 'structure' | 'full';
