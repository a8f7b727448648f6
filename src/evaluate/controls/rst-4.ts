import type { Observed } from '../../model/control.ts';
import { HOUR, SECOND } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { instantText } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { durationText } from '../expected-runs.ts';
import { newestTests, restoredText } from '../restore-tests.ts';

const NEEDS = { tests: need('restore-test', 'self', 'either') } as const;

/** RST-4: measured restores took no longer than the recovery time objective. Without one nobody can say. */
export const rst4 = defineControl({
  id: 'RST-4',
  title: 'Restores are fast enough',
  failureTitle: 'Restores take longer than allowed',
  severity: 'medium',
  bears: 'protection',
  subject: 'install',
  rationale: 'How long recovery takes is known only where a restore was timed.',
  remediation:
    'State the recovery time objective in the policy (rtoHours) and record how long restore tests take. If they take too long, restore in parallel (pg_restore --jobs=N with custom or directory format) or keep a physical copy.',
  limits: [],
  combine: 'all',
  parts: [
    part({
      name: 'within the objective',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const { rtoHours } = context.policy;
        if (rtoHours === null) {
          return regardless(judged('unknown', 'the policy states no recovery time objective (rtoHours)'), 'tests');
        }
        const limit: Limit = { value: rtoHours, text: `${rtoHours} h`, origin: 'policy' };
        const tests = newestTests(observed.tests, context.asOf);
        if (tests.length === 0) return judged('unknown', 'no successful restore test was timed', [], limit);
        const said = tests.map((test) => {
          const seconds = test.value.durationSeconds;
          const name = `the test of ${restoredText(test)} on ${instantText(test.value.performedAt)}`;
          if (seconds === null) return { truth: 'unknown', text: `${name} was not timed` } as const;
          const truth = seconds * SECOND <= rtoHours * HOUR ? 'holds' : 'fails';
          return { truth, text: `${name} took ${durationText(seconds * SECOND)}` } as const;
        });
        const truth = said.some((one) => one.truth === 'fails')
          ? 'fails'
          : said.some((one) => one.truth === 'unknown')
            ? 'unknown'
            : 'holds';
        const text = said
          .filter((one) => one.truth === truth)
          .map((one) => one.text)
          .join('; ');
        return judged(truth, `${text}; the limit is ${limit.text}`, tests, limit);
      },
    }),
  ],
});
