import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import { instantText } from '../../model/text.ts';
import type { KeyProvider } from './key-provider.ts';
import { askedOnce } from './shared-answers.ts';
import { proveTransitKey } from './transit-proof.ts';
import { readAutomatedSnapshots } from './vault-automated-snapshots.ts';
import type { VaultClient } from './vault-client.ts';
import { readVaultProvider, type VaultProviderReading } from './vault-provider.ts';
import { readTokenRights, vaultWritePaths } from './vault-token-rights.ts';
import {
  listTransitKeys,
  readMountUuids,
  readTransitKey,
  readTransitMount,
  type TransitKeyReading,
} from './vault-transit.ts';

/**
 * Vault Transit as a key provider. A sealed Vault answers: sealed is a state, not a blind spot.
 * @param schedules names of schedules of automated snapshots to ask about
 */
export function vaultKeyProvider(
  id: string,
  client: VaultClient,
  mount: string,
  schedules: readonly string[] = [],
): KeyProvider {
  let mountUuid: string | null = null;
  let clockOffset: number | null = null;
  const read = askedOnce((name) => readTransitKey(client, mount, name));
  return {
    id,
    kind: 'vault-transit',
    locator: `${client.locator}, mount ${mount}`,
    operations: {
      state: 'sys/seal-status, sys/health, sys/leader, sys/internal/ui/mounts',
      key: 'transit keys/:name',
      settings: 'transit keys/:name',
      rotation: 'transit keys/:name',
      rights: 'sys/capabilities-self, auth/token/lookup-self',
      names: 'transit LIST keys',
    },
    async state() {
      const reading = await readVaultProvider(client);
      clockOffset = reading.serverClockOffsetMillis;
      const usable = reading.initialized && !reading.sealed;
      let mounts: Facts['provider-state']['mounts'] = null;
      let otherMounts: readonly string[] = [];
      let blindSpot = wrongNode(client.locator, reading);
      if (usable && blindSpot === null) {
        try {
          const found = await readTransitMount(client, mount);
          mountUuid = found.uuid;
          mounts = [{ path: mount, uuid: found.uuid }];
          otherMounts = (await readMountUuids(client)).filter((uuid) => uuid !== found.uuid);
        } catch (error) {
          if (!(error instanceof SourceError)) throw error;
          blindSpot = { reason: error.reason, detail: error.message, remedy: error.remedy };
        }
      }
      const automated =
        usable && blindSpot === null && schedules.length > 0 ? await readAutomatedSnapshots(client, schedules) : null;
      return {
        items: [
          {
            kind: 'vault-transit',
            initialized: reading.initialized,
            sealed: reading.sealed,
            version: reading.version,
            clusterId: reading.clusterId,
            sealType: reading.sealType,
            sealThreshold: reading.threshold,
            sealShares: reading.shares,
            account: null,
            region: null,
            mounts,
            ...(otherMounts.length === 0 ? {} : { otherMounts: [...otherMounts] }),
            raftServers: reading.raftServers === null ? null : reading.raftServers.map((server) => ({ ...server })),
            raftAppliedIndex: reading.raftAppliedIndex,
            ...(reading.raftTerm === null ? {} : { raftTerm: reading.raftTerm }),
            storageType: reading.storageType,
            standby: reading.standby,
            highAvailability: reading.highAvailability,
            performanceReplication: reading.performanceReplication,
            recoveryReplication: reading.recoveryReplication,
            autopilot:
              reading.autopilot === null
                ? null
                : { ...reading.autopilot, unhealthyServers: [...reading.autopilot.unhealthyServers] },
            ...(automated === null ? {} : { automatedSnapshots: [...automated] }),
          },
        ],
        blindSpot,
      };
    },
    async key(keyRef) {
      return { items: [keyState(await read(keyRef))] };
    },
    async settings(keyRef) {
      const reading = await read(keyRef);
      return { items: reading.state === 'missing' ? [] : [keySettings(reading)] };
    },
    async rotation(keyRef) {
      const reading = await read(keyRef);
      return { items: reading.state === 'missing' ? [] : [keyRotation(reading)] };
    },
    async rights(keyRefs) {
      const names = keyRefs.filter((name) => TRANSIT_KEY_NAME.test(name));
      const reading = await readTokenRights(client, vaultWritePaths(mount, names));
      // In words that name no organization's key, as the finding of a shared provider is shown to all.
      const shown = vaultWritePaths(
        mount,
        names.map(() => 'KEY'),
      );
      const writable = reading.evidence.flatMap((one, index) =>
        one.capabilities.some((word) => !['read', 'list', 'deny'].includes(word)) ? [shown[index] ?? 'a path'] : [],
      );
      const asked = `${reading.evidence.length} paths asked about (${names.length} ${names.length === 1 ? 'key' : 'keys'} by name)`;
      const because = reading.canWrite
        ? `the token may change ${writable.length} of ${asked}, such as ${writable[0]}`
        : `the token may change none of ${asked}`;
      const expiry = reading.expiresAt === null ? '' : `; it expires on ${instantText(reading.expiresAt)}`;
      return { items: [{ canWrite: reading.canWrite, because: `${because}${expiry}` }] };
    },
    names: () => listTransitKeys(client, mount),
    prove: (keyRef, version, sample) => proveTransitKey(client, mount, { keyRef, version, sample }),
    observedDomain: () => null,
    clockOffsetMillis: () => clockOffset,
    mountUuid: () => mountUuid,
    close: () => client.close(),
  };
}

