import { z } from 'zod';
import { count, instant, storedKeySchema, text, when } from './parts.ts';

/** Artifact rows of a tenant database, and whether their files are in the store. */
export const artifactFacts = {
  /** Of a database: how many artifact rows were registered after an instant; after BEFORE_ALL: how many there are. */
  'artifact-count': z.strictObject({ after: instant, count }),
  /** Of a database: how many artifact rows name a file whose key in the store begins so. */
  'artifact-prefix': z.strictObject({ prefix: z.string(), count }),
  /**
   * Of a store: rows of its database's list of artifacts that were drawn by a seed and looked for in the store. Rows
   * younger than the tolerated skew are not drawn.
   */
  'file-sample': z.strictObject({
    seed: count,
    /** How rows were drawn, as a report prints it. */
    method: z.string(),
    /** Rows that could be drawn. */
    population: count,
    /** True where they are too many to be counted in time, and the server's statistics tell about how many. */
    populationIsEstimate: z.boolean().optional(),
    drawn: count,
    /** Of those: there, with the recorded size where one is recorded, and with the recorded checksum where that was compared. */
    found: count,
    missing: count,
    sizeDiffers: count,
    checksumDiffers: count,
    /** How many checksums were compared. */
    checksumsCompared: count,
    /** Of those found: how many the service keeps in an archive, from where each must be brought back before it can be read. */
    archived: count.optional(),
    /** Rows that name no file below the store: an absolute path, steps upwards, a link. They are not followed. */
    refused: count,
    /** Of those: how many are symbolic links in the store, or lie behind one. Absent where none is, and in bundles of older versions. */
    links: count.optional(),
    /** Rows whose file could not be asked for. */
    unchecked: count,
    /** The first that are missing or differ: keyed digests of their names (HMAC-SHA-256), or the names where that was asked for. */
    examples: z.array(z.string()),
    /** Of those found: how many the service says it copied to the destination of its rules, and how many it did not. */
    copied: count.optional(),
    notCopied: count.optional(),
    /** Of those found: how many nobody can delete now, as the service says; it may be silent about others. */
    locked: count.optional(),
    /**
     * Of those locked: when the first lock ends, null where all are legal holds, which do not; the least number of seconds
     * from when a file was written until then, null where that is not told of each; and how many locks privileged users can
     * lift (mode GOVERNANCE). Absent in bundles of older versions.
     */
    locks: z.strictObject({ earliestEnd: when, shortestSeconds: count.nullable(), governance: count }).optional(),
    /** Of those found: how many nothing locks, as the service says to one who may know, and when the newest was written. */
    unlocked: z.strictObject({ files: count, newest: when }).optional(),
    /** Rows that were drawn and that the database did not list any more when their files were looked for. */
    gone: count.optional(),
    /** Rows dated later than clocks may differ, which are not drawn; absent where there is none. */
    future: count.optional(),
    /** Rows from before the store was put to use, and how many of those were found in it. */
    fromBefore: z.strictObject({ drawn: count, found: count }).optional(),
    /** Keys of AWS KMS that objects found are encrypted with, each once; absent where they name none. */
    keys: z.array(storedKeySchema).optional(),
  }),
  /**
   * Of a store: the same rows looked for in a second copy of it. Expected there are those that were registered before the
   * moment of the copy, by more than the tolerated skew, and whose file was not written again since.
   */
  'file-copy-sample': z.strictObject({
    /** Name of the location; of a bucket that follows the store, its own. */
    location: z.string(),
    /** Name of the copy in it: of a dated directory or a snapshot. */
    copy: z.string(),
    /** What made the copy, or keeps it. */
    method: z.enum(['backup set', 'replica', 'mirror', 'restic', 'borg']),
    /** What it holds is of then, at the latest. */
    moment: instant,
    seed: count,
    population: count,
    populationIsEstimate: z.boolean().optional(),
    drawn: count,
    /** Of those: how many must be in the copy. What follows is about these. */
    expected: count,
    found: count,
    missing: count,
    sizeDiffers: count,
    checksumDiffers: count,
    checksumsCompared: count,
    archived: count.optional(),
    refused: count,
    links: count.optional(),
    unchecked: count,
    /** Of those with another checksum: how many have another one than listed in the live store as well; absent where none has. */
    checksumDiffersInStore: count.optional(),
    /** Those that could not be read out of the copy, as its data are damaged; absent where there is none. */
    damaged: count.optional(),
    examples: z.array(z.string()),
    /** The newest copy of the same place, where that is not the one that was looked into, and why not. */
    passedOver: z.strictObject({ copy: z.string(), moment: instant, because: z.string() }).optional(),
  }),
  /** Of a store: all that lies in it against all rows of its database's list; asked for by whoever wants it. */
  'file-inventory': z.strictObject({
    files: count,
    bytes: count,
    rows: count,
    /** Files that no row names. */
    unnamed: count,
    /** Rows whose file was not in the store. */
    missing: count,
  }),
  /** Of an organization: where its files were before its storage binding changed. */
  'former-store': z.strictObject({
    bindingId: z.string(),
    kind: z.string(),
    /** When the store in use was put to use; null where its row does not tell. */
    changedAt: when,
    exists: z.boolean(),
    empty: z.boolean().nullable(),
    detail: z.string(),
    /** Where it stands: stated or observed. */
    host: text,
    site: text,
    account: text,
    region: text,
    /** The newest copies of it in backup sets. */
    copies: z.array(
      z.strictObject({
        location: z.string(),
        copy: z.string(),
        moment: instant,
        complete: z.boolean(),
        present: z.boolean(),
        because: z.string(),
      }),
    ),
  }),
} as const;
