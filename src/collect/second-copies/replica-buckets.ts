import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { HOUR, type Instant, toInstant, toMillis } from '../../model/instant.ts';
import { limitValue } from '../../model/policy.ts';
import { systemClock } from '../ask.ts';
import type { Collection, Estate, PartBuilder } from '../estate.ts';
import { accessFor, clientFor } from '../stores/bucket-clients.ts';
import { bucketIn, destinationOf, notConfigured } from '../stores/replica-evidence.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import type { DeclaredCopy, SecondCopy } from './second-copy.ts';
import { slashed } from './store-paths.ts';

type Binding = Facts['storage-binding'];
type Rule = Facts['store-replication'];

/**
 * Objects younger than this need not have been replicated. Most are within 15 minutes, while "sometimes replication can
 * take a couple of hours or more" (Amazon S3 User Guide, "Troubleshooting replication").
 */
const REPLICATION_LAG = 4 * HOUR;

/** Buckets that follow that of a store: those that its own rules copy it to, and those that are stated to mirror it. */
export async function bucketsFollowing(
  collection: Collection,
  estate: Pick<Estate, 'locations'>,
  part: Pick<PartBuilder, 'evidence'>,
  { organizationId, binding }: { readonly organizationId: string; readonly binding: Binding },
): Promise<readonly DeclaredCopy[]> {
  const access = accessFor(collection, binding);
  if (access === undefined) return [];
  const rules = part.evidence.flatMap((record) =>
    record.kind === 'store-replication' && record.subject.key === binding.bindingId ? record.items : [],
  );
  const prefix = slashed(binding.prefix ?? '');
  const copies: DeclaredCopy[] = [];
  for (const [destination, own] of byDestination(rules)) {
    const bucket = bucketIn(destination);
    copies.push(
      await asked(collection, bucket, async () => {
        const open = (other: typeof access) => clientFor(collection, other);
        const found = await destinationOf(
          collection,
          estate,
          { client: await open(access), access, open },
          destination,
        );
        if (found === null) return { location: bucket, blindSpot: notConfigured(bucket) };
        const copy = await following(collection, found.client, { bucket, prefix, method: 'replica' }, REPLICATION_LAG);
        return { ...copy, covers: (key) => isCovered(own, prefix, key) };
      }),
    );
  }
  for (const bucket of access.mirrors) {
    if (copies.some(({ location }) => location === bucket)) continue;
    copies.push(
      await asked(collection, bucket, async () => {
        const mirror = collection.config.stores.s3.find((one) => one.bucket === bucket && one !== access);
        if (mirror === undefined) return { location: bucket, blindSpot: notConfigured(bucket) };
        const client = await clientFor(collection, mirror);
        return following(
          collection,
          client,
          { bucket, prefix, method: 'mirror' },
          mirrorLag(collection, organizationId),
        );
      }),
    );
  }
  return copies;
}

/** Rules by which every object under their prefix is copied, by the bucket that they name. */
function byDestination(rules: readonly Rule[]): ReadonlyMap<string, readonly Rule[]> {
  const found = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (!rule.enabled || rule.byTag === true) continue;
    found.set(rule.destination, [...(found.get(rule.destination) ?? []), rule]);
  }
  return found;
}

function isCovered(rules: readonly Rule[], prefix: string, key: string): boolean {
  const names = prefix !== '' && key.startsWith(prefix) ? [key] : [prefix + key];
  return rules.some((rule) => names.some((name) => name.startsWith(rule.prefix)));
}

/** When a mirror was last written is not told: it must be as recent as any copy of files. */
function mirrorLag({ policy }: Collection, organizationId: string): number {
  return limitValue('filesRpoHours', policy, { kind: 'store', organizationId }) * HOUR;
}

async function following(
  { config, signal }: Collection,
  client: S3ReadClient,
  {
    bucket,
    prefix,
    method,
  }: { readonly bucket: string; readonly prefix: string; readonly method: 'replica' | 'mirror' },
  lagMillis: number,
): Promise<SecondCopy> {
  const { s3FileProbe } = await import('../stores/s3-file-probe.ts');
  const { checksums } = config.collect.fileSample;
  const timeoutMillis = config.collect.requestTimeoutSeconds * 1000;
  const probe = s3FileProbe(client, { bucket, prefix, checksums, timeoutMillis, signal });
  const moment: Instant = toInstant(toMillis(systemClock()) - lagMillis);
  return { location: bucket, copy: bucket, method, moment, probe };
}

async function asked(
  { asker, signal }: Collection,
  bucket: string,
  answer: () => Promise<DeclaredCopy>,
): Promise<DeclaredCopy> {
  try {
    return await answer();
  } catch (error) {
    signal.throwIfAborted();
    const blindSpot: BlindSpot = asker.blindSpotOf(error, `bucket ${bucket}`);
    return { location: bucket, blindSpot };
  }
}
