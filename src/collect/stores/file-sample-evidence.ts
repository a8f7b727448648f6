import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import type { Answer, Question } from '../ask.ts';
import type { LiveFile } from '../copied-files.ts';
import type { DrawnArtifacts } from '../drawn-artifacts.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { sampleFiles } from '../file-sample.ts';
import { hostProbe } from '../hosts/probe/host-probe.ts';
import { storedKeyStates } from '../keys/stored-keys.ts';
import { localFileProbe } from '../local-file-probe.ts';
import type { ArtifactRow } from '../organizations/dataset-contracts.ts';
import { plannedSample } from '../planned-sample.ts';
import type { LookedRow } from '../sampled-rows.ts';
import { copySampleEvidence, undrawnCopies } from '../second-copies/copy-sample-evidence.ts';
import type { TenantReading } from '../tenant-live-evidence.ts';
import { accessFor, clientFor, NO_ACCESS } from './bucket-clients.ts';
import type { FileProbe } from './file-probe.ts';
import { ELSEWHERE, NO_PATH } from './store-evidence.ts';

type Binding = Facts['storage-binding'];

export interface FileSampleContext {
  readonly organizationId: string;
  readonly bindings: readonly Binding[];
  /** One for each tenant database of the organization. */
  readonly readings: readonly TenantReading[];
}

/** What was found in the store, what the database lists, and how many of its rows are dated in the future. */
export interface LookedList {
  readonly files: readonly LiveFile[];
  readonly listed: readonly ArtifactRow[];
  readonly future: number;
}

/**
 * Files that the organization's databases list, looked for in the store that it uses and in the copies of it.
 *
 * @param onLooked is told of each list
 */
export async function fileSampleEvidence(
  collection: Collection,
  estate: Pick<Estate, 'fileCopies' | 'locations' | 'providers'>,
  part: PartBuilder,
  { organizationId, bindings, readings }: FileSampleContext,
  onLooked: (looked: LookedList) => void,
): Promise<void> {
  const active = bindings.filter((one) => one.state === 'active');
  for (const binding of active) {
    const subject: Subject = { kind: 'store', key: binding.bindingId, organizationId, name: binding.bindingId };
    const undrawn = whyNotDrawn(collection, active) ?? (readings.length === 0 ? NO_DATABASE : null);
    if (undrawn !== null) {
      part.evidence.push(
        unasked(collection, subject, 'tenant database', undrawn),
        undrawnCopies(collection, subject, undrawn),
      );
      continue;
    }
    const changedAt = bindings.some(({ state }) => state === 'inactive') ? binding.activatedAt : null;
    const whyNot = whyNotLooked(collection, active);
    // What only the install host can look for it may have looked for itself, by another draw.
    const isPlanned = whyNot === ELSEWHERE && collection.joined.bundles.length > 0;
    for (const reading of readings) {
      const { locator } = reading;
      const planned = isPlanned ? await plannedSample(collection, binding.path ?? '', reading) : null;
      const drawn = planned === null || 'reason' in planned ? reading.drawn : planned;
      const blind = planned === null ? whyNot : 'reason' in planned ? planned : null;
      if ('reason' in drawn) {
        part.evidence.push(
          unasked(collection, subject, locator, blind ?? drawn),
          undrawnCopies(collection, subject, drawn),
        );
        continue;
      }
      const { evidence, live } =
        blind === null
          ? await sampled(collection, estate, subject, binding, { drawn, locator, changedAt })
          : { evidence: unasked(collection, subject, locator, blind), live: [] };
      const copies = await copySampleEvidence(collection, estate, part, { subject, binding, drawn, locator, live });
      part.evidence.push(evidence, ...copies.evidence);
      const gone = new Set([...live, ...copies.looked].flatMap(({ row, is }) => (is === 'gone' ? [row] : [])));
      const listed = drawn.sample.rows.filter((row) => !gone.has(row));
      onLooked({ files: live.flatMap(asStated), listed, future: drawn.future ?? 0 });
    }
  }
}

/** Why no rows are drawn for an organization; null where they are to be looked for in its store or in copies of it. */
export function whyNotDrawn({ config }: Collection, active: readonly Binding[]): BlindSpot | null {
  const [binding, other] = active;
  if (binding === undefined) return NO_STORE;
  if (other !== undefined) return TWO_STORES;
  return config.collect.fileSample.rows === 0 ? NOT_ASKED_FOR : null;
}

/** Why nobody can look for files in the live store of an organization; null where it can be done. */
export function whyNotLooked(collection: Collection, active: readonly Binding[]): BlindSpot | null {
  const undrawn = whyNotDrawn(collection, active);
  const [binding] = active;
  if (undrawn !== null || binding === undefined) return undrawn ?? NO_STORE;
  if (binding.kind === 's3') return accessFor(collection, binding) === undefined ? NO_ACCESS : null;
  if (binding.kind !== 'bundled' && binding.kind !== 'local_filesystem_dedicated') return UNKNOWN_KIND;
  if (binding.path === null) return NO_PATH;
  return collection.config.install.collectorRunsHere ? null : ELSEWHERE;
}

