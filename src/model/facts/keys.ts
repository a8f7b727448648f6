import { z } from 'zod';
import { count, instant, keyVersionSchema, text, when } from './parts.ts';

/** Keys, their versions, and what proves that they still decrypt. */
export const keyFacts = {
  /** Of an organization: a key-version row of its tenant database. `version` null: the provider has no versions. */
  'key-version': keyVersionSchema,
  /** Of a keyring: its wrapping key as the provider shows it. Of a provider: keys that seals and locations lean on. */
  'key-state': z.strictObject({
    /** Of a provider: which of the keys that seals and locations lean on, as they name it; absent of a keyring. */
    keyRef: z.string().optional(),
    state: z.enum(['enabled', 'disabled', 'pending-deletion', 'pending-import', 'unavailable', 'missing']),
    /** Of one that is unavailable: its provider is still making it. Absent elsewhere, and in bundles of older versions. */
    isBeingMade: z.literal(true).optional(),
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
    /**
     * Of a key whose material was imported into a provider that shows no more of it than that: creation times are those of
     * the import, and of an asymmetric one the private part may never have been there. Absent elsewhere, and in bundles of
     * older versions.
     */
    imported: z.enum(['whole', 'perhaps-public-only']).optional(),
    /** Account that the key belongs to, where its provider tells one. */
    account: text.optional(),
    /** Names that point to it, e.g. `alias/acme`; null where they may not be read. */
    aliases: z.array(z.string()).nullable().optional(),
    /**
     * Since when the alias by which it was asked about points to it; null where that is not told. Absent where it was asked
     * about otherwise, and in bundles of older versions.
     */
    aliasSetAt: when.optional(),
    /**
     * Of a missing one that was asked about by an alias: that points to no key, and the one that it pointed to may be there
     * still. Absent elsewhere, and in bundles of older versions.
     */
    isLostAlias: z.literal(true).optional(),
    /**
     * Of a missing one whose reference names a version: its key is there, with other versions. Absent elsewhere, and in bundles
     * of older versions.
     */
    isOtherVersionThere: z.literal(true).optional(),
    /**
     * Of a deleted one that its provider still showed after `deletionDate`: what is due then may come later. Absent elsewhere, and
     * in bundles of older versions.
     */
    isPurgeOverdue: z.literal(true).optional(),
    /** Identities of the keys with the same material in other regions; absent or null: it has none. */
    replicas: z.array(z.string()).nullable().optional(),
    /** Before when nothing new may be encrypted with it; absent or null where nothing is said. */
    notBefore: when.optional(),
    /** When it was deleted, of one that can still be recovered until `deletionDate`. */
    deletedAt: when.optional(),
    /**
     * What kind of key it is, in the provider's own word, e.g. RSA-HSM; absent or null where it does not tell. Of Vault and AWS
     * KMS only where it cannot decrypt; absent there in bundles of older versions.
     */
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
   * the name, and nothing shows that it is the same. Of a provider: the same of each key there that the configuration
   * names as that of a seal or a location, which no keyring may name.
   */
  'key-peer': z.strictObject({
    peer: z.string(),
    holds: z.boolean(),
    proof: z.enum(['check-value', 'public-key', 'attributes', 'name']).nullable(),
    because: z.string(),
    /** A key of that name there is shown to be another one. Absent where none is, and in bundles of older versions. */
    differs: z.literal(true).optional(),
    /** Of a key there that has an end date, or a start date; absent where it has none, and in bundles of older versions. */
    expiresAt: instant.optional(),
    startsAt: instant.optional(),
    /** Of a provider: the key as the configuration names it; absent of a keyring, whose key it is. */
    keyRef: z.string().optional(),
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
    /**
     * Everyone whom grants on the key let decrypt with it, give further grants or retire grants; null where they were not
     * told, absent where the provider has none.
     */
    grants: z
      .array(
        z.strictObject({
          /** As the grant names it. */
          principal: z.string(),
          rights: z.array(z.enum(['create-grants', 'decrypt', 'retire-grants'])),
        }),
      )
      .nullable()
      .optional(),
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
    /** Of a provider whose versions have names: the one that the record of the sample states. Absent elsewhere. */
    versionName: z.string().optional(),
    /** *unproven*: what was tried shows nothing about the key. */
    outcome: z.enum(['unwrapped', 'refused', 'unproven']),
    /**
     * Of a refused one: the provider itself says that another key wrapped the sample. Absent where it only refuses, as it
     * does what is damaged too, and in bundles of older versions.
     */
    isOfAnotherKey: z.literal(true).optional(),
    /** What the provider did with the sample, and what that shows; never any of its content. */
    because: z.string(),
  }),
} as const;
