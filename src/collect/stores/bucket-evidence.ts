import type { Config } from '../../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { mayBeSameService } from '../../model/s3-service.ts';
import type { Subject } from '../../model/subject.ts';
import { statedDomain } from '../domains.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { fileCopyEvidence } from '../hosts/file-copies.ts';
import { openS3Client } from '../open-s3-client.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { blindAnswer, isBlind, protectionEvidence } from './bucket-protection.ts';
import { readS3Store } from './s3-store.ts';
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
  const access = collection.config.stores.s3.find(
    (one) => one.bucket === bucket && mayBeSameService(binding, { endpoint: one.endpoint ?? null, region: one.region }),
  );
  part.evidence.push(statedDomain(collection, subject, access?.failureDomain));
  if (access === undefined) {
    const blindSpot: BlindSpot = {
      reason: 'not-asked',
      detail: 'no credentials for its bucket are configured',
      remedy: 'Add the bucket to stores.s3 in the configuration.',
    };
    for (const kind of STORE_KINDS) part.evidence.push(unanswered(collection, subject, kind, blindSpot));
    return;
  }
  part.evidence.push(...(await askBucket(collection, subject, access, bucket, prefix)));
  const copies = estate.fileCopies.filter((one) => access.copies.includes(one.location.config.name));
  part.evidence.push(
    ...(await fileCopyEvidence(collection, copies, subject, { path: `/${bucket}/${prefix}`, digest: 'none' })),
  );
}

async function askBucket(
  collection: Collection,
  subject: Subject,
  access: BucketAccess,
  bucket: string,
  prefix: string,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const question = { subject, source: `bucket ${bucket}`, locator: `s3://${bucket}/${prefix}` };
  try {
    const client = await clientFor(collection, access);
    const reading = await readS3Store(client, bucket, prefix, { signal: collection.signal });
    const { replication } = reading;
    return [
      asker.record(
        { kind: 'store-state', ...question, operation: 's3:HeadBucket, s3:ListObjectsV2' },
        {
          items: [
            { kind: 's3', exists: true, detail: reading.empty ? 'a bucket without objects' : 'a bucket with objects' },
          ],
        },
      ),
      ...protectionEvidence(collection, question, reading),
      asker.record(
        { kind: 'store-replication', ...question, operation: 's3:GetBucketReplication' },
        isBlind(replication)
          ? blindAnswer(collection, replication)
          : {
              items:
                replication === 'none'
                  ? []
                  : replication.map((rule) => ({
                      ruleId: rule.id,
                      enabled: rule.enabled && !rule.byTag,
                      prefix: rule.prefix,
                      destination: rule.destinationBucket,
                    })),
            },
      ),
    ];
  } catch (error) {
    collection.signal.throwIfAborted();
    const blindSpot = asker.blindSpotOf(error, `bucket ${bucket}`);
    return STORE_KINDS.map((kind) => unanswered(collection, subject, kind, blindSpot));
  }
}

const clients = new WeakMap<BucketAccess, Promise<S3ReadClient>>();

/** One client for each configured entry: organizations share buckets. */
function clientFor(collection: Collection, access: BucketAccess): Promise<S3ReadClient> {
  const known = clients.get(access);
  if (known !== undefined) return known;
  const opened = openS3Client(collection, access, `stores.s3 ${access.bucket}`);
  clients.set(access, opened);
  return opened;
}
