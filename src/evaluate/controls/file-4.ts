import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { HOUR, toMillis } from '../../model/instant.ts';
import { agedText } from '../../model/text.ts';
import { isWithoutBytes, withBytesExpected } from '../copies-without-bytes.ts';
import { defineControl, judged, need, part, regardless, toldBeside } from '../define-control.ts';
import { REGISTERED } from '../empty-store.ts';
import { survives } from '../failure-domains.ts';
import { fileCopyText, heldText, type JudgedFileCopy, judgeFileCopies, passedOverText, whyNot } from '../files.ts';
import { judgeNoLongerNew } from '../first-file-copy.ts';
import { judgeSignsOfAge, SIGNS_OF_AGE } from '../signs-of-age.ts';
import { FILE_COPIES, OWN_DOMAINS } from '../store-needs.ts';

const NEW_NEEDS = {
  ownDomains: OWN_DOMAINS,
  organizations: need('organization', 'organization', 'either'),
} as const;
const AGE_NEEDS = { ownDomains: OWN_DOMAINS, ...SIGNS_OF_AGE } as const;
/** How many files there should be tells whether a copy without a byte is one. */
const NEEDS = { ...FILE_COPIES, registered: REGISTERED } as const;
const COPY_NEEDS = { ownDomains: OWN_DOMAINS, copies: need('file-copy', 'self', 'more-helps') } as const;

/** FILE-4: the newest copy of the files is recent. */
export const file4 = defineControl({
  id: 'FILE-4',
  title: 'The files were copied recently',
  failureTitle: 'The files were not copied recently',
  severity: 'high',
  bears: 'recovery',
  subject: 'store',
  rationale: 'Whatever was uploaded after the last copy is gone with the store.',
  remediation: 'Run the file backup now, then find out why the scheduled one did not run, failed or left the path out.',
  limits: ['filesRpoHours', 'firstCopyHours'],
  applies: [
    part({
      name: 'no longer new',
      needs: NEW_NEEDS,
      judge({ ownDomains, organizations }: Observed<typeof NEW_NEEDS>, context) {
        const surviving = ofSurvivor(ownDomains, context);
        if (surviving !== null) return regardless(surviving, 'organizations');
        const judgement = judgeNoLongerNew(organizations, context);
        return judgement.truth === 'fails' ? regardless(judgement, 'ownDomains') : judgement;
      },
    }),
    part({
      name: 'older than its row says',
      needs: AGE_NEEDS,
      judge(observed: Observed<typeof AGE_NEEDS>, context) {
        const surviving = ofSurvivor(observed.ownDomains, context);
        if (surviving !== null) return regardless(surviving, ...Object.keys(SIGNS_OF_AGE));
        const judgement = judgeSignsOfAge(observed, context);
        return judgement.truth === 'fails' ? regardless(judgement, 'ownDomains') : judgement;
      },
    }),
    part({
      name: 'a copy lies there',
      needs: COPY_NEEDS,
      judge({ ownDomains, copies }: Observed<typeof COPY_NEEDS>, context) {
        const surviving = ofSurvivor(ownDomains, context);
        if (surviving !== null) return regardless(surviving, 'copies');
        const copy = copies.find(({ value }) => value.complete && value.present);
        if (copy === undefined) return regardless(judged('fails', 'no copy lies there yet'), 'ownDomains');
        return judged('holds', 'a copy lies there already', [copy]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'a recent copy counts',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const copies = judgeFileCopies(observed.copies, observed.locationDomains, context.policy.loss, context.asOf);
        const withBytes = judgeRecent(
          copies.filter((copy) => !isWithoutBytes(copy)),
          context,
        );
        const isDecided = withBytes.truth === 'holds' || !copies.some(isWithoutBytes);
        return isDecided
          ? regardless(withBytes, 'registered')
          : judgeRecent(withBytesExpected(copies, observed.registered), context, observed.registered);
      },
    }),
  ],
});

function judgeRecent(
  copies: readonly JudgedFileCopy[],
  context: JudgeContext,
  registered: readonly Observation<'artifact-count'>[] = [],
): Judgement {
  const limit = context.limit('filesRpoHours');
  const oldest = toMillis(context.asOf) - limit.value * HOUR;
  const recent = copies.filter(({ observation }) => toMillis(observation.value.moment) >= oldest);
  const good = recent.find((copy) => copy.counts === 'holds');
  if (good !== undefined)
    return judged(
      'holds',
      `${heldText(good)}${passedOverText(good, copies)}`,
      [good.observation, ...registered],
      limit,
    );
  const open = recent.find((copy) => copy.counts === 'unknown');
  if (open !== undefined) {
    return judged('unknown', `${fileCopyText(open)}: ${whyNot(open)}`, [open.observation, ...registered], limit);
  }
  const newest = copies.find((copy) => copy.counts !== 'fails') ?? copies[0];
  if (newest === undefined) return judged('fails', 'no backup set holds the files', [], limit);
  const why =
    newest.counts === 'fails'
      ? `no copy counts; the newest is ${fileCopyText(newest)}: ${whyNot(newest)}`
      : `the newest copy that counts is of ${agedText(newest.observation.value.moment, context.asOf)}; the limit is ${limit.text}`;
  return toldBeside(judged('fails', why, [newest.observation, ...registered], limit));
}

/** Does not apply to a live store that outlives the loss by itself; one of unknown domain needs a copy. */
function ofSurvivor(domains: readonly Observation<'failure-domain'>[], context: JudgeContext): Judgement | null {
  const truth = survives(
    domains.map(({ value }) => value),
    context.policy.loss,
  );
  return truth === 'holds' ? judged('fails', 'the live store outlives the loss by itself', domains) : null;
}
