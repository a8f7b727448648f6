import { z } from 'zod';
import { count, text, when } from './parts.ts';

/** Who has a key or a passphrase. */
const holder = z.strictObject({
  kind: z.enum(['provider', 'location', 'place', 'host', 'service', 'outside']),
  name: z.string(),
  /** The key there. */
  key: text,
  account: text,
  region: text,
});

/** Key providers, who keeps them, and the snapshots that bring them back. */
export const providerFacts = {
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
    /** Unique ids of what else is mounted, as far as it is shown; absent where nothing is, and in bundles of older versions. */
    otherMounts: z.array(z.string()).optional(),
    /** Ids and addresses of raft servers, where they may be read. */
    raftServers: z.array(z.strictObject({ id: z.string(), address: z.string() })).nullable(),
    raftAppliedIndex: z.number().nullable(),
    /** The highest term that its servers have written; absent where it is not told, and in bundles of older versions. */
    raftTerm: z.number().optional(),
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
    /** Of schedules by which Vault itself takes snapshots, as far as they are named to the audit; absent where none is. */
    automatedSnapshots: z
      .array(
        z.strictObject({
          name: z.string(),
          /** Why Vault tells nothing of it; null where it does. */
          untold: text,
          lastStartedAt: when,
          lastEndedAt: when,
          /** Whether the last one failed; null where none was taken yet, or nothing is told. */
          failed: z.boolean().nullable(),
        }),
      )
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
  /**
   * Of a vault or Managed HSM of Azure: what its resource in the management plane tells, where the configuration names that.
   * What the answer leaves out is null.
   */
  'vault-resource': z.strictObject({
    softDelete: z.boolean().nullable(),
    purgeProtected: z.boolean().nullable(),
    /** Days for which what was deleted can be recovered. */
    retentionDays: count.nullable(),
    /** Whether public networks reach it at all. */
    publicNetwork: z.boolean().nullable(),
    /** What happens to whom no rule names. */
    defaultAction: z.enum(['allow', 'deny']).nullable(),
    /** How many addresses and networks its rules name. */
    networkRules: count.nullable(),
  }),
  /** Of a provider: where the install database records that it is, otherwise than the configuration states. */
  'provider-record': z.strictObject({ setting: z.string(), recorded: z.string(), configured: z.string() }),
  /**
   * Of a configured provider that is not one organization's alone: what uses it, and keys of organizations that the
   * install does not list. Only told where all organizations and keyrings were read.
   */
  'provider-use': z.strictObject({
    /** For people; empty: no keyring, seal or location uses it. */
    usedBy: z.array(z.string()),
    /** Why the names of its keys were not listed; null where they were, or where they tell no organization. */
    notListed: text,
    /** At most 200. */
    leftKeys: z.array(
      z.strictObject({
        name: z.string(),
        /** In lower case. */
        organizationId: z.string(),
        /** *keyring row*: the install database records it. *name*: it is named as the keys of those that are listed. */
        toldBy: z.enum(['keyring row', 'name']),
        /** Whether the provider lists it; null where nobody could ask. */
        inProvider: z.boolean().nullable(),
        /** How many snapshots of the provider hold it, and when the newest of them was taken. */
        snapshots: count,
        newestSnapshot: when,
      }),
    ),
    leftCount: count,
  }),
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
        heldBy: z.array(holder),
        /** What is observed is there besides what else may be; what is stated is all there is. */
        origin: z.enum(['stated', 'observed']),
        /**
         * Of a key of a bucket of single files: it wraps a key of each object, so what was written before a rotation needs no
         * version from after it. Absent elsewhere, and in bundles of older versions.
         */
        perObject: z.literal(true).optional(),
      }),
    ),
    /** Of a provider: of which kind it is by the configuration. Absent of others, and in bundles of older versions. */
    kind: z.string().optional(),
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
    /**
     * Other configured providers that keep their snapshots in the same location and did not tell their mounts, where nothing
     * shows this one to be of the provider itself. Absent where there is none, and in bundles of older versions.
     */
    mayBeOf: z.array(z.string()).optional(),
    raftServerIds: z.array(z.string()),
    /** The same with their addresses; absent in bundles of older versions. */
    raftServers: z.array(z.strictObject({ id: z.string(), address: z.string() })).optional(),
    raftIndex: z.number().nullable(),
    /** The term of that index; absent in bundles of older versions, and where it is of no raft of Vault's own. */
    raftTerm: z.number().optional(),
    /**
     * A snapshot that was taken before this one from one of the same servers, at a higher index, which a raft never goes
     * back from: one of the two is of another history. Absent where there is none.
     */
    indexBehind: z.strictObject({ location: z.string(), path: z.string(), raftIndex: z.number() }).optional(),
    sealType: text,
    sealShares: z.number().nullable(),
    sealThreshold: z.number().nullable(),
    sealKeyId: text,
    /** Who holds that key, where it is one of AWS KMS. Absent elsewhere, and in bundles of older versions. */
    sealKeyHeldBy: holder.optional(),
    /**
     * What Vault stores in, where that is not raft, and so what this is a copy of. Of files `takenAt` is when Vault wrote
     * to them last: the copy itself may be younger.
     */
    storage: z.enum(['consul', 'file']).optional(),
    /**
     * Of an object in a bucket that is encrypted with a key of a key service: who holds that key, which opens the object
     * whatever the default of the bucket is; nobody: nobody tells. Absent elsewhere, and in bundles of older versions.
     */
    keyHeldBy: z.array(holder).optional(),
    /** Of files: whether it is stated that Vault did not run while they were copied. */
    copiedWhileStopped: z.boolean().optional(),
    /**
     * Of files: the term of a barrier key with which entries are encrypted, and which the keyring in it may lack, as it is older than
     * entries from before that key. Absent elsewhere, and in bundles of older versions.
     */
    lackingTerm: z.number().optional(),
  }),
  /** Of a keyring: whether one snapshot holds its key's path. */
  'snapshot-key': z.strictObject({
    location: z.string(),
    path: z.string(),
    takenAt: when,
    present: z.boolean(),
    /**
     * Of a copy of files: when Vault last wrote the file with the key's versions, so a later version is not in it,
     * whenever the copy itself was made. Null, and absent in bundles of older versions, where nothing tells.
     */
    writtenAt: when.optional(),
  }),
} as const;
