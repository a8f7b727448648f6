import type { Observed } from '../../model/control.ts';
import { DAY, HOUR, toMillis } from '../../model/instant.ts';
import type { Statement } from '../../model/statements.ts';
import { agedText, counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless, unseen } from '../define-control.ts';
import { namesText } from '../names-text.ts';
import { judgeRunbookPlace, RUNBOOK_PLACE } from '../runbook-place.ts';

const STATEMENT: Statement = 'runbook-reviewed';
const RUNBOOK_NEEDS = { runbooks: need('runbook', 'self', 'either') } as const;
const REVIEW_NEEDS = {
  ...RUNBOOK_NEEDS,
  reviews: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [STATEMENT] }),
} as const;

/** A day has ended in every time zone 36 hours after it began in UTC: UTC-12 is the last. */
const DAY_EVERYWHERE = 36 * HOUR;

/** REC-4: people know what to do, and what they are told to use is what there is. */
export const rec4 = defineControl({
  id: 'REC-4',
  title: 'There is a runbook for this state',
  failureTitle: 'There is no runbook for this state',
  severity: 'medium',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'Who recovers an install for the first time, at night, follows what is written; a runbook that sends them to a place of last year costs the hours that count.',
  remediation: `Write down how the install is recovered, naming every key provider and location as the configuration does, name the file as install.runbook, and let its owner record each review, after every change, in attestations.yaml as ${STATEMENT}. Keep it where the loss does not reach: on another machine (install.runbookFailureDomain), or in a backup set there.`,
  remediationUnknown:
    'Name the runbook as install.runbook in the configuration, as a text file that the audit may read; it is searched for names, and nothing of it is kept. State where it lies as install.runbookFailureDomain, and review it again where it was written since.',
  limits: ['attestationMaxAgeDays'],
  combine: 'all',
  parts: [
    part({
      name: 'exists',
      needs: RUNBOOK_NEEDS,
      judge({ runbooks: [runbook] }: Observed<typeof RUNBOOK_NEEDS>, context) {
        if (runbook === undefined) return unseen('whether there is a runbook is not known');
        const { path, exists, bytes, modifiedAt } = runbook.value;
        if (!exists) return judged('fails', `the runbook ${path} is not there`, [runbook]);
        if (bytes === 0) return judged('fails', `the runbook ${path} is empty`, [runbook]);
        const age = modifiedAt === null ? '' : `, of ${agedText(modifiedAt, context.asOf)}`;
        return judged('holds', `the runbook ${path} is there${age}`, [runbook]);
      },
    }),
    part({
      name: 'reviewed',
      needs: REVIEW_NEEDS,
      judge({ reviews, runbooks: [runbook] }: Observed<typeof REVIEW_NEEDS>, context) {
        const newest = reviews.reduce<(typeof reviews)[number] | null>(
          (best, one) => (best === null || one.value.date > best.value.date ? one : best),
          null,
        );
        const limit = context.limit('attestationMaxAgeDays');
        if (newest === null) {
          return regardless(judged('fails', 'nobody attests that it was reviewed', [], limit), 'runbooks');
        }
        const { owner, date } = newest.value;
        const text = `${owner} reviewed it on ${instantText(date).slice(0, 10)}`;
        const isRecent = toMillis(context.asOf) - toMillis(date) <= limit.value * DAY;
        if (!isRecent) return regardless(judged('fails', `${text}, too long ago`, [newest], limit), 'runbooks');
        const writtenAt = runbook?.value.modifiedAt ?? null;
        if (runbook === undefined || writtenAt === null || toMillis(writtenAt) < toMillis(date) + DAY_EVERYWHERE) {
          return judged('holds', text, [newest], limit);
        }
        const later = `${text}, and it was written on ${instantText(writtenAt)}: that review covers what it said before`;
        return judged('unknown', later, [newest, runbook], limit);
      },
    }),
    part({ name: 'outlives the loss', needs: RUNBOOK_PLACE, judge: judgeRunbookPlace }),
    part({
      name: 'matches',
      needs: RUNBOOK_NEEDS,
      judge({ runbooks: [runbook] }: Observed<typeof RUNBOOK_NEEDS>) {
        if (runbook === undefined) return judged('unknown', 'so it was not compared with what is in use');
        const { searched, missing, exists } = runbook.value;
        if (!exists) return judged('fails', 'what is not there names nothing', [runbook]);
        if (searched === 0)
          return judged('unknown', 'no key provider and no location is configured to look for', [runbook]);
        if (missing.length === 0) {
          return judged(
            'holds',
            `it names all ${counted(searched, 'key provider or location', 'key providers and locations')} in use`,
            [runbook],
          );
        }
        return judged(
          'fails',
          `it does not name ${namesText(missing)}, which ${missing.length === 1 ? 'is' : 'are'} in use`,
          [runbook],
        );
      },
    }),
  ],
});
