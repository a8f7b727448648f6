import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { counted } from '../../model/text.ts';
import { ownBindings } from '../bucket-store.ts';
import { allOf } from '../conclude.ts';
import { isWithoutBytes, withBytesExpected } from '../copies-without-bytes.ts';
import { defineControl, judged, part, regardless, toldBeside } from '../define-control.ts';
import { REGISTERED } from '../empty-store.ts';
import { apart, mergedDomain } from '../failure-domains.ts';
import { fileCopyText, type JudgedFileCopy, judgeFileCopies, keepingBest, mirrorText } from '../files.ts';
import { pastFirstFileCopyGrace } from '../first-file-copy.ts';
import { MIRRORS, mirrorsOf } from '../mirrors.ts';
import { forgettingText, REPLICATION, type Reason, type Replica, replicasOf } from '../replication.ts';
import { BINDINGS, FILE_COPIES, OWN_DOMAINS, S3 } from '../store-needs.ts';

const REPLICA_NEEDS = { bindings: BINDINGS, ...REPLICATION, ownDomains: OWN_DOMAINS } as const;
const MIRROR_NEEDS = { bindings: BINDINGS, ...MIRRORS, ownDomains: OWN_DOMAINS } as const;
/** How many files there should be tells whether a copy without a byte is one. */
const COPY_NEEDS = { ...FILE_COPIES, ownDomains: OWN_DOMAINS, registered: REGISTERED } as const;

type Domain = Facts['failure-domain'];

/**
 * FILE-10: every file exists a second time, in another failure domain than the live store: by replication that covers
 * what was there before it, into a bucket that keeps versions of its own, in such a bucket that is
 * stated to mirror it and holds the files that were drawn, or in a backup set.
 */
export const file10 = defineControl({
  id: 'FILE-10',
  title: 'A second copy of the files lies in another failure domain',
  failureTitle: 'No second copy of the files lies in another failure domain',
  severity: 'high',
  bears: 'protection',
  subject: 'store',
  rationale:
    'Whatever takes the one place takes every file in it: its region, its account, its administrator. A rule that copies new objects leaves out all that was there before it.',
  remediation:
    'Bucket: replicate it to a versioned bucket in another region or account (aws s3api put-bucket-replication), copy what was there before with an S3 Batch Replication job, and name that bucket under stores.s3 with its failureDomain. Or, as for a directory: keep backup sets of it in another failure domain, and name their place in the configuration: locations, purpose files, failureDomain.',
  limits: ['retentionDays', 'firstCopyHours'],
  applies: pastFirstFileCopyGrace,
  combine: 'any',
  parts: [
    part({ name: 'replicated elsewhere', needs: REPLICA_NEEDS, judge: judgeReplicas }),
    part({ name: 'mirrored elsewhere', needs: MIRROR_NEEDS, judge: judgeMirrors }),
    part({ name: 'in a backup set elsewhere', needs: COPY_NEEDS, judge: judgeSets }),
  ],
});

function judgeReplicas(observed: Observed<typeof REPLICA_NEEDS>, context: JudgeContext): Judgement {
  const own = ownBindings(observed.bindings, context);
  const [binding] = own;
  if (binding === undefined) return judged('unknown', 'no storage binding tells what kind of store it is');
  if (binding.value.kind !== S3) {
    const text = 'nothing replicates a directory';
    return regardless(judged('fails', text, [binding]), 'rules', 'replicas', 'samples', 'ownDomains');
  }
  const prefixes = own.map(({ value }) => value.prefix ?? '');
  const found = replicasOf(observed, prefixes).map((replica) => {
    const placed = placeOf(replica, observed.ownDomains);
    const truth = allOf([replica.truth, placed.truth]);
    const reasons = [replica, placed].filter((reason) => reason.truth === truth).map(({ because }) => because);
    const { rule, bucket } = replica;
    const areDeletionsCopied = rule.value.deleteMarkers !== false;
    const forgets =
      truth === 'holds' ? forgettingText(bucket, prefixes, context.limit('retentionDays'), areDeletionsCopied) : '';
    return { replica, truth, because: `${reasons.join('; ')}${forgets}` };
  });
  const best =
    found.find(({ truth }) => truth === 'holds') ?? found.find(({ truth }) => truth === 'unknown') ?? found[0];
  if (best === undefined) {
    const text =
      observed.rules.length === 0
        ? 'the bucket is not replicated'
        : `none of ${counted(observed.rules.length, 'replication rule')} is enabled and covers all files`;
    const none = regardless(judged('fails', text, observed.rules), 'replicas', 'samples', 'ownDomains');
    return toldBeside(none, { need: 'rules', because: 'whether the bucket is replicated is not known' });
  }
  const { rule, bucket } = best.replica;
  return toldBeside(judged(best.truth, best.because, bucket === null ? [rule] : [rule, bucket]));
}

