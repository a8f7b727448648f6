import { z } from 'zod';
import { liveObjectsSchema } from '../database-object.ts';
import { count, instant, momentSchema, text, when } from './parts.ts';

/** Clusters and the databases in them, as their servers describe them. */
export const databaseFacts = {
  /** Of a database or the install: the head of an audit chain. */
  'audit-head': z.strictObject({ position: z.string(), recordedAt: instant }),
  /** Of a PostgreSQL cluster. The system identifier is text because it exceeds 2^53. */
  cluster: z.strictObject({
    systemIdentifier: text,
    serverVersion: z.string(),
    majorVersion: count,
    host: text,
    port: z.number().int().nullable(),
  }),
  /** Of a PostgreSQL cluster: how its WAL is archived (pg_stat_archiver and settings). Never the command itself. */
  archiver: z.strictObject({
    mode: z.enum(['off', 'on', 'always']),
    /** Names of segments or of other files that were archived, as the server gives them. */
    lastArchivedWal: text,
    lastArchivedAt: when,
    lastFailedWal: text,
    lastFailedAt: when,
    failedCount: count,
    /** The segment that is being written; null on a standby. */
    currentWal: text,
    segmentBytes: count,
    statisticsSince: when,
    /**
     * Segment and time of the latest checkpoint (pg_control_checkpoint): every segment before it was complete by then,
     * and no later one was. Absent or null where that is withheld.
     */
    checkpointWal: text.optional(),
    checkpointAt: when.optional(),
  }),
  /** Of a PostgreSQL cluster: WAL that a tool keeps, one for each timeline and repository. */
  'wal-archive': z.strictObject({
    location: z.string(),
    path: z.string(),
    method: z.string(),
    timeline: count.nullable(),
    firstSegment: text,
    lastSegment: text,
    /** Segments that are not there between the first and the last; at most 50 ranges, `missing` is the true number. */
    gaps: z.array(z.strictObject({ first: z.string(), last: z.string() })),
    missing: count,
    /** What can be restored to: from the end of the oldest usable base copy, where there is one. */
    restorableFrom: when,
    restorableTo: when,
  }),
  /** Of a PostgreSQL cluster: an output of pg_dumpall that holds its roles and settings. */
  'globals-copy': z.strictObject({
    location: z.string(),
    path: z.string(),
    bytes: count,
    modifiedAt: instant,
    moment: momentSchema.nullable(),
    /** Null where neither its end nor that it is cut off could be shown. */
    complete: z.boolean().nullable(),
    /** Roles in it that may log in, and those of them with a password; absent where there are none, or it was not read. */
    loginRoles: z.strictObject({ total: count, withPassword: count }).optional(),
  }),
  /** Of the install: the databases of one of its servers, compared with those that the install database records. */
  'database-list': z.strictObject({
    /** The server as people know it. */
    server: z.string(),
    /** All that it has besides templates, and how many of them are recorded. */
    databases: count,
    recorded: count,
    /**
     * Those that no row names: *orphan*; *possible* where a row may mean it that could not be read, or names an address
     * that is not configured; *other* where it is the server's own or configured as of another application.
     */
    unrecorded: z.array(z.strictObject({ name: z.string(), is: z.enum(['orphan', 'possible', 'other']) })),
    /** How many of each kind there are in all; `unrecorded` holds the first 1000. */
    orphans: count,
    possible: count,
    /** Those that rows record on it and that it does not have; the first 1000, and how many there are in all. */
    missing: z.array(z.strictObject({ databaseName: z.string(), createdAt: when })),
    missingCount: count,
  }),
  /** Of a location: copies of a database that the install database does not record, told by the name inside. */
  'orphan-copy': z.strictObject({
    databaseName: z.string(),
    copies: count,
    /** The newest of them. */
    path: z.string(),
    modifiedAt: instant,
    /** Whether it is of this database alone, or one database inside a copy of a whole cluster. */
    inside: z.enum(['dump', 'cluster-copy']),
  }),
  /** Of a database, from its server's catalogue (pg_database). */
  'database-state': z.strictObject({
    exists: z.boolean(),
    databaseOid: count.nullable(),
    sizeBytes: count.nullable(),
    /** When the install database says that it was made; absent or null where it does not. */
    createdAt: when.optional(),
    /** The server that told it: what copies of a whole cluster are compared with. Absent where that is not known. */
    server: z
      .strictObject({
        host: z.string(),
        /** Absent in bundles of older versions. */
        port: z.number().int().optional(),
        systemIdentifier: text,
        /** The timeline it writes; null of a standby, and where that is withheld. */
        timeline: count.nullable(),
        /**
         * The segment that it was writing, and from when until when that was asked (`askedFrom` absent in bundles of older
         * versions); absent where it writes none or did not tell.
         */
        writing: z.strictObject({ segment: z.string(), askedFrom: instant.optional(), askedUntil: instant }).optional(),
        /** Identifiers it had before pg_upgrade made it anew, with the instant of the change, as configured. */
        formerIdentifiers: z.array(z.strictObject({ systemIdentifier: z.string(), until: instant })),
      })
      .optional(),
  }),
  /** Of a database, from inside it: its ordinary tables (pg_class relkind r), named `schema.table`. */
  catalogue: z.strictObject({
    databaseOid: count,
    tables: z.array(z.strictObject({ oid: count, name: z.string() })),
    /** What else is in it, by schema and kind; absent where that was not asked. */
    objects: z.array(liveObjectsSchema).optional(),
    /** When the product was last upgraded, which is when it makes new tables; absent or null where that is not told. */
    upgradedAt: when.optional(),
  }),
} as const;
