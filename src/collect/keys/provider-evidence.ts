import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import { declarationsAbout } from '../declarations.ts';
import { observedDomain, statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { NO_NAMED_KEYS } from '../named-keys.ts';
import { ownSnapshots } from './own-snapshots.ts';

const UNCONFIGURED = (id: string): BlindSpot => ({
  reason: 'not-asked',
  detail: `key provider ${id} is not in the configuration`,
  remedy: `Add an entry with id: ${id} to providers in the configuration.`,
});

/**
 * Everything about one provider. A provider that the install names and the configuration does not is a subject too,
 * and blind.
 *
 * @param organizationId the organization it belongs to alone; null for the install's and shared ones
 */
export async function providerEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  id: string,
  organizationId: string | null,
): Promise<void> {
  const { asker } = collection;
  const subject: Subject = { kind: 'provider', key: id, organizationId, name: id };
  part.subjects.push({ subject });
  part.evidence.push(...declarationsAbout(collection, subject));
  const open = estate.providers.get(id);
  if (open === undefined) {
    part.evidence.push(
      statedDomain(collection, subject, undefined),
      asker.record(
        { kind: 'provider-state', subject, source: `provider ${id}`, operation: 'none', locator: 'not configured' },
        { items: [], blindSpot: UNCONFIGURED(id) },
      ),
    );
    return;
  }
  const { provider, config } = open;
  const question = { subject, source: `provider ${id}`, locator: provider.locator };
  part.evidence.push(
    statedDomain(collection, subject, config.failureDomain),
    await asker.ask({
      kind: 'provider-state',
      ...question,
      operation: provider.operations.state,
      answer: () => provider.state(),
    }),
  );
  const keyrings = estate.reading.datasets.keyrings;
  const unnamed = keyrings.status === 'blind' ? asker.blindSpotOf(keyrings.error, 'dataset keyrings') : null;
  const { keyRefs, leftOut } = estate.namedKeys.get(id) ?? NO_NAMED_KEYS;
  const rights = provider.rights(keyRefs);
  if (rights !== null) {
    part.evidence.push(
      await asker.ask({
        kind: 'access-rights',
        ...question,
        operation: provider.operations.rights,
        answer: async () => {
          const { items, blindSpot = null } = await rights;
          const more = leftOut === 0 ? '' : `; keys of ${leftOut} further keyrings were not asked about by name`;
          return {
            items: items.map((item) => ({ ...item, because: `${item.because}${more}` })),
            blindSpot: blindSpot ?? unnamed,
          };
        },
      }),
    );
  }
  const domain = provider.observedDomain();
  if (domain !== null)
    part.evidence.push(observedDomain(collection, subject, domain, `provider ${id}`, provider.locator));
  const offset = provider.clockOffsetMillis();
  if (offset !== null) {
    part.evidence.push(
      asker.record(
        { kind: 'clock', ...question, operation: 'server time' },
        { items: [{ offsetMillis: offset, uncertaintyMillis: 1000 }] },
      ),
    );
  }
  for (const { location, found } of open.snapshots) {
    const facts = found.snapshots.map((snapshot) => snapshot.fact);
    part.evidence.push(
      asker.record(
        {
          kind: 'provider-snapshot',
          subject,
          source: `location ${location.config.name}`,
          operation: 'open every snapshot',
          locator: location.tree?.locator ?? location.config.name,
        },
        {
          items: ownSnapshots(facts, provider.mountUuid(), otherMounts(estate, id, location.config.name)),
          blindSpot: found.blindSpot,
        },
      ),
    );
  }
  if (config.kind === 'aws-kms') {
    part.evidence.push(
      asker.record({ kind: 'provider-snapshot', ...question, operation: NO_SNAPSHOTS }, { items: [] }),
    );
  }
  if (config.kind === 'vault-transit' && open.snapshots.length === 0) {
    part.evidence.push(
      asker.record(
        { kind: 'provider-snapshot', subject, source: `provider ${id}`, operation: 'none', locator: 'not configured' },
        { items: [], blindSpot: NO_SNAPSHOT_LOCATION(id) },
      ),
    );
  }
}

/** Mounts of the other providers that keep their snapshots in a location too, as far as they told them. */
function otherMounts(estate: Estate, id: string, location: string): readonly string[] {
  return [...estate.providers]
    .filter(([other, { snapshots }]) => other !== id && snapshots.some((one) => one.location.config.name === location))
    .flatMap(([, { provider }]) => provider.mountUuid() ?? []);
}

/** AWS gives out no copies of its keys (AWS KMS Developer Guide, "AWS KMS cryptographic details"), so that none is known. */
const NO_SNAPSHOTS = 'none, as the service has no snapshots';

const NO_SNAPSHOT_LOCATION = (id: string): BlindSpot => ({
  reason: 'not-asked',
  detail: `no location with snapshots of key provider ${id} is configured`,
  remedy: `Name the location that holds its snapshots under providers, id ${id}, snapshots.`,
});

/** Which snapshots of a provider hold a keyring's key, one answer for each location. */
export function snapshotKeys(
  collection: Collection,
  estate: Estate,
  keyring: Subject,
  providerId: string,
  keyRef: string,
): readonly AnyEvidence[] {
  const open = estate.providers.get(providerId);
  if (open?.config.kind === 'aws-kms') {
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
        { items: [], blindSpot: NO_SNAPSHOT_LOCATION(providerId) },
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
