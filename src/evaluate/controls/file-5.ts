import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import type { Limit } from '../../model/policy.ts';
import type { Statement } from '../../model/statements.ts';
import { ownBindings, SAMPLES } from '../bucket-store.ts';
import { defineControl, judged, need, part, regardless, toldBeside } from '../define-control.ts';
import { fileCopyText, judgeFileCopies } from '../files.ts';
import { pastFirstFileCopyGrace } from '../first-file-copy.ts';
import { lockOfPlace, lockText } from '../immutability.ts';
import { locksOfFiles } from '../locks-of-files.ts';
import { BINDINGS, FILE_COPIES, S3 } from '../store-needs.ts';

/** Statement by which an operator declares that what lies in a place is kept offline or write-once. */
const STATEMENT: Statement = 'offline-copy-kept';
const OFFLINE = { leastGrade: 'declared', statements: [STATEMENT] } as const;

const LIVE_NEEDS = {
  bindings: BINDINGS,
  locks: need('store-object-lock', 'self', 'either'),
  versioning: need('store-versioning', 'self', 'either'),
  samples: SAMPLES,
} as const;
const COPY_NEEDS = {
  ...FILE_COPIES,
  locks: need('store-object-lock', 'all-locations', 'either'),
  versioning: need('store-versioning', 'all-locations', 'either'),
  offline: need('declaration', 'all-locations', 'more-helps', OFFLINE),
} as const;
const ATTESTED_NEEDS = {
  states: need('store-state', 'self', 'either'),
  attested: need('declaration', 'self', 'more-helps', OFFLINE),
} as const;

/**
 * FILE-5: the files, or a copy of them, cannot be changed or deleted for as long as copies must be kept: locked by the
 * live bucket, in a backup set that is locked where it lies, or on storage that is attested to be write-once.
 */
export const file5 = defineControl({
  id: 'FILE-5',
  title: 'The files are immutable',
  failureTitle: 'The files can be deleted for good',
  severity: 'medium',
  bears: 'protection',
  subject: 'store',
  rationale:
    'Whoever breaks into the install has the credentials with which it writes its files, and can delete every version of them. What is locked outlives that.',
  remediation:
    'Bucket: lock new objects for the whole retention: aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration \'{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Days":DAYS}}}\', and lock what lay there before with an S3 Batch Operations job. Directory: keep its backup sets in such a bucket, or offline, and attest offline-copy-kept for that location; attest it for store:BINDING where the live storage itself is write-once.',
  remediationUnknown:
    'Bucket: let the audit ask for the locks of single files: s3:GetObjectRetention and s3:GetObjectLegalHold on the objects (recoverage permissions), with collect.fileSample.rows above 0. Directory: let it ask the place of its backup sets, or attest offline-copy-kept.',
  limits: ['retentionDays', 'firstCopyHours'],
  applies: pastFirstFileCopyGrace,
  combine: 'any',
  parts: [
    part({ name: 'the live bucket locks', needs: LIVE_NEEDS, judge: judgeLive }),
    part({ name: 'a backup set is locked', needs: COPY_NEEDS, judge: judgeSets }),
    part({
      name: 'attested to be write-once',
      needs: ATTESTED_NEEDS,
      judge({ states, attested }: Observed<typeof ATTESTED_NEEDS>) {
        const [statement] = attested;
        if (statement === undefined) {
          return regardless(judged('fails', 'no attestation says that the store is write-once'), 'states');
        }
        const [state] = states;
        if (state === undefined) return judged('unknown', 'it is attested to be write-once, and nobody saw the store');
        if (!state.value.exists)
          return judged('fails', 'it is attested to be write-once, and it is not there', [state]);
        return judged('holds', `attestation ${statement.value.id} declares the store to be write-once`, [statement]);
      },
    }),
  ],
});

