import type { ObjectCount } from '../../../model/database-object.ts';
import type { Instant } from '../../../model/instant.ts';
import type { WrappingName } from '../compression/wrapping.ts';

export type DumpFormat = 'pg_dump-custom' | 'pg_dump-directory' | 'pg_dump-tar' | 'pg_dump-plain' | 'pg_dumpall-plain';

/** How the data inside a dump is compressed. A file compressed as a whole is `wrapped` instead. */
export type DumpCompression = 'none' | 'gzip' | 'lz4' | 'zstd' | 'unknown';

/**
 * What a dump holds, as far as its own structure tells. `full` means definitions, data and what follows the data
 * (constraints, indexes) of the tables in it; whether every table of the live database is among them is for the
 * comparison of `tables` with the live catalogue.
 */
export type DumpScope = 'full' | 'schema-only' | 'data-only' | 'partial-sections' | 'unknown';

export interface DumpedTable {
  /** `pg_class.oid` at the time of the dump; null where the format does not tell (plain without `--verbose`). */
  readonly oid: number | null;
  readonly schema: string;
  readonly name: string;
  /** Whether the dump has a data part for it. A table with no rows has one too, of no rows. */
  readonly hasData: boolean;
  /** A partitioned parent: it never has data of its own. */
  readonly partitioned: boolean;
  /** True of an unlogged table, which PostgreSQL empties after a crash; absent of all others. */
  readonly unlogged?: true;
}

/** A sequence whose definition is in a dump, and not the entry that sets its value. */
export interface SequenceWithoutValue {
  readonly schema: string;
  readonly name: string;
  readonly unlogged: boolean;
}

/** One database inside an output of pg_dumpall. */
export interface DatabaseInCluster {
  readonly name: string;
  readonly tables: readonly DumpedTable[];
  readonly objects: readonly ObjectCount[] | null;
  readonly sequencesWithoutValues?: readonly SequenceWithoutValue[];
  readonly scope: DumpScope;
  /** Whether its own dump has a trailer. */
  readonly ended: boolean;
  /** Whether row security was on, and it has tables with policies. */
  readonly mayLackRows: boolean;
}

/** What one dump says about itself. Holds no row data and no password verifier. */
export interface DumpReading {
  readonly format: DumpFormat;
  readonly compression: DumpCompression;
  /** What the file as a whole is compressed with. */
  readonly wrapped: 'none' | WrappingName;
  /** The database's name found inside; null where the format does not tell (plain without `--create`, pg_dumpall). */
  readonly databaseName: string | null;
  /** `pg_database.oid` at the time of the dump, from the `DATABASE` entry. */
  readonly databaseOid: number | null;
  /** The databases inside a pg_dumpall that was read in full; else empty. */
  readonly databases: readonly DatabaseInCluster[];
  /** Whether role definitions are inside (pg_dumpall with or without `--globals-only`). */
  readonly holdsRoles: boolean;
  /** Of those, how many may log in, and how many of these have a password inside; absent where none may. */
  readonly loginRoles?: { readonly total: number; readonly withPassword: number };
  readonly serverVersion: string | null;
  readonly toolVersion: string | null;
  /** When the dump started, `YYYY-MM-DDTHH:MM:SS` on the wall clock of the machine that ran pg_dump, zone unknown. */
  readonly startedLocal: string | null;
  /** The same in UTC, only where the dump states an unambiguous zone (plain with `--verbose`: UTC, GMT or an offset). */
  readonly startedAt: Instant | null;
  readonly scope: DumpScope;
  /** The ordinary tables and partitioned parents inside; null where they were not read. */
  readonly tables: readonly DumpedTable[] | null;
  /** What else is inside, counted; of large objects that there are some. Null where it was not read. */
  readonly objects: readonly ObjectCount[] | null;
  /** At most 50 that are unlogged and 50 that are not; absent where there are none, or definitions alone were dumped. */
  readonly sequencesWithoutValues?: readonly SequenceWithoutValue[];
  readonly integrity: DumpIntegrity;
  /** Bytes fetched from the storage for this reading. */
  readonly bytesRead: number;
  /** Lower-case hex over the stored bytes; only when a single file was read to its last byte. */
  readonly sha256: string | null;
  /**
   * What the store keeps since the file was written to it, where its bytes were not read: lower-case hex. It shows that
   * another file was stored than was recorded, and never that the bytes are still there.
   */
  readonly sha256AtStore?: string;
}

export interface DumpIntegrity {
  /**
   * `complete`: the rules of the format prove that it ends where it must. `incomplete`: they prove that it does not,
   * or that it is damaged. `unproven`: neither could be shown by what was read.
   */
  readonly state: 'complete' | 'incomplete' | 'unproven';
  /** One plain sentence for an auditor, in lower case and without a final period. */
  readonly because: string;
}

/** A file (or directory) seen as a dump, or named as what it is instead. `what` is a plain phrase. */
export type DumpRecognition =
  | { readonly kind: 'dump'; readonly reading: DumpReading }
  | { readonly kind: 'encrypted' | 'compressed' | 'archive' | 'foreign' | 'empty'; readonly what: string };

export interface DumpOptions {
  /**
   * `structure` reads headers, the table of contents and a bounded number of further places; `full` reads every byte
   * once, in order.
   */
  readonly depth: 'structure' | 'full';
  readonly signal: AbortSignal;
}

/** What a dump says before its integrity is known. */
export type DumpFacts = Omit<DumpReading, 'integrity' | 'bytesRead' | 'sha256' | 'sha256AtStore' | 'wrapped'>;

/** Facts of a dump of which nothing but the format is known. */
export function unknownFacts(format: DumpFormat): DumpFacts {
  return {
    format,
    compression: format.endsWith('plain') ? 'none' : 'unknown',
    databaseName: null,
    databaseOid: null,
    databases: [],
    holdsRoles: false,
    serverVersion: null,
    toolVersion: null,
    startedLocal: null,
    startedAt: null,
    scope: 'unknown',
    tables: null,
    objects: null,
  };
}

/**
 * The dump breaks a rule of its format: cut off, overwritten, followed by foreign bytes. `message` is the sentence that
 * {@link DumpIntegrity.because} shows. Never leaves this folder.
 */
export class DumpDamage extends Error {
  constructor(because: string, options?: ErrorOptions) {
    super(because, options);
    this.name = 'DumpDamage';
  }
}

/** A bounded reading cannot decide without fetching more than it may. Never leaves this folder. */
export class ReadingLimit extends Error {
  constructor(because: string) {
    super(because);
    this.name = 'ReadingLimit';
  }
}
