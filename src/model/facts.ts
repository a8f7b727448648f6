import { z } from 'zod';
import { liveObjectsSchema, objectCountSchema } from './database-object.ts';

/**
 * The whole vocabulary that controls may rely on. Vendors are translated into it; a new word is a design decision.
 * Every instant is ISO 8601 UTC; every size is in bytes; null means "the source does not tell".
 */
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const text = z.string().nullable();
const when = instant.nullable();
const count = z.number().int().nonnegative();

const momentSchema = z.strictObject({ notBefore: instant, notAfter: instant, origin: z.string() });

export const factSchemas = {
  /** Of the install: who it is and which product version it runs. */
  install: z.strictObject({
    installId: z.string(),
    productVersion: z.string(),
    channel: text,
    profile: text,
    /** `deb`, `msi`, `docker`; absent in bundles of older versions. */
    packageKind: text.optional(),
    mode: text,
    installedAt: when,
    lastUpgradedAt: when,
    previousVersion: text,
  }),
  /** Of the install: the count taken in the same transaction, and the rows streamed to the end. */
  'organization-list': z.strictObject({
    counted: count,
    streamed: count,
    idsDifferingInCase: z.array(z.string()),
    /** Rows of other datasets that name organizations which are not in the list, by dataset. */
    rowsUnlisted: z.array(z.strictObject({ dataset: z.string(), rows: count })).optional(),
  }),
  /** Of an organization: its row in the install database. */
  organization: z.strictObject({
    organizationId: z.string(),
    slug: z.string(),
    name: z.string(),
    state: z.string(),
    createdAt: instant,
    locale: text,
    timezone: text,
    allowedRegions: z.array(z.string()).nullable(),
  }),
  /** Of an organization: one row for each tenant database it is said to have. */
  'tenant-database': z.strictObject({
    host: text,
    port: z.number().int().nullable(),
    databaseName: z.string(),
    schemaName: text,
    createdAt: when,
  }),
  /** Of the install or of one organization: a row of the backup-plan inventory. */
  'backup-plan': z.strictObject({
    planId: z.string(),
    covers: z.enum(['install-database', 'tenant-database', 'cluster', 'all']),
    method: z.string(),
    enabled: z.boolean(),
    schedule: text,
    timezone: text,
    retentionDays: z.number().nullable(),
    targetUri: text,
    createdAt: when,
  }),
  /** Of a database: a run that the inventory recorded. */
  'backup-run': z.strictObject({
    runId: z.string(),
    planId: text,
    status: z.enum(['running', 'succeeded', 'failed', 'skipped']),
    startedAt: instant,
    finishedAt: when,
    artifactUri: text,
    artifactBytes: z.number().nullable(),
    sha256: text,
    error: text,
  }),
  /** Of the install or of an organization: a recorded restore test. `organizationId` null: the install database. */
  'restore-test': z.strictObject({
    validationId: z.string(),
    organizationId: text,
    performedAt: instant,
    outcome: z.enum(['succeeded', 'failed']),
    productVersion: text,
    keyProviderUsed: z.boolean().nullable(),
    chainVerified: z.boolean().nullable(),
    signInConfirmed: z.boolean().nullable(),
    durationSeconds: z.number().nullable(),
    cleanedUp: z.boolean().nullable(),
  }),
  /** Of an organization: where its files are. `origin` tells a row from the policy's default binding. */
  'storage-binding': z.strictObject({
    bindingId: z.string(),
    kind: z.string(),
    state: z.string(),
    bucket: text,
    prefix: text,
    region: text,
    endpoint: text,
    path: text,
    activatedAt: when,
    origin: z.enum(['row', 'policy-default']),
  }),
  /** Of the install or an organization: a keyring row. */
  keyring: z.strictObject({
    keyringId: z.string(),
    providerId: z.string(),
    providerKind: text,
    keyRef: z.string(),
    currentVersion: z.number().int().nullable(),
    rotatedAt: when,
    customerManaged: z.boolean().nullable(),
    /** When the provider row was last configured. */
    providerConfiguredAt: when,
  }),
  license: z.strictObject({
    state: text,
    validFrom: when,
    validUntil: instant,
    maxOrganizations: z.number().nullable(),
    /** Ids in lower case that exist in the install but not in the license. */
    organizationsNotCovered: z.array(z.string()),
    /** Ids in lower case that the license names and the install does not have, at most 1000; absent where nobody looked. */
    organizationsNotInstalled: z.array(z.string()).optional(),
    /** How many organizations the license names. */
    organizationsNamed: count,
    /** How many organizations the install has. */
    organizationsInstalled: count,
  }),
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
        systemIdentifier: text,
        /** The timeline it writes; null of a standby, and where that is withheld. */
        timeline: count.nullable(),
        /** The segment that it was writing, and until when that was asked; absent where it writes none or did not tell. */
        writing: z.strictObject({ segment: z.string(), askedUntil: instant }).optional(),
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
    scope: z.enum(['full', 'schema-only', 'data-only', 'partial', 'unknown']),
    moment: momentSchema.nullable(),
    serverVersion: text,
    toolVersion: text,
    integrity: z.enum(['complete', 'incomplete', 'unproven']),
    integrityBecause: z.string(),
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
    /** Of a copy that a service keeps: where, as the service says; absent for files, which stand where their place does. */
    kept: z.strictObject({ account: text, region: text }).optional(),
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
        /** Addresses of the managed instance it was taken of, in lower case. */
        endpoints: z.array(z.string()),
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
  /** Of an organization: a key-version row of its tenant database. `version` null: the provider has no versions. */
  'key-version': z.strictObject({
    keyRef: z.string(),
    version: z.number().int().nullable(),
    state: z.enum(['active', 'retired', 'destroyed']),
    createdAt: instant,
    retiredAt: when,
  }),
  /** Of a keyring: its wrapping key as the provider shows it. */
  'key-state': z.strictObject({
    state: z.enum(['enabled', 'disabled', 'pending-deletion', 'pending-import', 'unavailable', 'missing']),
    /** What identifies the key beyond its name or alias, e.g. a KMS key ARN. */
    identity: text,
    latestVersion: z.number().int().nullable(),
    minDecryptionVersion: z.number().int().nullable(),
    minAvailableVersion: z.number().int().nullable(),
    /** Versions the provider shows, with their creation; null where the provider keeps no versions. */
    versions: z.array(z.strictObject({ version: z.number().int(), createdAt: when })).nullable(),
    createdAt: when,
    deletionDate: when,
    expiresAt: when,
    /** Where the key material comes from, in the provider's own word, e.g. AWS_KMS, EXTERNAL. */
    origin: text,
    canDecrypt: z.boolean().nullable(),
    /** Account that the key belongs to, where its provider tells one. */
    account: text.optional(),
    /** Names that point to it, e.g. `alias/acme`; null where they may not be read. */
    aliases: z.array(z.string()).nullable().optional(),
    /** Identities of the keys with the same material in other regions; absent or null: it has none. */
    replicas: z.array(z.string()).nullable().optional(),
    /** Before when nothing new may be encrypted with it; absent or null where nothing is said. */
    notBefore: when.optional(),
    /** When it was deleted, of one that can still be recovered until `deletionDate`. */
    deletedAt: when.optional(),
    /** What kind of key it is, in the provider's own word, e.g. RSA-HSM; absent or null where it does not tell. */
    keyType: text.optional(),
    /** Whether a deleted key can be recovered, for how many days, and whether nobody can cut that short. */
    recovery: z
      .strictObject({
        /** In the provider's own words. */
        level: text,
        days: count.nullable(),
        softDelete: z.boolean().nullable(),
        purgeProtected: z.boolean().nullable(),
      })
      .optional(),
    /**
     * Every version, oldest first, of a provider whose versions have names and no numbers; null where it shows none of a
     * deleted key. Absent where versions have numbers, or there are none.
     */
    namedVersions: z
      .array(
        z.strictObject({
          name: z.string(),
          enabled: z.boolean(),
          createdAt: when,
          notBefore: when,
          expiresAt: when,
          /** Null where it was not asked or told, as of a version that is disabled. */
          canDecrypt: z.boolean().nullable(),
          keyType: text,
        }),
      )
      .nullable()
      .optional(),
    /** Name of the version that `state`, `expiresAt` and `notBefore` are about: the one that the keyring names, else the newest. */
    currentName: z.string().optional(),
    /** Of a key in an HSM, what its attributes say; absent where it keeps keys otherwise, or has none of that name. */
    attributes: z
      .strictObject({
        class: z.string(),
        keyType: text,
        label: text,
        /** Lower-case hexadecimal digits. */
        id: text,
        /** Three bytes that the key makes of a known text: equal ones speak for the same key. */
        checkValue: text,
        /** From when on it may be used. */
        startsAt: when,
        sensitive: z.boolean().nullable(),
        extractable: z.boolean().nullable(),
        neverExtractable: z.boolean().nullable(),
        modifiable: z.boolean().nullable(),
      })
      .optional(),
  }),
  /**
   * Of a keyring: whether the declared peer of its provider holds the key, and what shows it. `name`: a key there bears
   * the name, and nothing shows that it is the same.
   */
  'key-peer': z.strictObject({
    peer: z.string(),
    holds: z.boolean(),
    proof: z.enum(['check-value', 'public-key', 'attributes', 'name']).nullable(),
    because: z.string(),
  }),
  /**
   * Of a keyring: settings of its key that let it be destroyed or copied out. Null: the provider has no such setting, or
   * does not tell it.
   */
  'key-settings': z.strictObject({
    /** In the provider's own word, e.g. aes256-gcm96, SYMMETRIC_DEFAULT. */
    type: text,
    deletionAllowed: z.boolean().nullable(),
    plaintextBackupAllowed: z.boolean().nullable(),
    exportable: z.boolean().nullable(),
    /** Account that the key belongs to, where one does. */
    account: text,
    /**
     * Everyone whom the key's own policy lets delete or disable it, or change that policy. Other policies may let more do
     * so where an account is among them: it decides for its users by itself.
     */
    destroyers: z
      .array(
        z.strictObject({
          /** As the policy names it; `*` is everybody. */
          principal: z.string(),
          /** Account that is named as a whole, so that its own policies decide; null for anybody else. */
          wholeAccount: text,
          actions: z.array(z.string()),
          /** Whether only under a condition, which narrows it and is not judged. */
          conditional: z.boolean(),
        }),
      )
      .nullable(),
  }),
  /** Of a keyring: how its key is rotated, and when it was. */
  'key-rotation': z.strictObject({
    /** Whether the provider does it by itself; null where it cannot, or does not tell. */
    automatic: z.boolean().nullable(),
    periodDays: z.number().nullable(),
    nextAt: when,
    /** Past rotations that the provider tells, oldest first. */
    rotatedAt: z.array(instant),
    /** Of imported material: how many there are, each of which is needed to decrypt what it encrypted; else null. */
    importedMaterials: count.nullable(),
  }),
  /** Of a keyring: what came of having its provider unwrap a wrapped sample, one for each key version that was tried. */
  'unwrap-proof': z.strictObject({
    /** Null: the provider has no versions. */
    version: z.number().int().nullable(),
    /** *unproven*: what was tried shows nothing about the key. */
    outcome: z.enum(['unwrapped', 'refused', 'unproven']),
    /** What the provider did with the sample, and what that shows; never any of its content. */
    because: z.string(),
  }),
  /** Of a provider that answered. A sealed Vault answers. */
  'provider-state': z.strictObject({
    kind: z.string(),
    /** Which service it is, where one kind of provider is two; absent elsewhere. */
    service: z.enum(['key-vault', 'managed-hsm']).optional(),
    initialized: z.boolean().nullable(),
    sealed: z.boolean().nullable(),
    version: text,
    clusterId: text,
    sealType: text,
    sealThreshold: z.number().nullable(),
    sealShares: z.number().nullable(),
    account: text,
    region: text,
    /** Mount path and unique id of each secrets engine that holds keys of this install. */
    mounts: z.array(z.strictObject({ path: z.string(), uuid: z.string() })).nullable(),
    /** Ids and addresses of raft servers, where they may be read. */
    raftServers: z.array(z.strictObject({ id: z.string(), address: z.string() })).nullable(),
    raftAppliedIndex: z.number().nullable(),
    /** Of a token of an HSM: what it says of itself. */
    token: z
      .strictObject({
        label: z.string(),
        serial: z.string(),
        manufacturer: z.string(),
        model: z.string(),
        /** The vendor's module through which it was asked. */
        module: z.string(),
        freePrivateBytes: z.number().nullable(),
        totalPrivateBytes: z.number().nullable(),
        sessions: z.number().nullable(),
        /** Null also where there is no limit. */
        maxSessions: z.number().nullable(),
      })
      .optional(),
    /** Of Vault, absent in bundles of older versions: what it stores in, e.g. raft. */
    storageType: text.optional(),
    /** Whether the node that was asked is not the active one. */
    standby: z.boolean().nullable().optional(),
    highAvailability: z.boolean().nullable().optional(),
    /** `disabled`, `primary` or `secondary`. */
    performanceReplication: text.optional(),
    recoveryReplication: text.optional(),
    /** What its raft cluster says of itself; `failureTolerance` more servers may fail. */
    autopilot: z
      .strictObject({
        healthy: z.boolean(),
        failureTolerance: z.number().int(),
        unhealthyServers: z.array(z.string()),
      })
      .nullable()
      .optional(),
  }),
  /** Of a provider: a declared peer that answered, and where it is stated to stand. */
  'provider-peer': z.strictObject({
    peer: z.string(),
    label: z.string(),
    serial: z.string(),
    version: text,
    host: text,
    site: text,
    account: text,
    region: text,
  }),
  /** Of a provider: where the install database records that it is, otherwise than the configuration states. */
  'provider-record': z.strictObject({ setting: z.string(), recorded: z.string(), configured: z.string() }),
  /**
   * Of a provider or a location: what must be had, besides itself, before it can be opened again, and who has that.
   * Nothing in `needs`: as far as is known, nothing.
   */
  custody: z.strictObject({
    needs: z.array(
      z.strictObject({
        what: z.enum(['unseal-key', 'encryption-key', 'passphrase']),
        /**
         * Any one of them suffices; none: nobody tells. *location*: among what is backed up there, *place*: as a file
         * that lies there openly, *service*: a key of a cloud service that is no provider of this configuration,
         * *outside*: where no loss of the install reaches it.
         */
        heldBy: z.array(
          z.strictObject({
            kind: z.enum(['provider', 'location', 'place', 'host', 'service', 'outside']),
            name: z.string(),
            /** The key there. */
            key: text,
            account: text,
            region: text,
          }),
        ),
        /** What is observed is there besides what else may be; what is stated is all there is. */
        origin: z.enum(['stated', 'observed']),
      }),
    ),
  }),
  /** Of a provider: one snapshot file that was opened. Key names stay out of it. */
  'provider-snapshot': z.strictObject({
    location: z.string(),
    path: z.string(),
    bytes: count,
    takenAt: when,
    complete: z.boolean(),
    checksumsMatch: z.boolean(),
    because: z.string(),
    mountUuids: z.array(z.string()),
    raftServerIds: z.array(z.string()),
    raftIndex: z.number().nullable(),
    sealType: text,
    sealShares: z.number().nullable(),
    sealThreshold: z.number().nullable(),
    sealKeyId: text,
  }),
  /** Of a keyring: whether one snapshot holds its key's path. */
  'snapshot-key': z.strictObject({ location: z.string(), path: z.string(), takenAt: when, present: z.boolean() }),
  /** Of a store that answered: what it is. `exists` false: the store's host answered that it is not there. */
  'store-state': z.strictObject({
    kind: z.string(),
    exists: z.boolean(),
    detail: z.string(),
    /** Of a directory: whether nothing at all lies in it; absent where nobody looked. */
    empty: z.boolean().optional(),
  }),
  /** Of a store or a location: whether changed and deleted objects are kept. A directory keeps none. */
  'store-versioning': z.strictObject({ state: z.enum(['enabled', 'suspended', 'off']) }),
  /** Of a store or a location: whether objects can be locked, and for how many days each is without being asked. */
  'store-object-lock': z.strictObject({ enabled: z.boolean(), mode: text, days: z.number().nullable() }),
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
  }),
  /** Of a store: a rule by which the service deletes or moves objects as they grow old. */
  'store-lifecycle': z.strictObject({
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
  }),
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
  /** Of a store or host: one dated copy of one source path in a backup set. */
  'file-copy': z.strictObject({
    location: z.string(),
    copy: z.string(),
    moment: instant,
    complete: z.boolean(),
    because: z.string(),
    sourcePath: z.string(),
    present: z.boolean(),
    /** Of a directory: the files below it in the copy, and their sizes in sum. Absent in bundles of older versions. */
    files: count.optional(),
    bytes: count.optional(),
    /**
     * Keyed digest (HMAC-SHA-256, key of the install) of a small file's contents, or of a directory's files with their
     * paths and contents; null where none was taken.
     */
    digest: text,
    /** Likewise of the permissions in a directory, where what keeps the copy keeps those. */
    digestOfModes: text.optional(),
  }),
  /** Of the install's host: a file or directory that starting the install needs. */
  'host-file': z.strictObject({
    role: z.enum(['bootstrap', 'state-directory']),
    path: z.string(),
    exists: z.boolean(),
    /** Permission bits in octal, e.g. `0640`. */
    mode: text,
    /** As of `file-copy`: equality tells that nothing changed, and nothing else can be told from it. */
    digest: text,
    digestOfModes: text.optional(),
    /** Numbers of user and group, `0:0`. This and what follows is absent in bundles of older versions. */
    owner: text.optional(),
    /** When it was last changed; of a directory the newest change of a file that takes part in its digest. */
    modifiedAt: when.optional(),
    /** Of a directory: the files that take part in its digest, and their sizes in sum. */
    files: count.optional(),
    bytes: count.optional(),
    /** Of a directory: symbolic links in it, none of which was followed. */
    links: count.optional(),
    /** Of a directory: files that look like secrets of a setup in progress. Noticed by their names alone. */
    setupSecrets: count.optional(),
  }),
  /** Of the install's host: what a rebuilt host must be alike. */
  'host-system': z.strictObject({
    /** `linux`, `win32`, `darwin`. */
    platform: z.string(),
    /** Operating-system family and version, such as `ubuntu` and `24.04`. */
    family: text,
    version: text,
    architecture: z.string(),
  }),
  /** Of the install's host: one file that is named as an installer package of the version that runs. */
  'installer-package': z.strictObject({
    location: z.string(),
    path: z.string(),
    bytes: count,
    modifiedAt: instant,
    /** The version and the profile that its name tells. */
    version: z.string(),
    profile: z.string(),
    kind: z.enum(['deb', 'msi', 'docker']),
    /** Over all of its bytes; null where it was not read. */
    sha256: text,
    /** Whether a checksum that lies beside it agrees; null where none does, or it was not read. */
    checksumAgrees: z.boolean().nullable(),
    /** Whether it begins like a package of its kind; null where it was not read. */
    formatAgrees: z.boolean().nullable(),
  }),
  /** Of the install: the runbook that the configuration names. What is in it is read and goes nowhere. */
  runbook: z.strictObject({
    path: z.string(),
    exists: z.boolean(),
    bytes: count,
    modifiedAt: when,
    /** Ids of providers and names of locations in use that it was searched for, and those that it does not name. */
    searched: count,
    missing: z.array(z.string()),
  }),
  /** Of the install: a secret that the configuration refers to, by where it is kept. Never the secret. */
  'secret-source': z.strictObject({
    setting: z.string(),
    kind: z.enum(['environment', 'file']),
    /** Of a file: its path. */
    path: text,
    /** Whether the install host is where it is read. */
    onInstallHost: z.boolean(),
  }),
  /** Where something stands: stated in the configuration, or observed (an ARN's account and region, a local mount). */
  'failure-domain': z.strictObject({
    host: text,
    site: text,
    account: text,
    region: text,
    origin: z.enum(['stated', 'observed']),
    /** Stated of storage that looks like a disk of the host and stands elsewhere: how it is attached. */
    attachedAs: text.optional(),
    /** Observed of a location: another one that holds the same files (hard links), so that both are one place. */
    sameFilesAs: z.string().optional(),
  }),
  /** Of a location: what it is for. */
  location: z.strictObject({ kind: z.string(), purposes: z.array(z.string()), timezone: text }),
  /** What no tool can see, from attestations.yaml. Expires. */
  declaration: z.strictObject({
    id: z.string(),
    statement: z.string(),
    owner: z.string(),
    date: instant,
    expires: instant,
    evidenceDigest: text,
  }),
  /** Of the install, made while judging: a gap planted in a made-up install, and what the controls of this run said of it. */
  'planted-gap': z.strictObject({
    controlId: z.string(),
    planted: z.string(),
    /** Statuses of a finding, with the gap and without; null where there is no such control. */
    withGap: text,
    without: text,
  }),
  /** Difference of another clock to the collector's: positive when the other is ahead. Milliseconds. */
  clock: z.strictObject({ offsetMillis: z.number(), uncertaintyMillis: z.number() }),
  /** What the credentials that the audit uses may do. */
  'access-rights': z.strictObject({ canWrite: z.boolean(), because: z.string() }),
  /** Of a location: something found that is no copy of a known database. */
  'unmatched-artifact': z.strictObject({
    path: z.string(),
    bytes: count,
    modifiedAt: instant,
    what: z.string(),
    foundName: text,
  }),
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
    /** Rows that name no file below the store: an absolute path, steps upwards, a link. They are not followed. */
    refused: count,
    /** Rows whose file could not be asked for. */
    unchecked: count,
    /** The first that are missing or differ: keyed digests of their names (HMAC-SHA-256), or the names where that was asked for. */
    examples: z.array(z.string()),
    /** Of those found: how many the service says it copied to the destination of its rules, and how many it did not. */
    copied: count.optional(),
    notCopied: count.optional(),
    /** Of those found: how many nobody can delete now, as the service says; it may be silent about others. */
    locked: count.optional(),
    /** Rows from before the store was put to use, and how many of those were found in it. */
    fromBefore: z.strictObject({ drawn: count, found: count }).optional(),
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

export type FactKind = keyof typeof factSchemas;
export type Facts = { readonly [K in FactKind]: Readonly<z.infer<(typeof factSchemas)[K]>> };
export const FACT_KINDS = Object.keys(factSchemas) as readonly FactKind[];

/** The moment a copy is consistent as of. */
export type Moment = Readonly<z.infer<typeof momentSchema>>;
