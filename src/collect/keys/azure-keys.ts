import type { DeletedKey, KeyProperties, KeyVaultKey } from '@azure/keyvault-keys';
import { type AzureKeyReference, parseAzureKeyReference } from '../../model/azure-key-reference.ts';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { AzureClient } from './azure-client.ts';
import { AzureRefusal, azureError, azureMalformed, isAzureDisabled, isAzureNotFound } from './azure-error.ts';
import type { AzureRequestName } from './azure-requests.ts';

/** One version of a key. */
export interface AzureVersionReading {
  /** 32 hexadecimal digits. */
  readonly version: string;
  readonly enabled: boolean;
  readonly createdAt: Instant | null;
  readonly notBefore: Instant | null;
  readonly expiresAt: Instant | null;
  /** What it may do, e.g. `unwrapKey`; null where the service was not asked, as of one that is switched off, or does not tell. */
  readonly operations: readonly string[] | null;
  /** e.g. `RSA`, `RSA-HSM`, `oct-HSM`; null where operations are. */
  readonly type: string | null;
}

/** What brings a key back once it was deleted, in the service's own words. */
export interface AzureRecoveryReading {
  /** e.g. `Recoverable+Purgeable`; null where the answer leaves it out. */
  readonly level: string | null;
  readonly days: number | null;
}

/** A key as the service describes it; never any key material, not even the public part. */
export type AzureKeyReading =
  /** With the version that was asked for where others of the key are there. */
  | { readonly state: 'missing'; readonly id: string; readonly isOtherVersionThere?: true }
  | {
      readonly state: 'deleted';
      readonly id: string;
      readonly type: string | null;
      readonly operations: readonly string[] | null;
      readonly deletedAt: Instant | null;
      /** When it will be gone for good; null where nothing is said. */
      readonly purgedAt: Instant | null;
      readonly recovery: AzureRecoveryReading;
    }
  | {
      readonly state: 'present';
      /** The key itself, without a version. */
      readonly id: string;
      /** The version that the reference means: the one it names, else the newest. */
      readonly current: AzureVersionReading;
      /** Every version there is, oldest first: single ones cannot be deleted. */
      readonly versions: readonly AzureVersionReading[];
      readonly recovery: AzureRecoveryReading;
    };

/** How many of the newest versions are asked about one by one; what older ones are for stays unknown. */
const MAX_DESCRIBED = 100;

/**
 * Whether the vault answers.
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readAzureVault(client: AzureClient): Promise<void> {
  await client.probe().catch((error: unknown) => refuse(client, 'keys', 'the list of keys', error));
}

/**
 * The names of all keys that are not deleted.
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readAzureKeyNames(client: AzureClient): Promise<readonly string[]> {
  return await client.names().catch((error: unknown) => refuse(client, 'keys', 'the list of keys', error));
}

/**
 * `missing` only where the service says so of live and of deleted keys alike.
 * @param keyRef NAME, NAME/VERSION or the identifier of either
 * @throws SourceError unauthorized with what to allow, malformed also for what is no reference, unsupported for a key of another vault
 */
export async function readAzureKey(client: AzureClient, keyRef: string): Promise<AzureKeyReading> {
  const wanted = azureReference(client, keyRef);
  const { name } = wanted;
  const id = `${client.origin}/keys/${name}`;
  let described: KeyVaultKey | null = null;
  try {
    described = await client.key(name, wanted.version);
  } catch (error) {
    if (isAzureNotFound(error)) {
      if (wanted.version === null) return await readDeletedKey(client, name, id);
    } else if (!isAzureDisabled(error)) {
      return refuse(client, wanted.version === null ? 'key' : 'keyVersion', `key ${name}`, error);
    }
  }
  let listed: readonly KeyProperties[];
  try {
    listed = await client.versions(name);
  } catch (error) {
    if (isAzureNotFound(error)) return await readDeletedKey(client, name, id);
    return refuse(client, 'versions', `versions of ${name}`, error);
  }
  // The service gives an empty list of a key that it does not know, too.
  if (listed.length === 0 && described === null) return await readDeletedKey(client, name, id);
  return await presentKey(client, wanted, described, listed);
}

async function presentKey(
  client: AzureClient,
  { name, version }: AzureKeyReference,
  described: KeyVaultKey | null,
  listed: readonly KeyProperties[],
): Promise<AzureKeyReading> {
  const shown = described === null ? null : versionOf(client, name, described.properties, described);
  const plain = listed.map((one) => versionOf(client, name, one)).sort(byCreation);
  const versions = await Promise.all(
    plain.map((one, index) => {
      if (one.version === shown?.version) return { ...one, operations: shown.operations, type: shown.type };
      return one.enabled && plain.length - index <= MAX_DESCRIBED ? describedVersion(client, name, one) : one;
    }),
  );
  const properties = described?.properties ?? listed[0];
  const id = idOf(properties, `${client.origin}/keys/${name}`);
  const meant = version ?? shown?.version ?? versions.at(-1)?.version;
  const current = versions.find((one) => one.version === meant);
  if (current !== undefined) return { state: 'present', id, current, versions, recovery: recoveryOf(properties) };
  if (version !== null && described === null) return { state: 'missing', id, isOtherVersionThere: true };
  throw azureMalformed(client.locator, `versions of ${name}`, 'the version in use is not among them');
}

