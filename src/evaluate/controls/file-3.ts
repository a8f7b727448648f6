import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { SAMPLES } from '../bucket-store.ts';
import { isWithoutBytes, withBytesExpected } from '../copies-without-bytes.ts';
import { defineControl, judged, need, part, regardless, toldBeside } from '../define-control.ts';
import { judgeEmpty, REGISTERED } from '../empty-store.ts';
import { survives } from '../failure-domains.ts';
import {
  fileCopyText,
  heldText,
  type JudgedFileCopy,
  judgeFileCopies,
  keepingBest,
  mirrorText,
  passedOverText,
  whyNot,
} from '../files.ts';
import { pastFirstFileCopyGrace } from '../first-file-copy.ts';
import { lockText } from '../immutability.ts';
import { locksOfFiles } from '../locks-of-files.ts';
import { MIRRORS } from '../mirrors.ts';
import { REPLICATION } from '../replication.ts';
import { keysOfStore } from '../store-keys.ts';
import { BINDINGS, FILE_COPIES, OWN_DOMAINS, S3 } from '../store-needs.ts';
import { judgeMirrors, judgeReplicas } from '../surviving-buckets.ts';

const BUCKET_NEEDS = {
  states: need('store-state', 'self', 'either'),
  ownDomains: OWN_DOMAINS,
  versioning: need('store-versioning', 'self', 'either'),
  registered: REGISTERED,
  custody: need('custody', 'self', 'either', { leastGrade: 'declared' }),
  keyStates: need('key-state', 'self', 'either'),
} as const;
const LOCK_NEEDS = {
  ...BUCKET_NEEDS,
  locks: need('store-object-lock', 'self', 'either'),
  samples: SAMPLES,
} as const;
const SET_NEEDS = { ...FILE_COPIES, registered: REGISTERED } as const;
const REPLICA_NEEDS = { ...BUCKET_NEEDS, ...REPLICATION, bindings: BINDINGS } as const;
const MIRROR_NEEDS = { ...BUCKET_NEEDS, ...MIRRORS, bindings: BINDINGS } as const;

/** FILE-3: the files outlive the loss, and somebody deleting them. */
export const file3 = defineControl({
  id: 'FILE-3',
  title: 'The files survive loss and deletion',
  failureTitle: 'The files would not survive loss or deletion',
  severity: 'critical',
  bears: 'recovery',
  subject: 'store',
  rationale: 'A database without the files that it lists brings an organization back in name only.',
  remediation:
    'Bucket: aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled, and object lock for the whole retention (what lay there before is locked by an S3 Batch Operations job) or replication to a second bucket, or a mirror with versions that is named under stores.s3[].mirrors. Directory: add its path to a backup set that lies outside the lost failure domain; where the paths in that begin at another directory than /, state it (locations[].files.sourceRoot).',
  remediationUnknown:
    'Bucket: let the audit read its settings and, of the objects in it, s3:GetObjectRetention and s3:GetObjectLegalHold (recoverage permissions), look for files that the database lists (collect.fileSample.rows), and set the default retention to the whole retention. Directory: let the audit read the place of its backup sets, and state its failureDomain.',
  limits: ['retentionDays', 'firstCopyHours'],
  applies: pastFirstFileCopyGrace,
  combine: 'any',
  parts: [
    part({
      name: 'a versioned bucket with a lock',
      needs: LOCK_NEEDS,
      judge(observed: Observed<typeof LOCK_NEEDS>, context) {
        const obstacle = bucketObstacle(observed, context, ['versioning', 'locks', 'samples']);
        return unlessEmpty(obstacle ?? withKeys(judgeLock(observed, context), observed, context, 'fails'), observed);
      },
    }),
    part({
      name: 'a versioned bucket with a second copy',
      needs: REPLICA_NEEDS,
      judge(observed: Observed<typeof REPLICA_NEEDS>, context) {
        const obstacle = bucketObstacle(observed, context, ['versioning', 'rules', 'bindings', 'replicas', 'samples']);
        return unlessEmpty(
          obstacle ?? withKeys(judgeReplicas(observed, context), observed, context, 'unknown'),
          observed,
        );
      },
    }),
    part({
      name: 'a versioned bucket with a mirror',
      needs: MIRROR_NEEDS,
      judge(observed: Observed<typeof MIRROR_NEEDS>, context) {
        const obstacle = bucketObstacle(observed, context, ['versioning', 'mirrors', 'bindings', 'copySamples']);
        return unlessEmpty(
          obstacle ?? withKeys(judgeMirrors(observed, context), observed, context, 'unknown'),
          observed,
        );
      },
    }),
    part({
      name: 'inside a backup set',
      needs: SET_NEEDS,
      judge(observed: Observed<typeof SET_NEEDS>, context) {
        const copies = judgeFileCopies(observed.copies, observed.locationDomains, context.policy.loss, context.asOf);
        const withBytes = judgeSets(copies.filter((copy) => !isWithoutBytes(copy)));
        // What the database lists matters where a copy without a byte may be one of nothing.
        const isDecided = withBytes.truth === 'holds' || !copies.some(isWithoutBytes);
        return isDecided
          ? regardless(withBytes, 'registered')
          : judgeSets(withBytesExpected(copies, observed.registered), observed.registered);
      },
    }),
  ],
});

