import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { isAmazon, mayBeSameService } from '../../model/s3-service.ts';
import type { Subject } from '../../model/subject.ts';
import { observedDomain, statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { fileCopyEvidence } from '../hosts/file-copies.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { MissingBucketError } from '../trees/s3-error.ts';
import { accessFor, clientFor, NO_ACCESS } from './bucket-clients.ts';
import { type BucketQuestion, protectionEvidence } from './bucket-protection.ts';
import { isBlind } from './bucket-questions.ts';
import { settingsEvidence } from './bucket-settings.ts';
import { mirrorEvidence } from './mirror-evidence.ts';
import { concerns } from './own-rules.ts';
import { replicationEvidence } from './replica-evidence.ts';
import { type ReplicationRuleReading, readS3Store, type S3StoreReading } from './s3-store.ts';
import { storeKeyEvidence } from './store-key-evidence.ts';
import { STORE_KINDS, unanswered } from './unanswered-store.ts';

type Binding = Facts['storage-binding'];
type BucketAccess = Config['stores']['s3'][number];

/** A bucket as a live store: whether it answers, what protects its objects, and copies of them. */
export async function bucketEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  subject: Subject,
  binding: Binding,
): Promise<void> {
  const bucket = binding.bucket ?? '';
  const prefix = binding.prefix ?? '';
  const access = accessFor(collection, binding);
  part.evidence.push(statedDomain(collection, subject, access?.failureDomain));
  if (access === undefined) {
    for (const kind of STORE_KINDS) part.evidence.push(unanswered(collection, subject, kind, NO_ACCESS));
    return;
  }
  part.evidence.push(...(await askBucket(collection, estate, { subject, binding, access })));
  const copies = estate.fileCopies.filter((one) => access.copies.includes(one.location.config.name));
  const path = `/${bucket}/${prefix}`;
  const copied = await fileCopyEvidence(collection, copies, subject, { path, digest: 'none', isBucket: true });
  part.evidence.push(...copied);
  if (copied.length > 0) return;
  const question = {
    kind: 'file-copy',
    subject,
    source: 'configuration',
    operation: 'stores.s3[].copies',
    locator: path,
  } as const;
  part.evidence.push(collection.asker.record(question, { items: [], blindSpot: noCopiesStated(bucket) }));
}

/** Copies of a bucket may lie anywhere, also in places that are asked for other things: which hold them is stated. */
function noCopiesStated(bucket: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `no location is stated to hold copies of bucket ${bucket.slice(0, 100)} (copies of its entry in stores.s3), so none was looked at`,
    remedy:
      'Name the locations that hold copies of its objects, with purpose files, as copies of its entry in stores.s3. Where there is no copy, replicate the bucket, or back it up.',
  };
}

interface LiveBucket {
  readonly subject: Subject;
  readonly binding: Binding;
  readonly access: BucketAccess;
}

async function askBucket(collection: Collection, estate: Estate, live: LiveBucket): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const { subject, access } = live;
  const { bucket } = access;
  const prefix = live.binding.prefix ?? '';
  const question = { subject, source: `bucket ${bucket}`, locator: `s3://${bucket}/${prefix}` };
  const open = (other: BucketAccess) => clientFor(collection, other);
  let client: S3ReadClient | null = null;
  try {
    client = await open(access);
    const reading = await readS3Store(client, bucket, prefix, { signal: collection.signal });
    const protection = protectionEvidence(collection, question, reading);
    return [
      asker.record(
        { kind: 'store-state', ...question, operation: 's3:HeadBucket, s3:ListObjectsV2' },
        stateAnswer(collection, reading),
      ),
      ...observedRegion(collection, live, question, reading.region),
      ...protection,
      ...(await keyEvidence(collection, estate, live, question.source, protection)),
      ...(await replicationEvidence(
        collection,
        estate,
        { client, access, open },
        question,
        ownRules(reading.replication, prefix),
      )),
      ...(await mirrorEvidence(collection, access, open, question)),
      ...(await settingsEvidence(collection, client, access, question, prefix)),
      ...clockEvidence(collection, question, client),
    ];
  } catch (error) {
    collection.signal.throwIfAborted();
    const blindSpot = asker.blindSpotOf(error, `bucket ${bucket}`);
    const isGone = error instanceof MissingBucketError && isCertainlyItsService(live);
    return [
      ...(isGone
        ? [
            asker.record(
              { kind: 'store-state', ...question, operation: 's3:ListObjectsV2' },
              { items: [{ kind: 's3', exists: false, detail: 'its service answered that it has no such bucket' }] },
            ),
          ]
        : []),
      ...STORE_KINDS.filter((kind) => !(isGone && kind === 'store-state')).map((kind) =>
        unanswered(collection, subject, kind, blindSpot),
      ),
      // Also a service that refuses to answer tells its time; above all one that refuses because clocks differ.
      ...clockEvidence(collection, question, client),
    ];
  }
}

/** A bucket that answers anything is there; what lies in it is told by its listing alone. */
function stateAnswer(
  collection: Collection,
  { empty }: Pick<S3StoreReading, 'empty'>,
): { readonly items: Facts['store-state'][]; readonly blindSpot?: BlindSpot } {
  if (isBlind(empty)) {
    const item = { kind: 's3', exists: true, detail: 'a bucket whose objects may not be listed' };
    return { items: [item], blindSpot: collection.asker.blindSpotOf(empty.blind, 'the bucket') };
  }
  const detail = empty ? 'a bucket without objects' : 'a bucket with objects';
  return { items: [{ kind: 's3', exists: true, detail, empty }] };
}

/** How far the clock of the service is ahead, where its answers tell a time. */
function clockEvidence(
  { asker }: Collection,
  question: BucketQuestion,
  client: S3ReadClient | null,
): readonly AnyEvidence[] {
  const offsetMillis = client?.lastClockOffsetMillis() ?? null;
  if (offsetMillis === null) return [];
  return [
    asker.record(
      { kind: 'clock', ...question, operation: 'Date header' },
      { items: [{ offsetMillis, uncertaintyMillis: 1000 }] },
    ),
  ];
}

async function keyEvidence(
  collection: Collection,
  estate: Estate,
  { subject, access }: LiveBucket,
  source: string,
  protection: readonly AnyEvidence[],
): Promise<readonly AnyEvidence[]> {
  const encryption = protection.find((record) => record.kind === 'store-encryption');
  return encryption === undefined
    ? []
    : await storeKeyEvidence(collection, estate, { access, subject, source, encryption });
}

function ownRules(rules: S3StoreReading['replication'], prefix: string): S3StoreReading['replication'] {
  return Array.isArray(rules) ? rules.filter((rule: ReplicationRuleReading) => concerns(rule.prefix, prefix)) : rules;
}

/** A binding that names no service might mean another one, at which the bucket is. */
function isCertainlyItsService({ binding, access }: LiveBucket): boolean {
  const configured = { endpoint: access.endpoint ?? null, region: access.region };
  return binding.endpoint === null ? isAmazon(configured) : mayBeSameService(binding, configured);
}

/** Where a bucket at Amazon stands, as Amazon itself answers; what another service calls its region proves nothing. */
function observedRegion(
  collection: Collection,
  { subject, access }: LiveBucket,
  { source, locator }: { readonly source: string; readonly locator: string },
  region: string | null,
): readonly AnyEvidence[] {
  if (region === null || !isAmazon({ endpoint: access.endpoint ?? null, region: access.region })) return [];
  const fact = { host: null, site: null, account: null, region, origin: 'observed' } as const;
  return [observedDomain(collection, subject, fact, source, locator)];
}
