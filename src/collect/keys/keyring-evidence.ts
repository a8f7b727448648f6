import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import { declarationsAbout } from '../declarations.ts';
import { ABSENT, type Collection, type Estate, type OpenProvider, type PartBuilder } from '../estate.ts';
import type { KeyProviderRow, KeyringRow } from '../organizations/dataset-contracts.ts';
import { keyringFact } from '../organizations/row-facts.ts';
import { hasHsm, isPeered, NO_PEER } from './peer-evidence.ts';
import { notAsked } from './provider-evidence.ts';
import { snapshotKeys } from './snapshot-keys.ts';

/** Keyrings of the install or of one organization, with the provider rows that they may name. */
export interface KeyringInputs {
  /** The install, or the organization. */
  readonly owner: Subject;
  readonly rows: readonly KeyringRow[];
  readonly providers: readonly KeyProviderRow[];
  readonly blindSpot?: BlindSpot | null;
}

const NO_KEYRING: BlindSpot = {
  reason: 'malformed',
  detail: 'the install database has no keyring row for it',
  remedy: 'Check dataset keyrings of the mapping: every organization and the install itself have one.',
};

/** What the install database says of an owner's keyrings. Asked also of an organization that is left out: whether others share its key is asked about them. */
export function recordedKeyrings(collection: Collection, estate: Estate, inputs: KeyringInputs): AnyEvidence {
  const items = inputs.rows.map((row) => keyringFact(row, providerOf(estate, inputs, row)));
  return collection.asker.record(
    {
      kind: 'keyring',
      subject: inputs.owner,
      source: 'install database',
      operation: 'dataset keyrings',
      locator: 'install database',
    },
    { items, blindSpot: blindSpotOf(collection, estate, inputs) },
  );
}

function blindSpotOf({ asker }: Collection, estate: Estate, inputs: KeyringInputs): BlindSpot | null {
  const dataset = estate.reading.datasets.keyrings;
  if (dataset.status === 'absent') return ABSENT('keyrings');
  return dataset.status === 'blind' ? asker.blindSpotOf(dataset.error, 'keyrings') : (inputs.blindSpot ?? null);
}

function providerOf(estate: Estate, inputs: KeyringInputs, row: KeyringRow): KeyProviderRow | undefined {
  return [...inputs.providers, ...estate.sharedProviders].find((provider) => provider.providerId === row.providerId);
}

/**
 * Each of the keyrings, with the live state of its key and the snapshots that hold it. Where none is known, one unnamed
 * keyring stands for what nobody could ask about.
 */
export async function keyringEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  inputs: KeyringInputs,
): Promise<void> {
  const { asker } = collection;
  const blindSpot = blindSpotOf(collection, estate, inputs);
  const organizationId = inputs.owner.kind === 'organization' ? inputs.owner.organizationId : null;
  if (inputs.rows.length === 0) {
    const subject: Subject = {
      kind: 'keyring',
      key: `${inputs.owner.key}/unknown`,
      organizationId,
      name: 'unknown keyring',
    };
    part.subjects.push({ subject });
    part.evidence.push(
      asker.record(
        {
          kind: 'key-state',
          subject,
          source: 'install database',
          operation: 'dataset keyrings',
          locator: 'install database',
        },
        { items: [], blindSpot: blindSpot ?? NO_KEYRING },
      ),
    );
    return;
  }
  for (const row of inputs.rows) {
    const subject: Subject = { kind: 'keyring', key: row.keyringId, organizationId, name: row.keyringId };
    part.subjects.push({ subject, provider: row.providerId });
    const open = estate.providers.get(row.providerId);
    part.evidence.push(
      asker.record(
        {
          kind: 'keyring',
          subject,
          source: 'install database',
          operation: 'dataset keyrings',
          locator: 'install database',
        },
        { items: [keyringFact(row, providerOf(estate, inputs, row))] },
      ),
      await asker.ask({
        kind: 'key-state',
        subject,
        source: `provider ${row.providerId}`,
        operation: open?.provider.operations.key ?? 'none',
        locator: open?.provider.locator ?? 'not configured',
        answer: () =>
          open === undefined
            ? {
                items: [],
                blindSpot: notAsked(estate, row.providerId),
              }
            : open.provider.key(row.keyRef),
      }),
      ...(await moreOfKey(collection, estate, subject, row)),
      ...snapshotKeys(collection, estate, subject, row.providerId, row.keyRef),
      ...(open === undefined ? [] : await keyOnPeer(collection, estate, subject, open, row)),
      ...declarationsAbout(collection, subject),
    );
  }
}

/** Whether the peer that is declared for an HSM holds the keyring's key. */
async function keyOnPeer(
  { asker }: Collection,
  estate: Estate,
  subject: Subject,
  { config, provider }: OpenProvider,
  { providerId, keyRef }: KeyringRow,
): Promise<readonly AnyEvidence[]> {
  if (!hasHsm(estate)) return [];
  const peer = isPeered(config) ? provider.peer : undefined;
  if (peer === undefined) {
    const question = { source: `provider ${providerId}`, locator: provider.locator, operation: NO_PEER };
    return [asker.record({ kind: 'key-peer', subject, ...question }, { items: [] })];
  }
  return [
    await asker.ask({
      kind: 'key-peer',
      subject,
      source: `peer of provider ${providerId}`,
      locator: peer.locator,
      operation: peer.operations.key,
      answer: () => peer.key(keyRef),
    }),
  ];
}

/** What is asked of a key besides its state, as far as its provider has it to tell. */
async function moreOfKey(
  { asker }: Collection,
  estate: Estate,
  subject: Subject,
  { providerId, keyRef }: KeyringRow,
): Promise<readonly AnyEvidence[]> {
  const provider = estate.providers.get(providerId)?.provider;
  const question = {
    subject,
    source: `provider ${providerId}`,
    locator: provider?.locator ?? 'not configured',
  };
  if (provider === undefined) {
    const unanswered = { items: [], blindSpot: notAsked(estate, providerId) };
    return [asker.record({ kind: 'key-settings', ...question, operation: 'none' }, unanswered)];
  }
  const { operations } = provider;
  const found: AnyEvidence[] = [];
  const { settings, rotation } = provider;
  if (settings !== undefined) {
    const answer = () => settings(keyRef);
    found.push(
      await asker.ask({ kind: 'key-settings', ...question, operation: operations.settings ?? operations.key, answer }),
    );
  }
  if (rotation !== undefined) {
    const answer = () => rotation(keyRef);
    found.push(
      await asker.ask({ kind: 'key-rotation', ...question, operation: operations.rotation ?? operations.key, answer }),
    );
  }
  return found;
}
