import type { ProviderConfig } from '../../config/provider-schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate } from '../estate.ts';

/**
 * AWS and Azure give out no copies of keys that this tool could read (AWS KMS Developer Guide, "AWS KMS cryptographic
 * details"; Azure backups of a key open in its own vault only). What HSMs export is readable to their makers' tools only,
 * and is attested.
 */
export const NO_SNAPSHOTS = 'none, as the service has no snapshots';
const WITHOUT_SNAPSHOTS: ReadonlySet<ProviderConfig['kind']> = new Set(['aws-kms', 'pkcs11', 'azure-key-vault']);

/** Whether providers of a kind have no snapshots at all. */
export function hasNoSnapshots(kind: ProviderConfig['kind']): boolean {
  return WITHOUT_SNAPSHOTS.has(kind);
}

/** Nobody said where snapshots of a provider lie. */
export function noSnapshotLocation(id: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `no location with snapshots of key provider ${id} is configured`,
    remedy: `Name the location that holds its snapshots under providers, id ${id}, snapshots.`,
  };
}

/** Which snapshots of a provider hold a keyring's key, one answer for each location. */
export function snapshotKeys(
  collection: Collection,
  estate: Estate,
  keyring: Subject,
  providerId: string,
  keyRef: string,
): readonly AnyEvidence[] {
  const open = estate.providers.get(providerId);
  if (open !== undefined && hasNoSnapshots(open.config.kind)) {
    const question = { source: `provider ${providerId}`, operation: NO_SNAPSHOTS, locator: open.provider.locator };
    return [collection.asker.record({ kind: 'snapshot-key', subject: keyring, ...question }, { items: [] })];
  }
  if (open === undefined || open.config.kind !== 'vault-transit') return [];
  const uuid = open.provider.mountUuid();
  if (open.snapshots.length === 0) {
    return [
      collection.asker.record(
        {
          kind: 'snapshot-key',
          subject: keyring,
          source: `provider ${providerId}`,
          operation: 'none',
          locator: 'not configured',
        },
        { items: [], blindSpot: noSnapshotLocation(providerId) },
      ),
    ];
  }
  return open.snapshots.map(({ location, found }) => {
    const items: Facts['snapshot-key'][] =
      uuid === null
        ? []
        : found.snapshots.map((snapshot) => ({
            location: snapshot.fact.location,
            path: snapshot.fact.path,
            takenAt: snapshot.fact.takenAt,
            present: snapshot.holds(uuid, keyRef),
            ...(snapshot.fact.storage === 'file' ? { writtenAt: snapshot.writtenAt(uuid, keyRef) } : {}),
          }));
    return collection.asker.record(
      {
        kind: 'snapshot-key',
        subject: keyring,
        source: `location ${location.config.name}`,
        operation: 'storage paths of every snapshot',
        locator: location.tree?.locator ?? location.config.name,
      },
      { items, blindSpot: uuid === null ? MOUNT_UNKNOWN(providerId) : found.blindSpot },
    );
  });
}

const MOUNT_UNKNOWN = (id: string): BlindSpot => ({
  reason: 'unreachable',
  detail: `which mount of key provider ${id} holds the key is not known, as the provider did not tell`,
  remedy: 'Bring the provider up and let the audit read its mount; snapshots name keys by the mount only.',
});