function judgeSets(copies: readonly JudgedFileCopy[], cites: readonly Observation[] = []): Judgement {
  const good = keepingBest(copies.filter((copy) => copy.counts === 'holds'));
  if (good !== undefined)
    return judged('holds', `${heldText(good)}${mirrorText(good)}${passedOverText(good, copies)}`, [
      good.observation,
      ...cites,
    ]);
  const open = copies.find((copy) => copy.counts === 'unknown');
  if (open !== undefined) {
    return judged('unknown', `${fileCopyText(open)}: ${whyNot(open)}`, [open.observation, ...cites]);
  }
  // What is said of one that holds the path tells more than what is said of one that never did.
  const newest = copies.find(({ observation }) => observation.value.present) ?? copies[0];
  if (newest === undefined) return judged('fails', 'no backup set holds the files', cites);
  const text = `${counted(copies.length, 'backup set')} looked at, none counts: ${fileCopyText(newest)}: ${whyNot(newest)}`;
  return toldBeside(judged('fails', text, [newest.observation, ...cites]));
}

/** A lock that ends before copies may be deleted keeps files for that time alone: FILE-5 says how long is asked for. */
function judgeLock(
  { states, versioning, locks, samples }: Observed<typeof LOCK_NEEDS>,
  context: JudgeContext,
): Judgement {
  const [lock] = locks;
  if (lock === undefined) return judged('unknown', 'the bucket does not tell whether it has an object lock');
  if (!lock.value.enabled) {
    return toldBeside(regardless(judged('fails', 'the bucket has no object lock', [lock]), 'samples'));
  }
  const { mode, days } = lock.value;
  if (mode === null || days === null) {
    const text =
      'the bucket can lock objects and has no default retention, so whether its objects are locked is not known';
    return judged('unknown', text, [lock]);
  }
  const limit = context.limit('retentionDays');
  const how = lockText('the bucket lies outside the lost failure domain, keeps versions, and', mode, days);
  const files = locksOfFiles(samples, days, limit);
  if (files.truth !== 'fails' && days < limit.value) {
    const text = `${how}; whoever has the credentials can delete every version after that: it is less than ${limit.text} (${limit.origin})`;
    return judged('unknown', text, [lock], limit);
  }
  const text = `${how} what is written since that was set; ${files.because}`;
  return toldBeside(judged(files.truth, text, [...states, ...versioning, lock, ...samples], limit));
}

