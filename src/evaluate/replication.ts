import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Limit } from '../model/policy.ts';
import { counted } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { need } from './define-control.ts';
import { effectOnLive, withSlash } from './lifecycle.ts';

/** What tells whether the service itself copies a bucket's objects to another one that keeps them. */
export const REPLICATION = {
  rules: need('store-replication', 'self', 'more-helps'),
  replicas: need('store-replica', 'self', 'either'),
  samples: need('file-sample', 'self', 'either'),
} as const;

export interface ReplicationFacts {
  readonly rules: readonly Observation<'store-replication'>[];
  readonly replicas: readonly Observation<'store-replica'>[];
  readonly samples: readonly Observation<'file-sample'>[];
}

/** A rule that covers the store's files, and what its copies come to. */
export interface Replica {
  readonly rule: Observation<'store-replication'>;
  readonly bucket: Observation<'store-replica'> | null;
  /** Name of the bucket it copies to. */
  readonly name: string;
  /** Whether it is a second copy of every file, wherever it stands. */
  readonly truth: Truth;
  readonly because: string;
}

/**
 * Every enabled rule that covers all files of the store. A rule copies what is written after it was made; older objects
 * are copied where it says so, or where a job did it, which the objects themselves tell. The bucket that it copies to
 * must keep versions of its own, as deletions and overwritings are copied, too, and must not delete by its own rules.
 * Source: Amazon S3 User Guide, "What does Amazon S3 replicate?", "Requirements and considerations for replication".
 */
export function replicasOf(facts: ReplicationFacts, prefixes: readonly string[]): readonly Replica[] {
  return facts.rules
    .filter(({ value }) => value.enabled && value.byTag !== true)
    .filter(({ value }) => value.prefix === '' || isAbout(value.prefix, prefixes))
    .map((rule) => judgeRule(rule, facts, prefixes));
}

function isAbout(prefix: string, prefixes: readonly string[]): boolean {
  return prefixes.length > 0 && prefixes.every((own) => withSlash(own).startsWith(prefix));
}

function judgeRule(
  rule: Observation<'store-replication'>,
  facts: ReplicationFacts,
  prefixes: readonly string[],
): Replica {
  const name = rule.value.destination.split(':').at(-1) ?? rule.value.destination;
  const bucket = facts.replicas.find(({ value }) => value.destination === rule.value.destination) ?? null;
  const parts = [keptBy(bucket, name, prefixes), ofOldFiles(rule, facts.samples), seenIn(bucket, name, facts.samples)];
  const truth = allOf(parts.map((part) => part.truth));
  const deciding = parts.filter((part) => part.truth === truth);
  return { rule, bucket, name, truth, because: deciding.map(({ because }) => because).join('; ') };
}

export interface Reason {
  readonly truth: Truth;
  readonly because: string;
}

/** Whether a bucket that objects are copied to is there, and keeps what it got whatever happens to the first one. */
export function keptBy(bucket: Observation<'store-replica'> | null, name: string, prefixes: readonly string[]): Reason {
  if (bucket === null) return { truth: 'unknown', because: `whether bucket ${name} is there is not told` };
  const { exists, versioning, lifecycle } = bucket.value;
  if (!exists) return { truth: 'fails', because: `bucket ${name}, to which objects are copied, is not there` };
  if (versioning === null) {
    return { truth: 'unknown', because: `bucket ${name} does not tell whether it keeps versions of its own` };
  }
  if (versioning !== 'enabled') {
    return { truth: 'fails', because: `bucket ${name} keeps no versions of its own (versioning is ${versioning})` };
  }
  if (lifecycle === undefined || lifecycle === null) {
    return { truth: 'unknown', because: `whether lifecycle rules of bucket ${name} delete what is copied is not told` };
  }
  const deleting = deletedBy(lifecycle, prefixes);
  if (deleting !== null) return { ...deleting, because: `in bucket ${name} ${deleting.because}` };
  return { truth: 'holds', because: `bucket ${name} is there and keeps versions of its own` };
}

/**
 * What rules of the bucket itself do to the copies; null where they delete none. A rule that deletes current objects of a
 * bucket with versions leaves each as an old version: gone is what a rule for old versions deletes as well, unless that
 * keeps some. Source: Amazon S3 User Guide, "Lifecycle configuration elements", "Expiration".
 */
function deletedBy(rules: readonly Facts['store-lifecycle'][], prefixes: readonly string[]): Reason | null {
  const stores = prefixes.length === 0 ? [''] : prefixes;
  const effects = stores.flatMap((prefix) =>
    rules.flatMap((rule) => {
      const effect = effectOnLive(rule, prefix, () => null);
      return effect === null ? [] : [{ ...effect, prefix }];
    }),
  );
  const whole = effects.find(({ truth }) => truth === 'fails');
  if (whole !== undefined) {
    const isGone = rules.some(
      (rule) =>
        rule.enabled &&
        rule.noncurrentDays !== null &&
        (rule.noncurrentKept ?? 0) === 0 &&
        !rule.byTag &&
        rule.largerThan === null &&
        rule.smallerThan === null &&
        withSlash(whole.prefix).startsWith(rule.prefix),
    );
    if (isGone) return { truth: 'fails', because: `${whole.because}, and old versions are deleted, too` };
    return { truth: 'unknown', because: `${whole.because}: then it is at best among the old versions` };
  }
  const [partly] = effects;
  return partly === undefined ? null : { truth: 'unknown', because: partly.because };
}

