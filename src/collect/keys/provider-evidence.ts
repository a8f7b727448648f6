import type { BlindSpot } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import { holdersOfStored, unknownCustody } from '../custody.ts';
import { INSTALL_SOURCE, locatorOf } from '../dataset-answers.ts';
import { declarationsAbout } from '../declarations.ts';
import { observedDomain, statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { NO_NAMED_KEYS } from '../named-keys.ts';
import { leanedOnKeyEvidence } from './leaned-on-keys.ts';
import { ownSnapshots } from './own-snapshots.ts';
import { providerPeerEvidence } from './peer-evidence.ts';
import { holderOfSealKey, providerCustody } from './seal-custody.ts';
import { hasNoSnapshots, NO_SNAPSHOTS, noSnapshotLocation } from './snapshot-keys.ts';
import { snapshotsBehind, withIndexBehind } from './snapshots-behind.ts';

/** Why a provider that the install names was not asked at all. */
export function notAsked(estate: Estate, id: string): BlindSpot {
  return (
    estate.recordedProviders.others.get(id) ?? {
      reason: 'not-asked',
      detail: `key provider ${id} is not in the configuration`,
      remedy: `Add an entry with id: ${id} to providers in the configuration.`,
    }
  );
}

/**
 * Everything about one provider. A provider that the install names and the configuration does not, or names otherwise,
 * is a subject too, and blind.
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
    const question = { subject, source: `provider ${id}`, operation: 'none', locator: 'not configured' };
    const unknown = { items: [], blindSpot: notAsked(estate, id) };
    part.evidence.push(
      // What the configuration states is of another provider, or nothing.
      asker.record({ kind: 'failure-domain', ...question }, unknown),
      asker.record({ kind: 'provider-state', ...question }, unknown),
      asker.record({ kind: 'provider-snapshot', ...question }, unknown),
      asker.record({ kind: 'key-state', ...question }, unknown),
      unknownCustody(collection, subject, `provider ${id}`, notAsked(estate, id)),
    );
    return;
  }
  const { provider, config } = open;
  const question = { subject, source: `provider ${id}`, locator: provider.locator };
  const state = await asker.ask({
    kind: 'provider-state',
    ...question,
    operation: provider.operations.state,
    answer: () => provider.state(),
  });
  part.evidence.push(
    statedDomain(collection, subject, config.failureDomain),
    state,
    providerCustody(collection, estate, subject, open),
    await leanedOnKeyEvidence(collection, estate, subject, open, part.evidence),
  );
  const addresses = estate.recordedProviders.addresses.get(id);
  if (addresses !== undefined) {
    part.evidence.push(
      asker.record(
        {
          kind: 'provider-record',
          subject,
          ...INSTALL_SOURCE,
          operation: 'dataset key_providers',
          locator: locatorOf(estate),
        },
        { items: addresses },
      ),
    );
  }
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
  const { resource } = provider;
  if (resource !== undefined) {
    const { locator, operation } = resource;
    part.evidence.push(
      await asker.ask({ kind: 'vault-resource', ...question, locator, operation, answer: () => resource.ask() }),
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
  const mounted = state.items.flatMap(({ otherMounts = [] }) => otherMounts);
  const behind = snapshotsBehind(open.snapshots.flatMap(({ found }) => found.snapshots.map(({ fact }) => fact)));
  for (const { location, found } of open.snapshots) {
    const others = othersIn(estate, id, location.config.name);
    const facts = found.snapshots.map(({ fact, encryption }) => {
      const keyHeldBy = holdersOfStored(estate, location.config, encryption);
      const sealKeyHeldBy = holderOfSealKey(estate, fact);
      return {
        ...withIndexBehind(fact, behind),
        ...(keyHeldBy === null ? {} : { keyHeldBy: [...keyHeldBy] }),
        ...(sealKeyHeldBy === null ? {} : { sealKeyHeldBy }),
      };
    });
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
          items: ownSnapshots(facts, provider.mountUuid(), mounted, others.mounts, others.untold),
          blindSpot: found.blindSpot,
        },
      ),
    );
  }
  part.evidence.push(...(await providerPeerEvidence(collection, estate, subject, open)));
  if (hasNoSnapshots(config.kind)) {
    part.evidence.push(
      asker.record({ kind: 'provider-snapshot', ...question, operation: NO_SNAPSHOTS }, { items: [] }),
    );
  }
  if (config.kind === 'vault-transit' && open.snapshots.length === 0) {
    part.evidence.push(
      asker.record(
        { kind: 'provider-snapshot', subject, source: `provider ${id}`, operation: 'none', locator: 'not configured' },
        { items: [], blindSpot: noSnapshotLocation(id) },
      ),
    );
  }
}

/** Of the other providers that keep their snapshots in a location too: their mounts, and who did not tell its own. */
function othersIn(estate: Estate, id: string, location: string) {
  const others = [...estate.providers].filter(
    ([other, { snapshots }]) => other !== id && snapshots.some((one) => one.location.config.name === location),
  );
  return {
    mounts: others.flatMap(([, { provider }]) => provider.mountUuid() ?? []),
    untold: others.filter(([, { provider }]) => provider.mountUuid() === null).map(([other]) => other),
  };
}
