import type { Observed } from '../model/control.ts';
import { judged, need, part } from './define-control.ts';
import { newestTests } from './restore-tests.ts';

const NEEDS = { tests: need('restore-test', 'self', 'more-helps') } as const;

/** Applicability of what judges restore tests: that there is none is said by RST-1 and RST-2. */
export const testRecorded = part({
  name: 'a test is recorded',
  needs: NEEDS,
  judge(observed: Observed<typeof NEEDS>, context) {
    const newest = newestTests(observed.tests, context.asOf)[0];
    if (newest === undefined) return judged('fails', 'no successful restore test is recorded');
    return judged('holds', 'a successful restore test is recorded', [newest]);
  },
});
