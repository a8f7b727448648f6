import type { Observed } from '../../model/control.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import type { Statement } from '../../model/statements.ts';
import { agedText, counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { namesText } from '../names-text.ts';

const STATEMENT: Statement = 'runbook-reviewed';
const RUNBOOK_NEEDS = { runbooks: need('runbook', 'self', 'either') } as const;
const REVIEW_NEEDS = {
  reviews: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [STATEMENT] }),
} as const;

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
  remediation: `Write down how the install is recovered, naming every key provider and location as the configuration does, name the file as install.runbook, and let its owner record each review in attestations.yaml as ${STATEMENT}.`,
  remediationUnknown:
    'Name the runbook as install.runbook in the configuration, as a text file that the audit may read; it is searched for names, and nothing of it is kept.',
  limits: ['attestationMaxAgeDays'],
  combine: 'all',
  parts: [
    part({
      name: 'exists',
      needs: RUNBOOK_NEEDS,
      judge({ runbooks: [runbook] }: Observed<typeof RUNBOOK_NEEDS>, context) {
        if (runbook === undefined) return judged('unknown', 'nobody looked for a runbook');
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
      judge({ reviews }: Observed<typeof REVIEW_NEEDS>, context) {
        const newest = reviews.reduce<(typeof reviews)[number] | null>(
          (best, one) => (best === null || one.value.date > best.value.date ? one : best),
          null,
        );
        const limit = context.limit('attestationMaxAgeDays');
        if (newest === null) return judged('fails', 'nobody attests that it was reviewed', [], limit);
        const { owner, date } = newest.value;
        const text = `${owner} reviewed it on ${instantText(date).slice(0, 10)}`;
        const isRecent = toMillis(context.asOf) - toMillis(date) <= limit.value * DAY;
        return judged(isRecent ? 'holds' : 'fails', isRecent ? text : `${text}, too long ago`, [newest], limit);
      },
    }),
    part({
      name: 'matches',
      needs: RUNBOOK_NEEDS,
      judge({ runbooks: [runbook] }: Observed<typeof RUNBOOK_NEEDS>) {
        if (runbook === undefined) return judged('unknown', 'nobody compared it with what is in use');
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