/**
 * The same judgement of files that are encrypted with a key of a key service: a bucket keeps of them what nobody can read
 * once it is gone. Replicas have a key of their own, which nobody asks about, or are not made of such files at all (Amazon
 * S3 User Guide, "Replicating encrypted objects").
 *
 * @param withoutKey what it comes to where a key is not there
 */
function withKeys(
  judgement: Judgement,
  observed: Observed<typeof BUCKET_NEEDS>,
  { policy, asOf }: Pick<JudgeContext, 'policy' | 'asOf'>,
  withoutKey: 'fails' | 'unknown',
): Judgement {
  if (judgement.truth === 'fails') return regardless(judgement, 'custody', 'keyStates');
  const keys = keysOfStore(observed, policy.loss, asOf);
  const told = keys.isAsked ? judgement : regardless(judgement, 'keyStates');
  if (keys.truth === 'holds') return { ...told, cites: [...judgement.cites, ...keys.cites] };
  const truth = keys.truth === 'fails' ? withoutKey : 'unknown';
  const because = judgement.truth === 'unknown' ? `${keys.because}; ${judgement.because}` : keys.because;
  return { ...told, truth, because, cites: [...keys.cites, ...judgement.cites] };
}

/** What the database lists matters where the bucket holds nothing. */
function unlessEmpty(judgement: Judgement, { states }: Pick<Observed<typeof BUCKET_NEEDS>, 'states'>): Judgement {
  return states[0]?.value.empty === true ? judgement : regardless(judgement, 'registered');
}

/**
 * What keeps a store from protecting its own files, whatever lock or replica it has; null where nothing does. A live
 * store of unknown domain needs a copy as if it were lost.
 */
function bucketObstacle(
  observed: Observed<typeof BUCKET_NEEDS>,
  context: JudgeContext,
  needsOfPart: readonly string[],
): Judgement | null {
  const obstacle = obstacleIn(observed, context, needsOfPart);
  // That nobody asked for keys is no reason beside it: which they are, such a bucket did not tell.
  return obstacle?.truth === 'unknown' ? regardless(obstacle, 'custody', 'keyStates') : obstacle;
}

function obstacleIn(
  observed: Observed<typeof BUCKET_NEEDS>,
  context: JudgeContext,
  needsOfPart: readonly string[],
): Judgement | null {
  const otherNeeds = [...needsOfPart, 'registered', 'custody', 'keyStates'];
  const state = observed.states[0];
  if (state === undefined) return judged('unknown', 'the store gave no answer about itself');
  const cites: readonly Observation[] = [state];
  if (state.value.kind !== S3) {
    return regardless(judged('fails', 'a directory keeps no versions', cites), 'ownDomains', ...otherNeeds);
  }
  if (!state.value.exists)
    return toldBeside(regardless(judged('fails', 'the bucket is not there', cites), 'ownDomains', ...otherNeeds));
  const versioning = observed.versioning[0];
  if (versioning !== undefined && versioning.value.state !== 'enabled') {
    const text = `versioning of the bucket is ${versioning.value.state}`;
    const others = otherNeeds.filter((name) => name !== 'versioning');
    return toldBeside(regardless(judged('fails', text, [...cites, versioning]), 'ownDomains', ...others));
  }
  const domain = survives(
    observed.ownDomains.map(({ value }) => value),
    context.policy.loss,
  );
  if (domain === 'fails') {
    const lost = judged('fails', 'the bucket lies in the failure domain that is lost', cites);
    return toldBeside(regardless(lost, ...otherNeeds));
  }
  if (domain === 'unknown') {
    const text = 'where the bucket stands is not known: state its failure domain in the configuration';
    return toldBeside(regardless(judged('fails', text, cites), ...otherNeeds));
  }
  if (state.value.empty === true) {
    const empty = judgeEmpty(state, observed.registered);
    if (empty.truth !== 'holds') return empty;
  }
  if (versioning === undefined) return judged('unknown', 'the bucket does not tell whether it keeps versions', cites);
  return null;
}
