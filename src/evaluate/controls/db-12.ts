import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import { copyText, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { type Immutability, immutabilityOf } from '../immutability.ts';
import { coveringPlans, planNeeds } from '../plan-needs.ts';
import { countsBecause, LIVE_NEEDS, restsOnLiveDatabase } from '../possible-copies.ts';
import { requiredRetention } from '../retention.ts';

/** Statement by which an operator declares that what lies in a place is kept offline or write-once. */
const OFFLINE = { leastGrade: 'declared', statements: ['offline-copy-kept'] } as const;

const NEEDS = {
  ...COPY_NEEDS,
  ...planNeeds('either'),
  locks: need('store-object-lock', 'all-locations', 'either'),
  versioning: need('store-versioning', 'all-locations', 'either'),
  offline: need('declaration', 'all-locations', 'more-helps', OFFLINE),
  ownOffline: need('declaration', 'self', 'more-helps', OFFLINE),
  installOffline: need('declaration', 'install', 'more-helps', OFFLINE),
} as const;
const PLACE_NEEDS = ['locks', 'versioning'] as const;

/**
 * DB-12: one copy that counts cannot be changed or deleted for as long as copies must be kept: locked by the service that
 * holds it, or in a place that is attested to be offline or write-once. A copy that is only declared proves nothing.
 */
export const db12 = defineControl({
  id: 'DB-12',
  title: 'A copy of the database is immutable',
  failureTitle: 'No copy of the database is immutable',
  severity: 'medium',
  bears: 'protection',
  subject: 'database',
  rationale:
    'Whoever breaks into the install looks for its backups first. A copy that nobody can delete, not even with the credentials of the backup job, is the one that is left.',
  remediation:
    'Put one copy into a bucket with versions and a default lock for the whole retention: aws s3api put-object-lock-configuration --bucket BUCKET --object-lock-configuration \'{"ObjectLockEnabled":"Enabled","Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Days":DAYS}}}\'. Or keep one offline or on write-once media and attest it for its location: offline-copy-kept.',
  limits: ['retentionDays'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'a copy is locked for the retention',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const limit = requiredRetention(coveringPlans(observed, context.subject), context);
        const all = judgeCopies(observed, context.asOf);
        const copies = all.filter(({ counts }) => counts !== 'fails');
        const judgedOnes = copies.map((copy) => ({
          copy,
          lock: immutabilityOf(copy, copies, observed, limit, context),
        }));
        const good = judgedOnes.find(({ copy, lock }) => copy.counts === 'holds' && lock.truth === 'holds');
        if (good !== undefined) {
          const { observation } = good.copy;
          const text = `${copyText(observation)}: ${good.lock.because}`;
          const cites = [observation, ...good.lock.cites];
          const judgement = regardless(judged('holds', text, cites, limit), ...PLACE_NEEDS);
          return restsOnLiveDatabase(observation) ? judgement : regardless(judgement, ...LIVE_NEEDS);
        }
        // A place without copies does not matter: where all others told, no other lock could.
        const isTold = judgedOnes.every(({ lock }) => lock.isTold);
        const told = (judgement: Judgement) => (isTold ? regardless(judgement, ...PLACE_NEEDS) : judgement);
        const open = judgedOnes.find(({ lock }) => lock.truth !== 'fails');
        if (open !== undefined) {
          const why = open.lock.truth === 'unknown' ? open.lock.because : countsBecause(open.copy);
          return told(judged('unknown', `${copyText(open.copy.observation)}: ${why}`, [open.copy.observation], limit));
        }
        const declared = observed.ownOffline[0] ?? observed.installOffline[0];
        if (declared !== undefined) {
          const text = `attestation ${declared.value.id} declares an offline copy that nobody saw; attest the location that it is seen in`;
          return told(judged('unknown', text, [declared], limit));
        }
        return told(
          nothingLocked(
            judgedOnes.map(({ copy, lock }) => [copyText(copy.observation), lock]),
            context,
            observed,
          ),
        );
      },
    }),
  ],
});

function nothingLocked(
  locks: readonly (readonly [string, Immutability])[],
  context: JudgeContext,
  observed: Observed<typeof NEEDS>,
): Judgement {
  const limit = requiredRetention(coveringPlans(observed, context.subject), context);
  const reasons = new Map(locks.toReversed().map(([name, { because }]) => [because, name]));
  if (reasons.size === 0) {
    const judgement = judged('fails', 'no copy that counts was found', [], limit);
    const isHopeless = observed.copies.length === 0;
    return isHopeless ? regardless(judgement, ...LIVE_NEEDS, 'offline') : regardless(judgement, 'offline');
  }
  const told = [...reasons].reverse().slice(0, 3);
  const text = told.map(([because, name]) => `${name}: ${because}`).join('; ');
  return judged(
    'fails',
    text,
    locks.flatMap(([, { cites }]) => cites),
    limit,
  );
}