/**
 * Why a replica does not keep deleted files for as long as copies must be kept; null where it does. A rule that copies
 * delete markers leaves what is deleted among the old versions of the replica, until a rule of that bucket deletes those.
 * Source: Amazon S3 User Guide, "Replicating delete markers between buckets".
 */
export function deletedTooSoon(
  { rule, bucket, name }: Replica,
  prefixes: readonly string[],
  retention: Limit,
): string | null {
  if (rule.value.deleteMarkers === false) return null;
  const soon = forgetsTooSoon(bucket, prefixes, retention);
  return soon === null ? null : `deletions are copied to bucket ${name}, too, whose rules ${soon}`;
}

/** What rules of a bucket do to old versions before copies may be deleted; null where they keep them for as long. */
export function forgetsTooSoon(
  bucket: Observation<'store-replica'> | null,
  prefixes: readonly string[],
  retention: Limit,
): string | null {
  const stores = (prefixes.length === 0 ? [''] : prefixes).map(withSlash);
  const isAboutFiles = (prefix: string) => stores.some((store) => store.startsWith(prefix) || prefix.startsWith(store));
  const days = (bucket?.value.lifecycle ?? [])
    .filter((one) => one.enabled && (one.noncurrentKept ?? 0) === 0 && isAboutFiles(one.prefix))
    .flatMap(({ noncurrentDays }) => noncurrentDays ?? []);
  const first = Math.min(...days);
  if (first >= retention.value) return null;
  return `delete old versions after ${counted(first, 'day')}, which is less than ${retention.text} (${retention.origin})`;
}

/**
 * Beside a second copy that counts: what is changed in the store after it was copied is changed there as well, and how
 * long what was before can be had from there. Empty where that is as long as copies must be kept.
 *
 * @param areDeletionsCopied whether what is deleted in the store may be deleted there, too
 */
export function forgettingText(
  bucket: Observation<'store-replica'> | null,
  prefixes: readonly string[],
  retention: Limit,
  areDeletionsCopied: boolean,
): string {
  const soon = forgetsTooSoon(bucket, prefixes, retention);
  if (soon === null) return '';
  return `; its rules ${soon}: what is overwritten${areDeletionsCopied ? ' or deleted' : ''} in the store cannot be had from there after that`;
}

/**
 * What looking into the bucket showed. What the service says of an object that it copied is of then: nobody tells the store
 * of what is deleted in the other bucket. What the store lacks as well tells nothing of the copying.
 */
function seenIn(
  bucket: Observation<'store-replica'> | null,
  name: string,
  samples: ReplicationFacts['samples'],
): Reason {
  const lost = bucket?.value.lost;
  if (lost === undefined) return { truth: 'holds', because: `no file drawn is known to be missing in bucket ${name}` };
  const { expected, missing, differs } = lost;
  const lacks = [
    ...(missing === 0 ? [] : [`${missing} ${missing === 1 ? 'is' : 'are'} not there`]),
    ...(differs === 0 ? [] : [`${differs} ${differs === 1 ? 'is' : 'are'} of another size or checksum than listed`]),
  ];
  const because = `in bucket ${name}, of ${counted(expected, 'file')} drawn that must be there, ${lacks.join(', ')}`;
  const inStore = samples.reduce(
    (sum, { value }) => sum + value.missing + value.sizeDiffers + value.checksumDiffers,
    0,
  );
  if (missing + differs > inStore) return { truth: 'fails', because };
  return { truth: 'unknown', because: `${because}, and no fewer in the store itself` };
}

/**
 * Whether the rule copied what was there before it. What the service says of the files drawn goes before what the rule
 * says; one of which it says neither is not yet copied, or was never asked about.
 */
function ofOldFiles({ value }: Observation<'store-replication'>, samples: ReplicationFacts['samples']): Reason {
  const uncopied = samples.find((one) => (one.value.notCopied ?? 0) > 0);
  if (uncopied !== undefined) {
    const { notCopied = 0, found } = uncopied.value;
    const why =
      value.existingObjects === true
        ? 'the rule covers files from before it, too, and does not copy all'
        : 'replication rules do not copy objects that are older than the rule';
    return { truth: 'fails', because: `${why}: ${notCopied} of ${counted(found, 'file')} drawn were not copied` };
  }
  const lossy = samples.find(({ value: { missing } }) => missing > 0);
  if (lossy !== undefined) {
    const { missing, drawn } = lossy.value;
    const because = `${missing} of ${counted(drawn, 'file')} drawn ${missing === 1 ? 'is' : 'are'} not there, and nothing tells whether ${missing === 1 ? 'it was' : 'they were'} copied`;
    return { truth: 'unknown', because };
  }
  if (value.existingObjects === true) return { truth: 'holds', because: 'the rule covers files from before it, too' };
  const asked = samples.filter((one) => one.value.found > 0);
  const untold = asked.find((one) => (one.value.copied ?? 0) < one.value.found);
  const [copied] = asked;
  const older = 'replication rules do not copy objects that are older than the rule, and';
  if (copied === undefined || (untold !== undefined && (untold.value.copied ?? 0) === 0)) {
    return { truth: 'unknown', because: `${older} nothing tells whether those were copied otherwise` };
  }
  if (untold !== undefined) {
    const { copied: told = 0, found } = untold.value;
    const because = `${older} only of ${told} of ${counted(found, 'file')} drawn the service says that it was copied`;
    return { truth: 'unknown', because };
  }
  const all = `all of ${counted(copied.value.found, 'file')} drawn were copied, whenever they were written`;
  return { truth: 'holds', because: all };
}