async function readDeletedKey(client: AzureClient, name: string, id: string): Promise<AzureKeyReading> {
  let deleted: DeletedKey;
  try {
    deleted = await client.deletedKey(name);
  } catch (error) {
    if (isAzureNotFound(error)) return { state: 'missing', id };
    return refuse(client, 'deletedKey', `deleted key ${name}`, error);
  }
  versionOf(client, name, deleted.properties);
  const { deletedOn, scheduledPurgeDate } = deleted.properties;
  return {
    state: 'deleted',
    id: idOf(deleted.properties, id),
    type: deleted.keyType ?? null,
    operations: deleted.keyOperations ?? null,
    deletedAt: instantOf(deletedOn),
    purgedAt: instantOf(scheduledPurgeDate),
    recovery: recoveryOf(deleted.properties),
  };
}

/** @throws SourceError malformed for what is no reference, unsupported for a key of another vault */
export function azureReference(client: AzureClient, keyRef: string): AzureKeyReference {
  const shown = keyRef.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
  const wanted = parseAzureKeyReference(keyRef);
  if (wanted === null) {
    throw new SourceError(
      'malformed',
      `${shown} is not the name or identifier of a key in Azure Key Vault`,
      'Check the reference of the key: NAME, NAME/VERSION or https://VAULT/keys/NAME/VERSION.',
    );
  }
  // Asked here, the key would read as a lost one.
  if (wanted.vault !== null && wanted.vault !== client.origin) {
    throw new SourceError(
      'unsupported',
      `${shown} lies in another vault than ${client.locator}`,
      'Name the vault of the key as the address of its key provider.',
    );
  }
  return wanted;
}

/** The list of versions leaves out what each is for. */
async function describedVersion(
  client: AzureClient,
  name: string,
  version: AzureVersionReading,
): Promise<AzureVersionReading> {
  try {
    const key = await client.key(name, version.version);
    const { operations, type } = versionOf(client, name, key.properties, key);
    return { ...version, operations, type };
  } catch (error) {
    if (isAzureDisabled(error)) return { ...version, enabled: false };
    return refuse(client, 'keyVersion', `key ${name}`, error);
  }
}

function versionOf(
  client: AzureClient,
  name: string,
  properties: KeyProperties,
  key?: KeyVaultKey | DeletedKey,
): AzureVersionReading {
  const { enabled, createdOn, notBefore, expiresOn } = properties;
  const version = properties.version?.toLowerCase() ?? '';
  if (properties.name.toLowerCase() !== name || !/^[0-9a-f]{32}$/.test(version) || enabled === undefined) {
    throw azureMalformed(client.locator, `key ${name}`, 'the answer is about another key');
  }
  return {
    version,
    enabled,
    createdAt: instantOf(createdOn),
    notBefore: instantOf(notBefore),
    expiresAt: instantOf(expiresOn),
    operations: key?.keyOperations ?? null,
    type: key?.keyType ?? null,
  };
}

/** The key as its vault names it, which goes by one name whatever address it is asked at. */
function idOf(properties: KeyProperties | undefined, asked: string): string {
  const url = URL.parse(properties?.id ?? '');
  return url === null ? asked : `${url.origin}${url.pathname.split('/').slice(0, 3).join('/')}`.toLowerCase();
}

/** Oldest first; those of unknown creation are from before the service kept it (Microsoft Learn, "About keys", attribute created). */
function byCreation(a: AzureVersionReading, b: AzureVersionReading): number {
  return (a.createdAt ?? '').localeCompare(b.createdAt ?? '') || a.version.localeCompare(b.version);
}

function recoveryOf(properties: KeyProperties | undefined): AzureRecoveryReading {
  return { level: properties?.recoveryLevel ?? null, days: properties?.recoverableDays ?? null };
}

/** @throws SourceError what a refusal of the service means, and anything else as it is */
export function refuse(client: AzureClient, name: AzureRequestName, subject: string, error: unknown): never {
  if (!(error instanceof AzureRefusal)) throw error;
  throw azureError({ name, subject, where: client.locator, service: client.service }, error);
}

function instantOf(date: Date | undefined): Instant | null {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? toInstant(date.getTime()) : null;
}