/** A bucket that something else than the service keeps like the store is a second copy as far as drawn files are in it. */
function judgeMirrors(observed: Observed<typeof MIRROR_NEEDS>, context: JudgeContext): Judgement {
  const own = ownBindings(observed.bindings, context);
  const prefixes = own.map(({ value }) => value.prefix ?? '');
  const others = ['copySamples', 'ownDomains'];
  const [binding] = own;
  if (binding !== undefined && binding.value.kind !== S3) {
    return regardless(judged('fails', 'nothing replicates a directory', [binding]), 'mirrors', ...others);
  }
  const ways = mirrorsOf(observed, prefixes).map(({ bucket, name, isAsked, ...held }) => {
    if (!isAsked) return { bucket, truth: held.truth, because: held.because };
    const placed = placeOf({ bucket, name }, observed.ownDomains);
    const truth = allOf([held.truth, placed.truth]);
    const deciding = [held, placed].filter((reason) => reason.truth === truth).map(({ because }) => because);
    const forgets = truth === 'holds' ? forgettingText(bucket, prefixes, context.limit('retentionDays'), true) : '';
    return { bucket, truth, because: `${deciding.join('; ')}${forgets}` };
  });
  const best = ways.find(({ truth }) => truth === 'holds') ?? ways.find(({ truth }) => truth === 'unknown') ?? ways[0];
  if (best === undefined) return regardless(judged('fails', 'no bucket is stated to mirror it'), ...others);
  return toldBeside(judged(best.truth, best.because, [best.bucket]));
}

function placeOf(
  { bucket, name }: Pick<Replica, 'bucket' | 'name'>,
  ownDomains: readonly Observation<'failure-domain'>[],
): Reason {
  if (bucket === null) return { truth: 'unknown', because: `where bucket ${name} stands is not told` };
  const { host, site, account, region } = bucket.value;
  const there: Domain = { host, site, account, region, origin: 'observed' };
  return apartFrom([there], ownDomains, `bucket ${name}`);
}

/** Whether something stands in another failure domain than the live store. Of one region, the accounts must be known. */
function apartFrom(
  there: readonly Domain[],
  ownDomains: readonly Observation<'failure-domain'>[],
  what: string,
): Reason {
  const own = ownDomains.map(({ value }) => value);
  const truth = apart(own, there);
  if (truth === 'holds') return { truth, because: `${what} stands in another failure domain than the live store` };
  const [one, other] = [mergedDomain(own), mergedDomain(there)];
  const isHostKnown = one.host !== null && other.host !== null;
  const isAccountKnown = one.account !== null && other.account !== null;
  if (truth === 'fails' && (isHostKnown || isAccountKnown)) {
    return { truth, because: `${what} stands in the same failure domain as the live store` };
  }
  const because = `it is not known whether ${what} stands in another failure domain than the live store: state the failureDomain of both in the configuration`;
  return { truth: 'unknown', because };
}

function judgeSets(observed: Observed<typeof COPY_NEEDS>, context: JudgeContext): Judgement {
  const copies = judgeFileCopies(observed.copies, observed.locationDomains, context.policy.loss, context.asOf);
  const withBytes = judgeApart(
    copies.filter((copy) => !isWithoutBytes(copy)),
    observed,
  );
  const isDecided = withBytes.truth === 'holds' || !copies.some(isWithoutBytes);
  if (isDecided) return regardless(withBytes, 'registered');
  const judgement = judgeApart(withBytesExpected(copies, observed.registered), observed);
  return { ...judgement, cites: [...judgement.cites, ...observed.registered] };
}

function judgeApart(all: readonly JudgedFileCopy[], observed: Observed<typeof COPY_NEEDS>): Judgement {
  const sets = all
    .filter(({ complete, fromTheFuture }) => complete && !fromTheFuture)
    .map((copy) => {
      const { location } = copy.observation.value;
      const there = observed.locationDomains
        .filter(({ subject }) => subject.key === location)
        .map(({ value }) => value);
      const placed = apartFrom(there, observed.ownDomains, fileCopyText(copy));
      if (placed.truth === 'fails' || copy.contents !== 'unknown') return { copy, ...placed };
      return { copy, truth: 'unknown' as const, because: `${fileCopyText(copy)}: ${copy.completeBecause}` };
    });
  const good = sets.filter(({ truth }) => truth === 'holds');
  const kept = keepingBest(good.map(({ copy }) => copy));
  const found = good.find(({ copy }) => copy === kept);
  if (found !== undefined) {
    return judged('holds', `${found.because}${mirrorText(found.copy)}`, [found.copy.observation]);
  }
  const best = sets.find(({ truth }) => truth === 'unknown') ?? sets[0];
  if (best !== undefined) return toldBeside(judged(best.truth, best.because, [best.copy.observation]));
  const [newest] = all;
  const text =
    newest === undefined
      ? 'no backup set holds the files'
      : `no backup set holds the files: ${fileCopyText(newest)}: ${newest.fromTheFuture ? 'it is dated in the future' : newest.completeBecause}`;
  const none = regardless(judged('fails', text), 'locationDomains', 'ownDomains');
  return newest === undefined ? none : toldBeside(none);
}
