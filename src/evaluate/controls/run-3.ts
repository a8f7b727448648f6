import type { Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { namesText } from '../names-text.ts';

const NEEDS = { plants: need('planted-gap', 'self', 'either') } as const;

/** RUN-3: gaps that are known to be there are still found, so that finding none means something. */
export const run3 = defineControl({
  id: 'RUN-3',
  title: 'The audit still sees a gap',
  failureTitle: 'The audit does not see gaps that are there',
  severity: 'high',
  bears: 'audit',
  subject: 'install',
  rationale:
    'A monitor that cannot fail is no monitor: a report without gaps is worth what its rules are, so that every run judges gaps which are known to be there.',
  remediation: 'Trust no pass of this run; install the released program again, and report this as a defect.',
  limits: [],
  combine: 'all',
  parts: [
    part({
      name: 'planted gaps are found',
      needs: NEEDS,
      judge({ plants }: Observed<typeof NEEDS>) {
        if (plants.length === 0) return judged('unknown', 'no gap was planted in this run');
        const missed = plants.filter(({ value }) => value.withGap !== 'fail' || value.without !== 'pass');
        if (missed.length > 0) {
          const names = missed.map(({ value }) => `${value.controlId} (${value.planted})`);
          return regardless(judged('fails', `not found as they must be: ${namesText(names)}`, missed), 'plants');
        }
        return judged(
          'holds',
          `${counted(plants.length, 'planted gap')} found in this run, and none where none was`,
          plants,
        );
      },
    }),
  ],
});
