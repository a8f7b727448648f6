import { dirname } from 'node:path';
import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Subject } from '../../model/subject.ts';
import type { Answer } from '../ask.ts';
import type { Collection, Estate, FileCopies, PartBuilder } from '../estate.ts';
import { fileCopyEvidence } from '../hosts/file-copies.ts';
import { hostProbe } from '../hosts/probe/host-probe.ts';
import { isAbsent } from '../trees/file-error.ts';
import { MissingBucketError } from '../trees/s3-error.ts';
import { accessFor, clientFor, NO_ACCESS } from './bucket-evidence.ts';
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
    part.evidence.push(
      await asker.ask({
        kind: 'former-store',
        subject,
        source: binding.kind === 's3' ? `bucket ${binding.bucket ?? ''}` : 'install host',
        operation: 'look at the old place',
        locator: binding.bindingId,
        answer: () => answerOf(collection, estate, binding, changedAt, subject),
      }),
    );
  }
}

async function answerOf(
  collection: Collection,
  estate: Estate,
  binding: Binding,
  changedAt: string | null,
  subject: Subject,
): Promise<Answer<'former-store'>> {
  const isBucket = binding.kind === 's3';
  const access = isBucket ? accessFor(collection, binding) : undefined;
  const path = isBucket ? `/${binding.bucket ?? ''}/${binding.prefix ?? ''}` : binding.path;
  if (isBucket && access === undefined) return { items: [], blindSpot: NO_ACCESS };
  if (path === null) return { items: [], blindSpot: NO_PATH };
  if (!isBucket && !collection.config.install.collectorRunsHere) return { items: [], blindSpot: ELSEWHERE };
  const where = isBucket
    ? estate.fileCopies.filter((one) => access?.copies.includes(one.location.config.name))
    : estate.fileCopies;
  const { copies, blindSpot } = await copiesOf(collection, where, subject, path);
  const state = isBucket ? await bucketState(collection, binding) : await directoryState(path, collection.signal);
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

/** @throws SourceError where the file system does not tell; that nothing is there is told where it is certain */
async function directoryState(path: string, signal: AbortSignal): Promise<State> {
  try {
    const { isDirectory, empty } = await hostProbe.ask({ ask: 'directory', path }, signal);
    if (!isDirectory) return { exists: false, empty: null, detail: 'a file stands in its place' };
    return { exists: true, empty, detail: empty ? 'an empty directory' : 'a directory that is not empty' };
  } catch (error) {
    if (!(error instanceof SourceError) || !isAbsent(error.cause)) throw error;
    await assertAboveIsFilled(path, signal);
    return { exists: false, empty: null, detail: error.message };
  }
}

/**
 * A share that is not mounted leaves an empty directory in its place, without what was below it. So that a path is not
 * there tells something only where the directory that it was in holds something else. @throws SourceError
 */
async function assertAboveIsFilled(path: string, signal: AbortSignal): Promise<void> {
  const above = dirname(path);
  const { empty } = await hostProbe.ask({ ask: 'directory', path: above }, signal);
  if (!empty) return;
  throw new SourceError(
    'unreachable',
    `${path} does not exist, and ${above} is empty: it may be unmounted`,
    `Check whether what belongs there is mounted: findmnt --target ${above}.`,
  );
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
