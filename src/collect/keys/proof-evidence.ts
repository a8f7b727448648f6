import { parseAzureKeyReference, sameAzureKey } from '../../model/azure-key-reference.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import { problemBlindSpot } from '../dataset-answers.ts';
import type { Collection, Estate, OpenProvider } from '../estate.ts';
import type { KeyringRow, KeyVersionRow, WrappedSampleRow } from '../organizations/dataset-contracts.ts';
import type { SampleReading } from '../organizations/wrapped-samples.ts';
import type { WrappedSample } from './key-provider.ts';
import type { ProofLedger } from './proof-ledger.ts';
import { notAsked } from './provider-evidence.ts';
import { questionDigest, sampleText } from './sample-text.ts';

type Proof = Facts['unwrap-proof'];

/** One database with samples, as it was read. */
export interface SampledDatabase {
  readonly reading: SampleReading | null;
  /** Why it could not be read at all. */
  readonly blindSpot: BlindSpot | null;
  /** Which key versions are in use there; null where that is not recorded. */
  readonly versions: readonly KeyVersionRow[] | null;
}

/**
 * Has the provider of a keyring unwrap one sample of each key version in use. Nothing where that was not asked for.
 */
export async function proofEvidence(
  collection: Collection,
  estate: Estate,
  keyring: Subject,
  row: KeyringRow,
  databases: readonly SampledDatabase[],
): Promise<readonly AnyEvidence[]> {
  if (!collection.policy.proveKeys) return [];
  const open = estate.providers.get(row.providerId);
  const question = {
    kind: 'unwrap-proof',
    subject: keyring,
    source: `provider ${row.providerId}`,
    operation: open?.provider.prove === undefined ? 'none' : 'unwrap a sample of each key version in use',
    locator: open?.provider.locator ?? 'not configured',
    grade: 'verified',
  } as const;
  const record = (items: readonly Proof[], blindSpot: BlindSpot | null) => [
    collection.asker.record(question, { items, blindSpot }),
  ];
  if (open === undefined) return record([], notAsked(estate, row.providerId));
  if (open.provider.prove === undefined) return record([], noProof(open));
  const { samples, blindSpot } = samplesOf(collection, open.config.kind, row.keyRef, databases);
  const items: Proof[] = [];
  let missed = blindSpot;
  for (const sample of samples) {
    try {
      const proof = await proven(estate.proofs, open, sample);
      const { version } = sample.row;
      if (proof === null) missed ??= BUDGET_USED;
      else items.push({ ...proof, version, ...(sample.name === null ? {} : { versionName: sample.name }) });
    } catch (error) {
      collection.signal.throwIfAborted();
      const spot = collection.asker.blindSpotOf(error, question.source);
      missed ??= spot;
      // What nobody asked of one sample says nothing about the next one: that of another version may be refused.
      if (spot.reason !== 'not-asked') break;
    }
  }
  return record(items, missed);
}

interface Sample {
  readonly row: WrappedSampleRow;
  readonly wrapped: WrappedSample;
  /** Of a provider whose versions have names: the one that the record states; null elsewhere, and where it states none. */
  readonly name: string | null;
}

/**
 * One sample of each version in use, whatever the order in which rows come, and why there may be others. Of several of
 * one version it is the same as long as they stay the same: what a plan took along is found again by the scan.
 */
export function samplesOf(
  collection: Pick<Collection, 'asker'>,
  kind: OpenProvider['config']['kind'],
  keyRef: string,
  databases: readonly SampledDatabase[],
): { readonly samples: readonly Sample[]; readonly blindSpot: BlindSpot | null } {
  const samples = new Map<string, Sample>();
  const hasNames = kind === 'azure-key-vault';
  let blindSpot: BlindSpot | null = databases.length === 0 ? NO_DATABASE : null;
  for (const { reading, versions, ...database } of databases) {
    blindSpot ??= database.blindSpot;
    if (reading === null) continue;
    const { samples: dataset, hasContext } = reading;
    if (dataset.status === 'absent') blindSpot ??= NO_SAMPLES;
    if (dataset.status === 'blind') blindSpot ??= collection.asker.blindSpotOf(dataset.error, 'wrapped samples');
    if (dataset.status !== 'read') continue;
    blindSpot ??= problemBlindSpot('wrapped_samples', dataset.problems);
    for (const row of dataset.rows) {
      const inUse = versions === null || versions.some((one) => isInUse(one, row));
      if (!inUse || !(row.keyRef === keyRef || (hasNames && sameAzureKey(row.keyRef, keyRef)))) continue;
      const name = hasNames ? (parseAzureKeyReference(row.keyRef)?.version ?? null) : null;
      const version = JSON.stringify([row.version, name]);
      const { wrappedSample: value, context, mechanism } = row;
      const wrapped = { value, context: hasContext ? context : undefined, mechanism };
      const known = samples.get(version);
      if (known !== undefined && sampleText(known.wrapped) <= sampleText(wrapped)) continue;
      samples.set(version, { row, wrapped, name });
    }
  }
  return { samples: [...samples.values()], blindSpot };
}

function isInUse(version: KeyVersionRow, sample: WrappedSampleRow): boolean {
  const isActive = version.state === null || version.state === 'active';
  return isActive && version.keyRef === sample.keyRef && version.version === sample.version;
}

/**
 * A key that two organizations use is tried with the sample of each: that of one says nothing about the other's.
 *
 * @returns null where nothing more may be asked
 */
async function proven(
  ledger: ProofLedger,
  { config, provider }: OpenProvider,
  { row, wrapped }: Sample,
): Promise<Proof | null> {
  if (provider.prove === undefined) return null;
  const question = questionDigest(config.id, row.keyRef, row.version, wrapped);
  const known = ledger.known.get(question);
  if (known !== undefined) return known;
  if (ledger.left <= 0) return null;
  ledger.left -= 1;
  const proof = provider.prove(row.keyRef, row.version, wrapped);
  ledger.known.set(question, proof);
  return proof;
}

const NO_SAMPLES: BlindSpot = {
  reason: 'not-asked',
  detail: 'the mapping names no wrapped samples of this database',
  remedy: 'State samples in the mapping: key_ref, version and wrapped_sample, one row for each key version.',
};
const NO_DATABASE: BlindSpot = {
  reason: 'not-asked',
  detail: 'there is no database to read a wrapped sample from',
  remedy: 'See the finding on its database.',
};
const BUDGET_USED: BlindSpot = {
  reason: 'not-asked',
  detail: 'its own sample was not unwrapped: as many were as collect.proofs allows for one run',
  remedy: 'Raise collect.proofs in the configuration.',
};

function noProof({ config }: OpenProvider): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `that a key of a provider of kind ${config.kind} unwraps cannot be proven by this version`,
    remedy:
      'Unwrap a data key by hand, or restore into a scratch database and sign in; the README names what is proven.',
  };
}
