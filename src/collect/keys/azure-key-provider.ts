import type { Facts } from '../../model/facts.ts';
import { type Instant, toMillis } from '../../model/instant.ts';
import type { AzureWrapping } from '../../model/wrapping.ts';
import type { AzureClient } from './azure-client.ts';
import {
  type AzureKeyReading,
  type AzureVersionReading,
  readAzureKey,
  readAzureKeyNames,
  readAzureVault,
} from './azure-keys.ts';
import { proveAzureKey } from './azure-proof.ts';
import type { AzureResource } from './azure-resource.ts';
import type { KeyProvider } from './key-provider.ts';
import { askedOnce } from './shared-answers.ts';

/**
 * One vault or Managed HSM as a key provider. Its versions have names and no numbers.
 * @param resource its resource in the management plane; null where that is not asked
 * @param wrapping how samples were wrapped that do not tell it themselves; null where that is not stated
 */
export function azureKeyProvider(
  id: string,
  client: AzureClient,
  wrapping: AzureWrapping | null = null,
  resource: AzureResource | null = null,
): KeyProvider {
  const described = askedOnce(async (keyRef) => keyState(await readAzureKey(client, keyRef)));
  return {
    id,
    kind: 'azure-key-vault',
    locator: client.locator,
    operations: {
      state: 'GET keys',
      key: 'GET keys/:name, keys/:name/versions, deletedkeys/:name',
      rights: 'none',
      names: 'GET keys',
    },
    async state() {
      await readAzureVault(client);
      return {
        items: [
          {
            kind: 'azure-key-vault',
            service: client.service,
            initialized: null,
            sealed: null,
            version: null,
            clusterId: null,
            sealType: null,
            sealThreshold: null,
            sealShares: null,
            account: null,
            region: client.region(),
            mounts: null,
            raftServers: null,
            raftAppliedIndex: null,
          },
        ],
      };
    },
    async key(keyRef) {
      return { items: [await described(keyRef)] };
    },
    prove: (keyRef, version, sample) => proveAzureKey(client, wrapping, { keyRef, version, sample }),
    names: () => readAzureKeyNames(client),
    // Which rights the credentials have, only the management plane tells, with more rights than an audit should hold.
    rights: () => null,
    // The region is the service's word about itself and proves no failure domain: that is stated.
    observedDomain: () => null,
    clockOffsetMillis: () => client.clockOffsetMillis(),
    mountUuid: () => null,
    ...(resource === null
      ? {}
      : {
          resource: {
            locator: resource.locator,
            operation: resource.operation,
            ask: async () => ({ items: [await resource.read()] }),
          },
        }),
    close() {
      resource?.close();
      client.close();
    },
  };
}

function keyState(reading: AzureKeyReading): Facts['key-state'] {
  const unnumbered = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };
  const common = { ...unnumbered, identity: reading.id, origin: null };
  if (reading.state === 'missing') {
    return {
      ...common,
      state: 'missing',
      createdAt: null,
      deletionDate: null,
      expiresAt: null,
      canDecrypt: false,
      namedVersions: [],
      ...(reading.isOtherVersionThere === true ? { isOtherVersionThere: true as const } : {}),
    };
  }
  const { operations, type } = reading.state === 'deleted' ? reading : reading.current;
  const described = {
    canDecrypt: canDecrypt(operations),
    keyType: type,
    recovery: recoveryFact(reading.recovery.level, reading.recovery.days),
  };
  if (reading.state === 'deleted') {
    return {
      ...common,
      ...described,
      state: 'pending-deletion',
      // Of a deleted key only the newest version is shown.
      createdAt: null,
      deletedAt: reading.deletedAt,
      deletionDate: reading.purgedAt,
      ...(isOverdue(reading.purgedAt) ? { isPurgeOverdue: true as const } : {}),
      expiresAt: null,
      namedVersions: null,
    };
  }
  const { current, versions } = reading;
  return {
    ...common,
    ...described,
    state: current.enabled ? 'enabled' : 'disabled',
    createdAt: versions[0]?.createdAt ?? null,
    deletionDate: null,
    expiresAt: current.expiresAt,
    notBefore: current.notBefore,
    currentName: current.version,
    namedVersions: versions.map(namedVersion),
  };
}

/** Whether a key is shown although it was to be purged by now. */
function isOverdue(purgedAt: Instant | null): boolean {
  return purgedAt !== null && toMillis(purgedAt) <= Date.now();
}

function namedVersion({ version, operations, type, ...rest }: AzureVersionReading) {
  return { name: version, ...rest, canDecrypt: canDecrypt(operations), keyType: type };
}

function canDecrypt(operations: readonly string[] | null): boolean | null {
  return operations === null ? null : operations.includes('unwrapKey') || operations.includes('decrypt');
}

/**
 * Azure Key Vault REST API, "DeletionRecoveryLevel": with `Purgeable` in it, whoever may can delete a key for good before
 * its days are over; without any `Recoverable`, deleting it is final at once.
 */
function recoveryFact(level: string | null, days: number | null): NonNullable<Facts['key-state']['recovery']> {
  const words = level?.split('+') ?? [];
  const isKnown = level !== null && words.every((word) => LEVEL_WORDS.has(word)) && words.length > 0;
  return {
    level,
    days,
    softDelete: isKnown ? words.some((word) => word.endsWith('Recoverable')) : null,
    purgeProtected: isKnown ? !words.includes('Purgeable') : null,
  };
}

const LEVEL_WORDS: ReadonlySet<string> = new Set([
  'Purgeable',
  'Recoverable',
  'CustomizedRecoverable',
  'ProtectedSubscription',
]);
