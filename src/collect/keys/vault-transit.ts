import { z } from 'zod';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { VaultClient } from './vault-client.ts';
import { askVault, readVaultBody, vaultError } from './vault-error.ts';
import { vaultErrorTexts } from './vault-said.ts';

/** Identity of a mounted transit engine. */
export interface TransitMountReading {
  /** Made when the engine was mounted and never reused: snapshots hold the mount's keys under it. */
  readonly uuid: string;
  readonly accessor: string;
}

export interface TransitKeyVersion {
  readonly version: number;
  /** Truncated to a second for symmetric keys, to a millisecond for others. */
  readonly createdAt: Instant;
}

/** A transit key as the live server describes it; never any key material. */
export type TransitKeyReading =
  | { readonly state: 'missing' }
  | {
      readonly state: 'present';
      /** e.g. `aes256-gcm96`, `rsa-4096`. */
      readonly type: string;
      readonly latestVersion: number;
      /** Older versions exist but refuse to decrypt until this is lowered. */
      readonly minDecryptionVersion: number;
      /** Older versions were trimmed and are gone for good; 0 where none were. */
      readonly minAvailableVersion: number;
      readonly deletionAllowed: boolean;
      readonly allowPlaintextBackup: boolean;
      readonly exportable: boolean;
      /** Seconds after which Vault rotates it by itself; 0 never; null where the server is too old to tell. */
      readonly autoRotateSeconds: number | null;
      readonly supportsDecryption: boolean;
      /** Whether its material was imported: creation times are then those of the import. Servers before 1.11 have no such keys. */
      readonly isImported: boolean;
      /** Ascending. Vault does not show versions below {@link minDecryptionVersion}, nor any of a key that does no more than HMAC. */
      readonly versions: readonly TransitKeyVersion[];
    };

const mountSchema = z.object({
  data: z.object({ type: z.string(), uuid: z.string().min(1), accessor: z.string().min(1) }),
});

const mountedSchema = z.record(z.string(), z.object({ uuid: z.string().optional() }));
const mountsSchema = z.object({ data: z.object({ secret: mountedSchema.nullish(), auth: mountedSchema.nullish() }) });

const keyVersionSchema = z.union([
  z.int(),
  z.object({ creation_time: z.string() }).transform((version) => version.creation_time),
]);

const keySchema = z.object({
  data: z
    .object({
      type: z.string(),
      latest_version: z.int(),
      min_decryption_version: z.int(),
      min_available_version: z.int(),
      deletion_allowed: z.boolean(),
      allow_plaintext_backup: z.boolean(),
      exportable: z.boolean(),
      auto_rotate_period: z.int().nonnegative().optional(),
      supports_decryption: z.boolean(),
      imported_key: z.boolean().optional(),
      /** Vault leaves it out of keys that neither encrypt nor sign, such as `hmac` (its `pathPolicyRead` lists the types). */
      keys: z.record(z.string().regex(/^[0-9]+$/), keyVersionSchema).optional(),
    })
    .refine(({ keys, supports_decryption }) => keys !== undefined || !supports_decryption, { path: ['keys'] }),
});

const keyListSchema = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/**
 * @param mount path of the engine, e.g. `transit`
 * @throws SourceError unauthorized also where there is no such mount (Vault does not tell the two apart), unsupported where another engine is mounted there
 */
export async function readTransitMount(client: VaultClient, mount: string): Promise<TransitMountReading> {
  const { value } = await askVault(client, 'mount', { mount }, mountSchema);
  if (value.data.type !== 'transit') {
    throw new SourceError(
      'unsupported',
      `${client.locator}: at ${mount} an engine of type ${value.data.type.slice(0, 40)} is mounted, not transit`,
      'Correct the mount path of the key provider.',
    );
  }
  return { uuid: value.data.uuid, accessor: value.data.accessor };
}

/**
 * Unique ids of all engines and login methods on which the token has some right; none where that is not told. With Vault's
 * `default` policy the identity engine is among them, which has entries in every snapshot.
 * @throws SourceError not-asked where the run was interrupted
 */
export async function readMountUuids(client: VaultClient): Promise<readonly string[]> {
  try {
    const answer = await client.ask('mounts');
    if (answer.status !== 200) return [];
    const { secret, auth } = readVaultBody(client, 'mounts', answer, mountsSchema).data;
    return [secret, auth].flatMap((mounts) => Object.values(mounts ?? {}).flatMap(({ uuid }) => uuid ?? [])).sort();
  } catch (error) {
    if (!(error instanceof SourceError) || error.reason === 'not-asked') throw error;
    return [];
  }
}

/**
 * `missing` only where Vault says so of a path that the token may read, on a mount that is a transit engine.
 * Source: Vault HTTP API documentation 1.21, "Transit secrets engine", "Read key".
 * @throws SourceError unauthorized with the policy line to add, or as the mount's reading
 */
export async function readTransitKey(client: VaultClient, mount: string, name: string): Promise<TransitKeyReading> {
  const parameters = { mount, name };
  const answer = await client.ask('key', parameters);
  if (answer.status === 404) {
    if (vaultErrorTexts(answer).length > 0) throw vaultError(client, 'key', parameters, answer);
    // Another engine at this path gives the same empty 404 for whatever it does not have.
    await readTransitMount(client, mount);
    return { state: 'missing' };
  }
  if (answer.status !== 200) throw vaultError(client, 'key', parameters, answer);
  const { data } = readVaultBody(client, 'key', answer, keySchema);
  return {
    state: 'present',
    type: data.type,
    latestVersion: data.latest_version,
    minDecryptionVersion: data.min_decryption_version,
    minAvailableVersion: data.min_available_version,
    deletionAllowed: data.deletion_allowed,
    allowPlaintextBackup: data.allow_plaintext_backup,
    exportable: data.exportable,
    autoRotateSeconds: data.auto_rotate_period ?? null,
    supportsDecryption: data.supports_decryption,
    isImported: data.imported_key ?? false,
    versions: Object.entries(data.keys ?? {})
      .map(([version, created]) => ({ version: Number(version), createdAt: createdAt(client, created) }))
      .sort((a, b) => a.version - b.version),
  };
}

/**
 * The names of all keys of a mount; none where the mount has none.
 * @throws SourceError as {@link readTransitKey}
 */
export async function listTransitKeys(client: VaultClient, mount: string): Promise<readonly string[]> {
  const answer = await client.ask('keys', { mount });
  if (answer.status === 404 && vaultErrorTexts(answer).length === 0) {
    await readTransitMount(client, mount);
    return [];
  }
  if (answer.status !== 200) throw vaultError(client, 'keys', { mount }, answer);
  return readVaultBody(client, 'keys', answer, keyListSchema).data.keys;
}

function createdAt(client: VaultClient, created: number | string): Instant {
  const millis = typeof created === 'number' ? created * 1000 : Date.parse(created);
  if (Number.isNaN(millis)) {
    throw new SourceError(
      'malformed',
      `${client.locator} gave a key version without a readable creation time`,
      'Check the version of the Vault server.',
    );
  }
  return toInstant(millis);
}
