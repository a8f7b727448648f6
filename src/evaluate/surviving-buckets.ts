import type { JudgeContext, Judgement, Observation, Truth } from '../model/control.ts';
import { ownBindings } from './bucket-store.ts';
import { allOf } from './conclude.ts';
import { judged, regardless, toldBeside } from './define-control.ts';
import { survives } from './failure-domains.ts';
import { type MirrorFacts, mirrorsOf } from './mirrors.ts';
import {
  deletedTooSoon,
  forgetsTooSoon,
  forgettingText,
  type Replica,
  type ReplicationFacts,
  replicasOf,
} from './replication.ts';

/** What is told of the live bucket itself. */
interface OwnFacts {
  readonly bindings: readonly Observation<'storage-binding'>[];
  readonly states: readonly Observation<'store-state'>[];
  readonly versioning: readonly Observation<'store-versioning'>[];
}

/** A second copy in a bucket that outlives the loss, keeps versions of its own and has every file. */
export function judgeReplicas(observed: ReplicationFacts & OwnFacts, context: JudgeContext): Judgement {
  const prefixes = ownBindings(observed.bindings, context).map(({ value }) => value.prefix ?? '');
  const limit = context.limit('retentionDays');
  const found = replicasOf(observed, prefixes).map((replica) => {
    const outlives = survivalOf(replica, context);
    const soon = deletedTooSoon(replica, prefixes, limit);
    const kept = { truth: soon === null ? ('holds' as const) : ('unknown' as const), because: soon ?? '' };
    const truth = allOf([replica.truth, outlives.truth, kept.truth]);
    const reasons = [replica, outlives, kept].filter((reason) => reason.truth === truth).map(({ because }) => because);
    return { replica, truth, because: reasons.join('; ') };
  });
  const best =
    found.find(({ truth }) => truth === 'holds') ?? found.find(({ truth }) => truth === 'unknown') ?? found[0];
  if (best === undefined) {
    const none = judged('fails', 'no replication rule covers the files', observed.rules);
    const beside = { need: 'rules', because: 'whether replication rules cover the files is not known' };
    return toldBeside(regardless(none, 'replicas', 'samples'), beside);
  }
  const { rule, bucket, name } = best.replica;
  const cites = [...observed.states, ...observed.versioning, rule, ...(bucket === null ? [] : [bucket])];
  const forgets = forgettingText(bucket, prefixes, limit, false);
  const text = `the bucket lies outside the lost failure domain, keeps versions and is replicated to ${name}${forgets}`;
  return toldBeside(
    judged(best.truth, best.truth === 'holds' ? text : `replicated to ${name}: ${best.because}`, cites),
  );
}

/**
 * A second copy in a bucket that something else keeps like the store: with versions of its own, as what is deleted in the
 * store may be deleted there, too, and with the files drawn in it, as nothing but that shows what is kept there.
 */
export function judgeMirrors(observed: MirrorFacts & OwnFacts, context: JudgeContext): Judgement {
  const prefixes = ownBindings(observed.bindings, context).map(({ value }) => value.prefix ?? '');
  const limit = context.limit('retentionDays');
  const ways = mirrorsOf(observed, prefixes).map(({ bucket, name, isAsked, ...held }) => {
    const outlives = survivalOf({ bucket, name }, context);
    const soon = forgetsTooSoon(bucket, prefixes, limit);
    const because = `what is deleted in the store may be deleted in bucket ${name}, too, whose rules ${soon ?? ''}`;
    const kept = { truth: soon === null ? ('holds' as const) : ('unknown' as const), because };
    const reasons = isAsked ? [held, outlives, kept] : [held];
    const truth = allOf(reasons.map((reason) => reason.truth));
    const deciding = reasons.filter((reason) => reason.truth === truth).map((reason) => reason.because);
    const text = `the bucket lies outside the lost failure domain, keeps versions and is mirrored in ${name}: ${held.because}`;
    return { bucket, truth, because: truth === 'holds' ? text : `mirrored in ${name}: ${deciding.join('; ')}` };
  });
  const best = ways.find(({ truth }) => truth === 'holds') ?? ways.find(({ truth }) => truth === 'unknown') ?? ways[0];
  if (best === undefined) return regardless(judged('fails', 'no bucket is stated to mirror it'), 'copySamples');
  return toldBeside(judged(best.truth, best.because, [...observed.states, ...observed.versioning, best.bucket]));
}

function survivalOf(
  { bucket, name }: Pick<Replica, 'bucket' | 'name'>,
  context: JudgeContext,
): { truth: Truth; because: string } {
  if (bucket === null) return { truth: 'unknown', because: `where bucket ${name} stands is not told` };
  const { host, site, account, region } = bucket.value;
  const truth = survives([{ host, site, account, region, origin: 'observed' }], context.policy.loss);
  const because = {
    holds: 'it outlives the loss',
    fails: `bucket ${name} lies in the failure domain that is lost`,
    unknown: `where bucket ${name} stands is not known: name it under stores.s3 with its failureDomain`,
  }[truth];
  return { truth, because };
}
