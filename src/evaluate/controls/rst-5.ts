import type { Observation, Observed, Truth } from '../../model/control.ts';
import { counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { restoredText } from '../restore-tests.ts';

/** Statement by which an operator declares that the scratch copies of all tests up to a date are gone. */
export const SCRATCH_REMOVED = 'scratch-copies-removed';

const RECORDED_NEEDS = { tests: need('restore-test', 'self', 'more-helps') } as const;
const NEEDS = {
  tests: need('restore-test', 'self', 'more-hurts'),
  declarations: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [SCRATCH_REMOVED] }),
} as const;

/** RST-5: what restore tests created is gone again. */
export const rst5 = defineControl({
  id: 'RST-5',
  title: 'The scratch copies of restore tests are gone',
  failureTitle: 'A scratch copy of a restore test was left behind',
  severity: 'low',
  bears: 'audit',
  subject: 'install',
  rationale: 'A scratch copy holds the same personal data as the original, and nobody watches over it.',
  remediation:
    'Drop the scratch database (dropdb NAME) and record it with the test, or declare scratch-copies-removed in attestations.yaml.',
  remediationUnknown:
    'Look whether the scratch database is still there (psql --list), record the outcome with the test, or declare scratch-copies-removed in attestations.yaml.',
  limits: [],
  applies: [
    part({
      name: 'a test is recorded',
      needs: RECORDED_NEEDS,
      judge(observed: Observed<typeof RECORDED_NEEDS>) {
        if (observed.tests.length > 0) return judged('holds', 'restore tests are recorded', observed.tests.slice(0, 1));
        return judged('fails', 'no restore test is recorded');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'nothing is left behind',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>) {
        const declared = [...observed.declarations].sort((a, b) => b.value.date.localeCompare(a.value.date))[0];
        const rests = observed.tests.map((test) => ({ test, truth: isGone(test, declared) }));
        for (const truth of ['fails', 'unknown'] as const) {
          const left = rests.filter((one) => one.truth === truth).map(({ test }) => test);
          const [first] = left;
          if (first === undefined) continue;
          const name = `the test of ${restoredText(first)} on ${instantText(first.value.performedAt)}`;
          const more = left.length > 1 ? ` (${counted(left.length, 'test')} in all)` : '';
          const text =
            truth === 'fails'
              ? `${name} is recorded as not cleaned up${more}`
              : `${name} does not record whether its scratch copy is gone${more}`;
          return judged(truth, text, left);
        }
        const needsWord = observed.tests.some((test) => test.value.cleanedUp !== true);
        const text =
          needsWord && declared !== undefined
            ? `declared by ${declared.value.owner} on ${declared.value.date.slice(0, 10)}: scratch copies are removed`
            : `all ${counted(observed.tests.length, 'restore test')} are recorded as cleaned up`;
        return judged(
          'holds',
          text,
          needsWord && declared !== undefined ? [...observed.tests, declared] : observed.tests,
        );
      },
    }),
  ],
});

/** A declaration speaks of the tests made up to its date. */
function isGone(test: Observation<'restore-test'>, declared: Observation<'declaration'> | undefined): Truth {
  if (test.value.cleanedUp === true) return 'holds';
  // A declaration bears a date; the test may be of any time that day.
  if (declared !== undefined && declared.value.date.slice(0, 10) >= test.value.performedAt.slice(0, 10)) return 'holds';
  return test.value.cleanedUp === false ? 'fails' : 'unknown';
}