/** A node that answers and is not the one to ask; what it says of itself tells nothing of the keys. */
function wrongNode(where: string, reading: VaultProviderReading): BlindSpot | null {
  if (reading.removedFromCluster) {
    return {
      reason: 'unreachable',
      detail: `${where}: this node was removed from its cluster and holds no keys any more`,
      remedy: 'Give the address of a node that belongs to the cluster.',
    };
  }
  if (reading.recoveryReplication === 'secondary') {
    return {
      reason: 'unreachable',
      detail: `${where}: this is a disaster recovery secondary, which serves no keys before it is promoted`,
      remedy: 'Give the address of the primary cluster.',
    };
  }
  return null;
}

/** Names that a transit key can have: `GenericNameRegex` of Vault's plugin framework. Others are of no key to harm. */
const TRANSIT_KEY_NAME = /^\w(?:[\w.-]*\w)?$/;

function keyState(reading: TransitKeyReading): Facts['key-state'] {
  const unknown = {
    identity: null,
    createdAt: null,
    deletionDate: null,
    expiresAt: null,
    origin: null,
  };
  if (reading.state === 'missing') {
    return {
      ...unknown,
      state: 'missing',
      latestVersion: null,
      minDecryptionVersion: null,
      minAvailableVersion: null,
      versions: [],
      canDecrypt: false,
    };
  }
  return {
    ...unknown,
    state: 'enabled',
    latestVersion: reading.latestVersion,
    minDecryptionVersion: reading.minDecryptionVersion,
    minAvailableVersion: reading.minAvailableVersion,
    versions: reading.versions.map(({ version, createdAt }) => ({ version, createdAt })),
    createdAt: reading.versions.find((version) => version.version === 1)?.createdAt ?? null,
    canDecrypt: reading.supportsDecryption,
    // It matters where it is why the key is of no use.
    ...(reading.supportsDecryption ? {} : { keyType: reading.type }),
    ...(reading.isImported ? { imported: SYMMETRIC.test(reading.type) ? 'whole' : 'perhaps-public-only' } : {}),
  };
}

/**
 * Types of which there is no public part. Others can be imported with their public part alone since Vault 1.13 (HTTP API
 * documentation, "Transit secrets engine", "Import key", `public_key`), and reading such a key shows no difference.
 */
const SYMMETRIC = /^(?:aes|chacha20|hmac)/;

type PresentKey = Exclude<TransitKeyReading, { readonly state: 'missing' }>;

function keySettings(reading: PresentKey): Facts['key-settings'] {
  return {
    type: reading.type,
    deletionAllowed: reading.deletionAllowed,
    plaintextBackupAllowed: reading.allowPlaintextBackup,
    exportable: reading.exportable,
    account: null,
    destroyers: null,
  };
}

/** A version is made by a rotation, but for the first. Those below min_decryption_version are not shown. */
function keyRotation({ versions, autoRotateSeconds }: PresentKey): Facts['key-rotation'] {
  return {
    automatic: autoRotateSeconds === null ? null : autoRotateSeconds > 0,
    periodDays: autoRotateSeconds === null || autoRotateSeconds === 0 ? null : autoRotateSeconds / SECONDS_A_DAY,
    nextAt: null,
    rotatedAt: versions.filter(({ version }) => version > 1).map(({ createdAt }) => createdAt),
    importedMaterials: null,
  };
}

const SECONDS_A_DAY = 86_400;
