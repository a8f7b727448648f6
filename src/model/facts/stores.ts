import { z } from 'zod';
import { count, text, when } from './parts.ts';

const lifecycleRule = z.strictObject({
  ruleId: text,
  enabled: z.boolean(),
  /** Of object keys; empty for all. */
  prefix: z.string(),
  /** Only objects with certain tags. */
  byTag: z.boolean(),
  /** Only objects of more, or of fewer bytes. */
  largerThan: count.nullable(),
  smallerThan: count.nullable(),
  /** Current objects are deleted so many days after they were written, or on that day. */
  expiresAfterDays: count.nullable(),
  expiresOn: when,
  /** Replaced and deleted objects are deleted so many days later, but for so many newest ones. */
  noncurrentDays: count.nullable(),
  noncurrentKept: count.nullable(),
  /** Current objects are moved to another storage class. */
  transitions: z.array(z.strictObject({ storageClass: z.string(), afterDays: count.nullable(), on: when })),
});

/** What a directory lies on. Null: the system does not tell. */
export const diskSchema = z.strictObject({
  /** Whether the directory itself is a mount point. */
  ownMount: z.boolean(),
  /** Type of the file system, such as `ext4`. */
  fileSystem: text,
  /** Left for those without special rights. */
  freeBytes: count.nullable(),
  totalBytes: count.nullable(),
  freeInodes: count.nullable(),
  totalInodes: count.nullable(),
});
export type DiskFacts = Readonly<z.infer<typeof diskSchema>>;

/** Where files are kept, and what protects them there. */
export const storeFacts = {
  /** Of a store that answered: what it is. `exists` false: the store's host answered that it is not there. */
  'store-state': z.strictObject({
    kind: z.string(),
    exists: z.boolean(),
    detail: z.string(),
    /** Whether nothing at all lies in the directory, or in the bucket below its prefix; absent where nobody looked. */
    empty: z.boolean().optional(),
    /**
     * Of files that artifact rows name: how many were drawn and looked for in it, how many are not there, and how many are
     * of another size or checksum than listed. Rows from before the store was put to use are left out. Absent where none
     * is missing or differs, and where none was drawn.
     */
    lost: z.strictObject({ drawn: count, missing: count, differs: count }).optional(),
    /** Of a directory; absent in bundles of older versions. */
    disk: diskSchema.optional(),
  }),
  /** Of a store or a location: whether changed and deleted objects are kept. A directory keeps none. */
  'store-versioning': z.strictObject({ state: z.enum(['enabled', 'suspended', 'off']) }),
  /** Of a store or a location: whether objects can be locked, and for how many days each is without being asked. */
  'store-object-lock': z.strictObject({
    enabled: z.boolean(),
    mode: text,
    days: z.number().nullable(),
    /**
     * Of a location with a default lock: how many of its objects were asked for their own locks, and whether that is every
     * one that can still be locked; since when each of them that
     * was written is locked, null where the newest is not; and when the newest were written of those that are not locked or
     * do not tell, and of those that certainly are not. Absent where none was asked, and in bundles of older versions.
     */
    seen: z
      .strictObject({
        asked: count,
        isEvery: z.boolean(),
        lockedSince: when,
        newestOpen: when,
        newestUnlocked: when,
      })
      .optional(),
  }),
  /**
   * Of a store or a location: whether what is written there is encrypted without being asked. *not-told*: a directory,
   * whose disks nobody sees, or a service that tells it of each copy.
   */
  'store-encryption': z.strictObject({
    byDefault: z.enum(['yes', 'no', 'not-told']),
    algorithm: text,
    /** The key of a key service that it uses, as the store names it; absent or null where it names none. */
    key: text.optional(),
  }),
  /** Of a store: a rule by which the service itself copies new objects to another bucket. */
  'store-replication': z.strictObject({
    ruleId: text,
    enabled: z.boolean(),
    prefix: z.string(),
    destination: z.string(),
    /** The higher one wins where rules overlap; null where the service has none. Absent in bundles of older versions. */
    priority: z.number().nullable().optional(),
    /** Only objects with certain tags. */
    byTag: z.boolean().optional(),
    /** Objects from before the rule, too. */
    existingObjects: z.boolean().optional(),
    /** Deletions, too. */
    deleteMarkers: z.boolean().optional(),
  }),
  /** Of a store: a bucket that rules copy it to. `versioning` null: not told. Where it stands: stated, or as Amazon answers. */
  'store-replica': z.strictObject({
    destination: z.string(),
    exists: z.boolean(),
    versioning: z.enum(['enabled', 'suspended', 'off']).nullable(),
    host: text,
    site: text,
    account: text,
    region: text,
    /** Its own rules that delete or move objects; null: not told. Absent in bundles of older versions, which did not ask. */
    lifecycle: z.array(lifecycleRule).nullable().optional(),
    /** True of a bucket that is stated to mirror the store, `destination` being its name; absent of those that rules name. */
    mirror: z.literal(true).optional(),
    /**
     * Of a bucket that rules name: of files drawn that must be in it, how many are not there, or of another size or checksum
     * than listed. Absent where none is, and where nobody looked into it.
     */
    lost: z.strictObject({ expected: count, missing: count, differs: count }).optional(),
    /** Of a mirror that could not be asked: why. What else is told of it then is nothing that anybody saw. */
    untold: z.string().optional(),
  }),
  /** Of a store: a rule by which the service deletes or moves objects as they grow old. Of a location, seen from its prefix. */
  'store-lifecycle': lifecycleRule,
  /**
   * Of a store: what keeps everybody out whatever its policy and access lists say. `offered` false: the service knows no
   * such thing, so that nothing is blocked.
   */
  'store-access-block': z.strictObject({
    offered: z.boolean(),
    ignorePublicAcls: z.boolean(),
    restrictPublicBuckets: z.boolean(),
    blockPublicAcls: z.boolean(),
    blockPublicPolicy: z.boolean(),
  }),
  /** Of a store: whom its policy lets in. */
  'store-policy': z.strictObject({
    /** Whether the service calls the bucket public; null where it does not tell. */
    calledPublic: z.boolean().nullable(),
    /** False of a service whose word about that is known to be wrong at times. */
    callIsReliable: z.boolean(),
    /** As read in the policy itself; *not-read* where it could not be read. */
    lets: z.enum(['nobody', 'everybody', 'everybody-on-conditions', 'not-read']),
    /** What everybody may do. */
    detail: z.string(),
  }),
  /** Of a store: what its access list lets everybody do, such as `READ`; empty for nothing. */
  'store-acl': z.strictObject({ everybody: z.array(z.string()) }),
  /** Of an organization, made by comparing all of them: another organization's store that shares or nests with its own. */
  'store-overlap': z.strictObject({ relation: z.enum(['same', 'inside', 'around']), shared: count }),
  /** Of an organization, made by comparing all of them: its tenant database that another is recorded with too. */
  'database-overlap': z.strictObject({
    databaseName: z.string(),
    /** Whose it is besides; absent: another organization's. */
    of: z.enum(['organization', 'install']).optional(),
  }),
  /** Of an organization: a keyring of its own whose key another organization uses, too. */
  'key-overlap': z.strictObject({ keyringId: z.string() }),
} as const;
