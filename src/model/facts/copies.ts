import { z } from 'zod';
import { objectCountSchema } from '../database-object.ts';
import { count, instant, keyVersionSchema, momentSchema, storedKeySchema, text, when } from './parts.ts';

/** One copy of a database or of a cluster, whatever tool made it. */
export const copyFacts = {
  /** Of a database: one backup artifact that was looked at. */
  copy: z.strictObject({
    location: z.string(),
    path: z.string(),
    method: z.string(),
    format: z.string(),
    bytes: count,
    modifiedAt: instant,
    /** Database name inside the artifact; null where the format does not hold one. */
    foundName: text,
    /** Database name that the file name or a run record claims, where it claims one. */
    claimedName: text,
    /**
     * Whether the name inside is the name of the database this fact is about. Of a copy of a cluster: false where the
     * system identifier inside is none that the cluster has or had, else null.
     */
    nameAgrees: z.boolean().nullable(),
    /** How many databases of the install bear the name inside; above 1 the name alone proves nothing. */
    sameNameDatabases: count,
    databaseOid: count.nullable(),
    tableOids: z.array(count).nullable(),
    tableNames: z.array(z.string()).nullable(),
    /** True where `tableOids` or `tableNames` is the whole list of tables in the artifact. */
    tablesComplete: z.boolean(),
    /** What else is in the artifact, by schema and kind; absent where it was not read to its end. */
    objects: z.array(objectCountSchema).optional(),
    /** Tables whose definition is in the artifact and whose rows are not, as `schema.table`; at most 50. */
    tablesWithoutRows: z.array(z.string()),
    /** Sequences whose definition is in the artifact and whose value is not; at most 50. Absent where there are none. */
    sequencesWithoutValues: z.array(z.string()).optional(),
    /**
     * Unlogged tables and sequences whose definition alone is in the artifact; at most 50. PostgreSQL empties them after a
     * crash, and physical copies leave their rows out too. Absent where there are none.
     */
    unloggedLeftOut: z.array(z.string()).optional(),
    scope: z.enum(['full', 'schema-only', 'data-only', 'partial', 'unknown']),
    moment: momentSchema.nullable(),
    /** Why the time inside proves no moment; only beside a moment of null, and absent where there is no time inside. */
    momentBecause: z.string().optional(),
    serverVersion: text,
    toolVersion: text,
    integrity: z.enum(['complete', 'incomplete', 'unproven']),
    integrityBecause: z.string(),
    /** True of one that an inventory states to be complete, which nobody looked at; absent elsewhere. */
    declaredComplete: z.literal(true).optional(),
    /** True of a damaged file that was written to in the minutes before its place was listed. */
    changing: z.boolean().optional(),
    readToEnd: z.boolean(),
    /**
     * When it was last read to its end and found whole, by this run or by an earlier one while the listing tells that
     * it is unchanged; null where it was not. Absent in bundles of older versions.
     */
    verifiedAt: when.optional(),
    /**
     * When a full reading was made that `integrity` rests on and that compared not all of it: of a base copy with the WAL
     * after it the base alone, of files without checksums their structure. Never beside an instant in `verifiedAt`.
     */
    restsOnReadingAt: instant.optional(),
    /** What its structure alone proves, which counts where that reading is too old; only beside the instant of a reading. */
    byStructure: z
      .strictObject({ integrity: z.enum(['complete', 'incomplete', 'unproven']), because: z.string() })
      .optional(),
    sha256: text,
    /** False where a run recorded a checksum of it and no full reading compared it; absent where none was recorded. */
    checksumCompared: z.boolean().optional(),
    /** Whether it is encrypted itself, or by the service that keeps it; null where that is not told. */
    encrypted: z.boolean().nullable(),
    /**
     * Its own key-version rows, where they were asked for: opening it takes these and no others. Null with the reason where
     * they could not be read; absent where nobody asked.
     */
    keyVersionsInside: z.strictObject({ versions: z.array(keyVersionSchema).nullable(), because: text }).optional(),
    /** Of a copy that a service keeps: where, as the service says; absent for files, which stand where their place does. */
    kept: z
      .strictObject({
        account: text,
        region: text,
        /** Keys of AWS KMS that the service encrypted it with, as they are now; absent where it names none. */
        keys: z.array(storedKeySchema).optional(),
      })
      .optional(),
    /** Of a copy of a whole cluster, whose subject is the cluster; absent on copies of single databases. */
    physical: z
      .strictObject({
        kind: z.enum(['full', 'differential', 'incremental', 'snapshot', 'continuous']),
        /** What its tool calls it, and the copies it restores nothing without. */
        label: z.string(),
        builtOn: z.array(z.string()),
        /** When the backup was begun; absent or null where that is not told. */
        startedAt: when.optional(),
        /** True where its tool records it as one that is being taken; a run that was broken off leaves that behind, too. */
        beingTaken: z.boolean().optional(),
        systemIdentifier: text,
        timeline: count.nullable(),
        /** Name of the last segment of WAL that it holds or is restored with; absent where that is not told. */
        lastWal: z.string().optional(),
        /** Log sequence number of its end, such as `0/2000028`; absent where that is not told. */
        stopLsn: z.string().optional(),
        /**
         * What the history of the newest timeline in the archive beside it says: where that one left the copy's timeline,
         * null where it does not go back to it. Absent where no history was read, or the copy is of the newest itself.
         */
        followed: z.strictObject({ timeline: count, leftAt: text }).optional(),
        /**
         * A copy or archive that cannot be of the server if this one is: a copy of the same timeline that ends elsewhere in the
         * log than its time allows; WAL in which a segment holds something else than inside the copy; what has another history
         * of the timeline. Absent where there is none.
         */
        contradicts: z
          .strictObject({
            label: z.string(),
            location: z.string(),
            /** What the two differ in; absent: their order in the log. `what` names the segment or the history file. */
            by: z.enum(['wal', 'history']).optional(),
            what: z.string().optional(),
          })
          .optional(),
        /** Addresses of the managed instance it was taken of, in lower case. */
        endpoints: z.array(z.string()),
        /** Port of that instance, where the service tells it. */
        endpointPort: z.number().int().optional(),
        /** True where the configuration says that copies of this very server lie there. */
        declaredServer: z.boolean(),
        /** How many servers of the install bear the system identifier and may have copies there. */
        sameIdentifierClusters: count,
        /** Object ids of the databases inside; null where the format does not tell them. */
        databaseOids: z.array(count).nullable(),
        /** Until when nobody can delete it, where the service tells. */
        lockedUntil: when,
      })
      .optional(),
  }),
} as const;
