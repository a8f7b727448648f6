import type { Observed } from '../../model/control.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import { agedText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { successfulTests } from '../restore-tests.ts';

const NEEDS = { tests: need('restore-test', 'self', 'more-helps') } as const;

/** RST-2: some tenant database was restored in a test lately. */
export const rst2 = defineControl({
  id: 'RST-2',
  title: 'A tenant database was restored in a test lately',
  failureTitle: 'No tenant database was restored in a test lately',
  severity: 'high',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'A tenant database needs its key to be read, so restoring the install database alone does not show that tenants come back.',
  remediation:
    'Restore the newest copy of one tenant database into a scratch database, open it through its key provider, record the test, and remove the scratch database. Take another tenant each time.',
  limits: ['restoreTestDays'],
  combine: 'all',
  parts: [
    part({
      name: 'tested within the limit',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const limit = context.limit('restoreTestDays', 'tenant-database');
        const newest = successfulTests(observed.tests, 'tenant', context.asOf)[0];
        if (newest === undefined) {
          return judged(
            'fails',
            `no successful restore of a tenant database is recorded; the limit is ${limit.text}`,
            [],
            limit,
          );
        }
        const { performedAt } = newest.value;
        const inTime = toMillis(context.asOf) - toMillis(performedAt) <= limit.value * DAY;
        const text = `a tenant database was last restored on ${agedText(performedAt, context.asOf)}; the limit is ${limit.text}`;
        return judged(inTime ? 'holds' : 'fails', text, [newest], limit);
      },
    }),
  ],
});
