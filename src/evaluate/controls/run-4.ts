import type { Observed } from '../../model/control.ts';
import { HOUR, toMillis } from '../../model/instant.ts';
import { counted, instantText, spanText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';

const NEEDS = { previous: need('previous-report', 'self', 'either') } as const;

/** RUN-4: the audit runs often enough for what it finds to be news. */
export const run4 = defineControl({
  id: 'RUN-4',
  title: 'The audit is on schedule',
  failureTitle: 'The audit is not on schedule',
  severity: 'low',
  bears: 'audit',
  subject: 'install',
  rationale:
    'A missing backup is noticed when somebody looks: an audit that did not run for weeks tells of it weeks too late, and nobody misses a report that never came.',
  remediation:
    'Let a timer run recoverage scan at least as often as the limit says, with json among its formats, and keep the list of reports (report.list) where every run finds it.',
  remediationUnknown:
    'Let report.list name a file that the audit may read and write, and that is kept from run to run.',
  limits: ['auditIntervalHours'],
  applies: [
    part({
      name: 'a report came before',
      needs: NEEDS,
      judge({ previous: [previous] }: Observed<typeof NEEDS>) {
        if (previous === undefined) {
          return judged('fails', 'the list of reports has none of this install yet: it begins with this one');
        }
        return judged('holds', `report ${previous.value.runId} came before`, [previous]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'recent',
      needs: NEEDS,
      judge({ previous: [previous] }: Observed<typeof NEEDS>, context) {
        const limit = context.limit('auditIntervalHours');
        if (previous === undefined) return judged('unknown', 'no report before this one is known', [], limit);
        const { runId, finishedAt } = previous.value;
        // From run to run: how old the evidence is by now is told beside every verdict.
        const between = toMillis(previous.collectedAt) - toMillis(finishedAt);
        const name = `the report before this one, ${runId} of ${instantText(finishedAt)},`;
        if (between < 0) return judged('fails', `${name} is from the future`, [previous], limit);
        const text = `${name} was made ${spanText(between)} before; the limit is ${limit.text}`;
        return judged(between <= limit.value * HOUR ? 'holds' : 'fails', text, [previous], limit);
      },
    }),
    part({
      name: 'in the chain',
      needs: NEEDS,
      judge({ previous: [previous] }: Observed<typeof NEEDS>) {
        if (previous === undefined) return judged('unknown', 'no report before this one is known');
        const { reports, linked } = previous.value;
        if (linked) return judged('holds', `each of ${counted(reports, 'report')} names the one before it`, [previous]);
        return judged('fails', 'a report in the list names one before it that is not there', [previous]);
      },
    }),
  ],
});