interface Sampled {
  readonly drawn: DrawnArtifacts;
  readonly locator: string;
  readonly changedAt: string | null;
}

async function sampled(
  collection: Collection,
  estate: Pick<Estate, 'providers'>,
  subject: Subject,
  binding: Binding,
  { drawn, locator, changedAt }: Sampled,
): Promise<{ readonly evidence: AnyEvidence; readonly live: readonly LookedRow[] }> {
  const { checksums, names } = collection.config.collect.fileSample;
  const question: Omit<Question<'file-sample'>, 'answer'> = {
    kind: 'file-sample',
    subject,
    source: binding.kind === 's3' ? `bucket ${binding.bucket ?? ''}` : 'install host',
    operation: 'look for artifacts that were drawn',
    locator,
  };
  let live: readonly LookedRow[] = [];
  const record = await collection.asker.ask({
    ...question,
    answer: async (): Promise<Answer<'file-sample'>> => {
      const probe = drawn.lookedFor?.probe ?? (await probeOf(collection, binding));
      const digestKey = names ? null : collection.digestKey;
      const found = await sampleFiles(probe, { ...drawn, changedAt, checksums, digestKey }, collection.asker);
      live = found.rows;
      const keys = [...new Set(found.rows.flatMap(({ is, file }) => (is === 'found' ? (file?.key ?? []) : [])))].sort();
      const states = await storedKeyStates(estate, keys);
      if (states.length === 0) return found.answer;
      return { ...found.answer, items: found.answer.items.map((item) => ({ ...item, keys: [...states] })) };
    },
  });
  const collectedAt = drawn.lookedFor?.collectedAt ?? record.collectedAt;
  return { evidence: { ...record, collectedAt }, live };
}

/** A row whose file is there as the row states it. */
function asStated({
  row: { objectKey: key, bytes: recordedBytes, createdAt },
  is,
  file,
}: LookedRow): readonly LiveFile[] {
  if (is !== 'found' || file?.bytes == null) return [];
  const linked = file.linked === undefined ? {} : { linked: file.linked };
  const written = file.modifiedAt === undefined ? {} : { modifiedAt: file.modifiedAt };
  const onDisk = file.onDisk === undefined ? {} : { onDisk: file.onDisk };
  return [{ key, bytes: file.bytes, recordedBytes, createdAt, ...written, ...linked, ...onDisk }];
}

/** How the store of a binding is asked for single files, where {@link whyNotLooked} knows no reason. @throws SourceError */
async function probeOf(collection: Collection, binding: Binding): Promise<FileProbe> {
  const { config, signal } = collection;
  if (binding.kind !== 's3') return localFileProbe(binding.path ?? '', { probe: hostProbe, signal });
  const timeoutMillis = config.collect.requestTimeoutSeconds * 1000;
  const access = accessFor(collection, binding);
  if (access === undefined) throw new TypeError('the bucket is not configured');
  const client = await clientFor(collection, access);
  const { s3FileProbe } = await import('./s3-file-probe.ts');
  const { checksums } = config.collect.fileSample;
  const place = { bucket: access.bucket, prefix: binding.prefix ?? '' };
  return s3FileProbe(client, { ...place, checksums, locks: true, timeoutMillis, signal });
}

function unasked({ asker }: Collection, subject: Subject, locator: string, blindSpot: BlindSpot): AnyEvidence {
  return asker.record(
    {
      kind: 'file-sample',
      subject,
      source: 'tenant database',
      operation: 'look for artifacts that were drawn',
      locator,
    },
    { items: [], blindSpot },
  );
}

const NO_STORE: BlindSpot = {
  reason: 'not-asked',
  detail: 'no storage binding of the organization is active, so that there is no store to look in',
  remedy: 'See the finding on its storage bindings.',
};
const NOT_ASKED_FOR: BlindSpot = {
  reason: 'not-asked',
  detail: 'no artifact rows were to be drawn',
  remedy: 'Set collect.fileSample.rows in the configuration to 59.',
};
const TWO_STORES: BlindSpot = {
  reason: 'not-asked',
  detail: 'several storage bindings are active, so that it is not known in which store a file should be',
  remedy: 'Leave exactly one storage binding of the organization active.',
};
const NO_DATABASE: BlindSpot = {
  reason: 'not-asked',
  detail: 'no tenant database of the organization is known that could list its files',
  remedy: 'See the finding on its tenant database.',
};
const UNKNOWN_KIND: BlindSpot = {
  reason: 'unsupported',
  detail: 'storage of this kind cannot be asked by this version',
  remedy: 'Check by hand that the files are there; the README names the kinds that can be asked.',
};