function judgeLive(observed: Observed<typeof LIVE_NEEDS>, context: JudgeContext): Judgement {
  const [binding] = ownBindings(observed.bindings, context);
  if (binding === undefined) return judged('unknown', 'no storage binding tells what kind of store it is');
  if (binding.value.kind !== S3) {
    const text = 'a directory locks nothing';
    return regardless(judged('fails', text, [binding]), 'locks', 'versioning', 'samples');
  }
  const [lock] = observed.locks;
  const [versioning] = observed.versioning;
  if (lock !== undefined && !lock.value.enabled) {
    return toldBeside(regardless(judged('fails', 'the bucket has no object lock', [lock]), 'versioning', 'samples'));
  }
  if (versioning !== undefined && versioning.value.state !== 'enabled') {
    const text = `versioning of the bucket is ${versioning.value.state}`;
    return toldBeside(regardless(judged('fails', text, [versioning]), 'locks', 'samples'));
  }
  if (lock === undefined || versioning === undefined) {
    return regardless(judged('unknown', 'the bucket does not tell whether it locks objects'), 'samples');
  }
  const limit = context.limit('retentionDays');
  const { mode, days } = lock.value;
  if (mode === null || days === null) return judgeEachLock(observed.samples, lock, limit);
  const how = lockText('the bucket', mode, days);
  if (days < limit.value) {
    const text = `${how}, which is less than ${limit.text} (${limit.origin})`;
    return toldBeside(regardless(judged('fails', text, [lock, versioning], limit), 'samples'));
  }
  const files = locksOfFiles(observed.samples, days, limit);
  const text = `${how} what is written since that was set; ${files.because}`;
  return toldBeside(judged(files.truth, text, [lock, versioning, ...observed.samples], limit));
}

/** Without a default, each object has been locked for itself, or not. */
function judgeEachLock(
  samples: Observed<typeof LIVE_NEEDS>['samples'],
  lock: Observation<'store-object-lock'>,
  limit: Limit,
): Judgement {
  const text = 'the bucket can lock objects and has no default retention';
  const files = locksOfFiles(samples, limit.value, limit);
  if (files.truth === 'fails') {
    return toldBeside(judged('fails', `${text}: ${files.because}`, [lock, ...samples], limit));
  }
  const [sample, other] = samples;
  const isEach = sample !== undefined && sample.value.found > 0 && sample.value.locked === sample.value.found;
  if (!isEach || other !== undefined || sample.value.missing > 0) {
    return judged('unknown', `${text}, so whether its objects are locked is not known`, [lock], limit);
  }
  const all = `the bucket has no default retention; ${files.because}`;
  return judged(files.truth, all, [lock, sample], limit);
}

function judgeSets(observed: Observed<typeof COPY_NEEDS>, context: JudgeContext): Judgement {
  const limit = context.limit('retentionDays');
  const sets = judgeFileCopies(observed.copies, observed.locationDomains, context.policy.loss, context.asOf)
    .filter(({ complete, fromTheFuture }) => complete && !fromTheFuture)
    .map((copy) => {
      const { location, moment } = copy.observation.value;
      const lock = lockOfPlace({ location, writtenAt: moment, born: moment }, observed, limit, context.asOf);
      if (lock.truth !== 'holds' || copy.contents !== 'unknown') return { copy, lock };
      // What is locked there may be anything.
      return { copy, lock: { ...lock, truth: 'unknown' as const, because: copy.completeBecause } };
    });
  const told = (judgement: Judgement) =>
    regardless(
      sets.every(({ lock }) => lock.isTold) ? regardless(judgement, 'locks', 'versioning') : judgement,
      'locationDomains',
    );
  const good = sets.find(({ lock }) => lock.truth === 'holds');
  if (good !== undefined) {
    const text = `${fileCopyText(good.copy)}: ${good.lock.because}`;
    const holds = judged('holds', text, [good.copy.observation, ...good.lock.cites], limit);
    return regardless(holds, 'locks', 'versioning', 'locationDomains');
  }
  const open = sets.find(({ lock }) => lock.truth === 'unknown');
  const shown = open ?? sets[0];
  if (shown === undefined) {
    return regardless(
      judged('fails', 'no backup set holds the files', [], limit),
      'locks',
      'versioning',
      'offline',
      'locationDomains',
    );
  }
  const text = `${fileCopyText(shown.copy)}: ${shown.lock.because}`;
  const truth = open === undefined ? 'fails' : 'unknown';
  return toldBeside(told(judged(truth, text, [shown.copy.observation, ...shown.lock.cites], limit)));
}
