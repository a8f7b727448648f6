import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { byTime } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import { assertAboveIsFilled } from '../absent-directory.ts';
import type { Answer } from '../ask.ts';
import type { Collection, Estate, FileCopies, PartBuilder } from '../estate.ts';
import { fileCopyEvidence } from '../hosts/file-copies.ts';
import { hostProbe } from '../hosts/probe/host-probe.ts';
import type { JoinedStoreAnswer } from '../recorded/joined-hosts.ts';
import { isAbsent } from '../trees/file-error.ts';
import { MissingBucketError } from '../trees/s3-error.ts';
import { accessFor, clientFor, NO_ACCESS } from './bucket-clients.ts';
import { isBlind } from './bucket-questions.ts';
import { ELSEWHERE, NO_PATH } from './store-evidence.ts';

type Binding = Facts['storage-binding'];
type FormerStore = Facts['former-store'];

/** Copies of an old place that are told of: the newest ones. */
const NEWEST = 5;

/**
 * Where the files of an organization were before its binding changed: one answer for each binding that is not in use any
 * more, and one without any where there is none.
 */
export async function formerStoreEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  subject: Subject,
  bindings: readonly Binding[],
  blindSpot: BlindSpot | null,
): Promise<void> {
  const { asker } = collection;
  const old = bindings.filter(({ state }) => state === 'inactive');
  const [first, ...others] = bindings.flatMap(({ state, activatedAt }) => (state === 'active' ? [activatedAt] : []));
  const changedAt = others.length === 0 ? (first ?? null) : null;
  if (old.length === 0 || blindSpot !== null) {
    part.evidence.push(
      asker.record(
        {
          kind: 'former-store',
          subject,
          source: 'install database',
          operation: 'dataset storage_bindings',
          locator: 'install database',
        },
        { items: [], blindSpot },
      ),
    );
  }
  for (const binding of old) {
    const seen = seenElsewhere(collection, binding);
    const record = await asker.ask({
      kind: 'former-store',
      subject,
      source: binding.kind === 's3' ? `bucket ${binding.bucket ?? ''}` : 'install host',
      operation: 'look at the old place',
      locator: binding.bindingId,
      answer: () => answerOf(collection, estate, { binding, seen, changedAt }, subject),
    });
    part.evidence.push(seen === null ? record : { ...record, collectedAt: seen.collectedAt });
  }
}

interface OldPlace {
  readonly binding: Binding;
  /** What the bundle of the host that has it tells; null where this run looks, or nobody did. */
  readonly seen: JoinedStoreAnswer | null;
  readonly changedAt: string | null;
}

/** The last look that the install host itself had at an old directory, where this run cannot look. */
function seenElsewhere({ config, joined }: Collection, { kind, path }: Binding): JoinedStoreAnswer | null {
  if (kind === 's3' || path === null || config.install.collectorRunsHere) return null;
  return (
    joined
      .store(path)
      .toSorted((a, b) => byTime(a.collectedAt, b.collectedAt))
      .at(-1) ?? null
  );
}

async function answerOf(
  collection: Collection,
  estate: Estate,
  { binding, seen, changedAt }: OldPlace,
  subject: Subject,
): Promise<Answer<'former-store'>> {
  const isBucket = binding.kind === 's3';
  const access = isBucket ? accessFor(collection, binding) : undefined;
  const path = isBucket ? `/${binding.bucket ?? ''}/${binding.prefix ?? ''}` : binding.path;
  if (isBucket && access === undefined) return { items: [], blindSpot: NO_ACCESS };
  if (path === null) return { items: [], blindSpot: NO_PATH };
  if (seen !== null && seen.value === null && !seen.isAbsent) return { items: [], blindSpot: seen.blindSpot };
  if (!isBucket && seen === null && !collection.config.install.collectorRunsHere) {
    return { items: [], blindSpot: ELSEWHERE };
  }
  const where = isBucket
    ? estate.fileCopies.filter((one) => access?.copies.includes(one.location.config.name))
    : estate.fileCopies;
  const { copies, blindSpot } = await copiesOf(collection, where, subject, path);
  const state = isBucket
    ? await bucketState(collection, binding)
    : seen === null
      ? await directoryState(path, collection.signal)
      : stateSeen(seen);
  const domain = isBucket ? access?.failureDomain : { host: collection.config.install.host };
  const place = {
    host: domain?.host ?? null,
    site: access?.failureDomain?.site ?? null,
    account: access?.failureDomain?.account ?? null,
    region: access?.failureDomain?.region ?? null,
  };
  return {
    items: [{ bindingId: binding.bindingId, kind: binding.kind, changedAt, ...state, ...place, copies }],
    blindSpot,
  };
}

type State = Pick<FormerStore, 'exists' | 'empty' | 'detail'>;

async function bucketState(collection: Collection, binding: Binding): Promise<State> {
  const access = accessFor(collection, binding);
  if (access === undefined) throw new TypeError('the bucket was found before');
  const client = await clientFor(collection, access);
  const { readS3Store } = await import('./s3-store.ts');
  try {
    const { empty } = await readS3Store(client, access.bucket, binding.prefix ?? '', { signal: collection.signal });
    if (isBlind(empty)) throw empty.blind;
    return { exists: true, empty, detail: empty ? 'a bucket without objects' : 'a bucket with objects' };
  } catch (error) {
    if (!(error instanceof MissingBucketError)) throw error;
    return { exists: false, empty: null, detail: 'its service answered that it has no such bucket' };
  }
}

function stateSeen({ value, blindSpot }: JoinedStoreAnswer): State {
  if (value === null) return { exists: false, empty: null, detail: blindSpot?.detail ?? 'nothing is there' };
  return directoryOf(value);
}

function directoryOf({ isDirectory, empty }: { readonly isDirectory: boolean; readonly empty: boolean }): State {
  if (!isDirectory) return { exists: false, empty: null, detail: 'a file stands in its place' };
  return { exists: true, empty, detail: empty ? 'an empty directory' : 'a directory that is not empty' };
}

/** @throws SourceError where the file system does not tell; that nothing is there is told where it is certain */
async function directoryState(path: string, signal: AbortSignal): Promise<State> {
  try {
    return directoryOf(await hostProbe.ask({ ask: 'directory', path }, signal));
  } catch (error) {
    if (!(error instanceof SourceError) || !isAbsent(error.cause)) throw error;
    await assertAboveIsFilled(hostProbe, path, signal);
    return { exists: false, empty: null, detail: error.message };
  }
}

async function copiesOf(
  collection: Collection,
  where: readonly FileCopies[],
  subject: Subject,
  path: string,
): Promise<{ readonly copies: FormerStore['copies']; readonly blindSpot: BlindSpot | null }> {
  const records = await fileCopyEvidence(collection, where, subject, { path, digest: 'none' });
  const found = records.flatMap((record) => (record.kind === 'file-copy' ? record.items : []));
  const copies = found
    .sort((a, b) => b.moment.localeCompare(a.moment))
    .slice(0, NEWEST)
    .map(({ location, copy, moment, complete, present, because }) => ({
      location,
      copy,
      moment,
      complete,
      present,
      because,
    }));
  return { copies, blindSpot: records.find((record) => record.blindSpot !== null)?.blindSpot ?? null };
}
