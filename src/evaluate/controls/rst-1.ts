import type { Observation, Observed, Truth } from '../../model/control.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import { agedText, instantText } from '../../model/text.ts';
import { anyOf } from '../conclude.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { sameMajorVersion, successfulTests } from '../restore-tests.ts';

const TEST_NEEDS = { tests: need('restore-test', 'self', 'more-helps') } as const;
const UPGRADE_NEEDS = { ...TEST_NEEDS, installs: need('install', 'self', 'either') } as const;

/** RST-1: the install database was restored in a test lately, and since the last major upgrade. */
export const rst1 = defineControl({
  id: 'RST-1',
  title: 'The install database was restored in a test lately',
  failureTitle: 'The install database was not restored in a test lately',
  severity: 'high',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'Only a restore shows that a copy can be restored. A major upgrade changes what is in the database, so that tests from before it say little.',
  remediation:
    'Restore the newest copy of the install database into a scratch database (createdb scratch; pg_restore --dbname=scratch NAME.dump), start the product on it, record the test, and remove the scratch database.',
  limits: ['restoreTestDays'],
  combine: 'all',
  parts: [
    part({
      name: 'tested within the limit',
      needs: TEST_NEEDS,
      judge(observed: Observed<typeof TEST_NEEDS>, context) {
        const limit = context.limit('restoreTestDays');
        const newest = successfulTests(observed.tests, 'install', context.asOf)[0];
        if (newest === undefined) {
          return judged(
            'fails',
            `no successful restore of the install database is recorded; the limit is ${limit.text}`,
            [],
            limit,
          );
        }
        const { performedAt } = newest.value;
        const inTime = toMillis(context.asOf) - toMillis(performedAt) <= limit.value * DAY;
        const text = `the install database was last restored on ${agedText(performedAt, context.asOf)}; the limit is ${limit.text}`;
        return judged(inTime ? 'holds' : 'fails', text, [newest], limit);
      },
    }),
    part({
      name: 'tested since the last major upgrade',
      needs: UPGRADE_NEEDS,
      judge(observed: Observed<typeof UPGRADE_NEEDS>, context) {
        const install = observed.installs[0];
        const tests = successfulTests(observed.tests, 'install', context.asOf);
        const newest = tests[0];
        if (newest === undefined) return judged('fails', 'no successful restore of the install database is recorded');
        if (install === undefined)
          return judged('unknown', 'the product version of the install is not known', [newest]);
        const { productVersion, lastUpgradedAt } = install.value;
        const truth = anyOf(tests.map((test) => isSinceMajorUpgrade(test, install)));
        const upgrade = lastUpgradedAt === null ? '' : `, upgraded on ${instantText(lastUpgradedAt)}`;
        const words = {
          holds: `no major upgrade came after the test (product version ${productVersion}${upgrade})`,
          fails: `the last successful restore, on ${instantText(newest.value.performedAt)}, is from before the major upgrade to ${productVersion}${upgrade}`,
          unknown: `it is not known whether a major upgrade came after the last successful restore on ${instantText(newest.value.performedAt)}`,
        } as const;
        return judged(truth, words[truth], [newest, install]);
      },
    }),
  ],
});

/**
 * A dated major upgrade decides by its date. Where the last upgrade was none, or nothing is recorded of it, the version
 * that was tested decides.
 */
function isSinceMajorUpgrade(test: Observation<'restore-test'>, install: Observation<'install'>): Truth {
  const { productVersion, previousVersion, lastUpgradedAt } = install.value;
  const wasMinor = previousVersion === null ? null : sameMajorVersion(previousVersion, productVersion);
  if (lastUpgradedAt !== null && toMillis(test.value.performedAt) >= toMillis(lastUpgradedAt)) return 'holds';
  if (wasMinor === false && lastUpgradedAt !== null) return 'fails';
  const sameVersion =
    test.value.productVersion === null ? null : sameMajorVersion(test.value.productVersion, productVersion);
  if (sameVersion !== null) return sameVersion ? 'holds' : 'fails';
  return wasMinor === true ? 'holds' : 'unknown';
}
