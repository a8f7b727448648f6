import type { Observation, Observed, Truth } from '../../model/control.ts';
import { instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { newestTests, restoredText } from '../restore-tests.ts';
import { testRecorded } from '../test-recorded.ts';

const NEEDS = { tests: need('restore-test', 'self', 'either'), installs: need('install', 'self', 'either') } as const;

/** RST-3: the newest successful tests went all the way: version, key provider, audit chain, sign-in. */
export const rst3 = defineControl({
  id: 'RST-3',
  title: 'The restore tests went all the way',
  failureTitle: 'A restore test left out a step',
  severity: 'medium',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'A database that loads is not yet an organization that works: the product must be of the same version, the key provider must open the data, the audit chain must verify and somebody must be able to sign in.',
  remediation:
    'Repeat the test with the same product version and the real key provider, verify the audit chain, sign in once, and record all four.',
  limits: [],
  applies: [testRecorded],
  combine: 'all',
  parts: [
    part({
      name: 'four ticks',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const install = observed.installs[0];
        const tests = newestTests(observed.tests, context.asOf);
        const steps = tests.flatMap((test) => ticks(test, install));
        const cites = install === undefined ? tests : [...tests, install];
        for (const truth of ['fails', 'unknown'] as const) {
          const open = steps.filter((step) => step.truth === truth);
          if (open.length > 0) return judged(truth, open.map((step) => step.because).join('; '), cites);
        }
        if (tests.length === 0) return judged('unknown', 'no successful restore test is recorded');
        const dates = tests.map((test) => `${restoredText(test)} on ${instantText(test.value.performedAt)}`);
        const text = `the tests of ${dates.join(' and of ')} used the same product version and the key provider, verified the audit chain and confirmed sign-in`;
        return judged('holds', text, cites);
      },
    }),
  ],
});

function ticks(test: Observation<'restore-test'>, install: Observation<'install'> | undefined) {
  const name = `the test of ${restoredText(test)} on ${instantText(test.value.performedAt)}`;
  const tick = (value: boolean | null, failed: string, what: string): { truth: Truth; because: string } => {
    if (value === null) return { truth: 'unknown', because: `${name} does not record ${what}` };
    return value ? { truth: 'holds', because: '' } : { truth: 'fails', because: `${name} ${failed}` };
  };
  const expected = install === undefined ? null : versionAt(test.value.performedAt, install.value);
  const tested = test.value.productVersion;
  const same = expected === null || tested === null ? null : tested === expected;
  return [
    tick(same, `used product version ${tested}, the install ran ${expected}`, 'which product version it used'),
    tick(test.value.keyProviderUsed, 'did not use the key provider', 'whether it used the key provider'),
    tick(test.value.chainVerified, 'did not verify the audit chain', 'whether it verified the audit chain'),
    tick(test.value.signInConfirmed, 'did not confirm sign-in', 'whether somebody signed in'),
  ];
}

/** The version the install ran when the test was made: a later upgrade does not make the test worthless by itself. */
function versionAt(performedAt: string, install: Observation<'install'>['value']): string {
  const isEarlier = install.lastUpgradedAt !== null && performedAt < install.lastUpgradedAt;
  return isEarlier && install.previousVersion !== null ? install.previousVersion : install.productVersion;
}
