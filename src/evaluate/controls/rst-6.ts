import type { Observed } from '../../model/control.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { agedText, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { successfulTests } from '../restore-tests.ts';

const APPLIES_NEEDS = { organizations: need('organization', 'self', 'either') } as const;
const NEEDS = { tests: need('restore-test', 'self', 'more-helps') } as const;

/** RST-6: this organization was restored in a test within what the policy asks; without such a policy it is not asked. */
export const rst6 = defineControl({
  id: 'RST-6',
  title: 'The organization was restored in a test',
  failureTitle: 'The organization was not restored in a test in time',
  severity: 'medium',
  bears: 'protection',
  subject: 'organization',
  rationale: 'A test of one tenant says little about another with its own key, size and history.',
  remediation:
    'Restore the newest copy of its tenant database into a scratch database, open it through its key provider, record the test with the organization, and remove the scratch database.',
  limits: [],
  applies: [
    part({
      name: 'asked for and old enough',
      needs: APPLIES_NEEDS,
      judge(observed: Observed<typeof APPLIES_NEEDS>, context) {
        const days = context.policy.organizationRestoreTestDays;
        if (days === null) {
          const text = 'the policy asks for no restore test of each organization (organizationRestoreTestDays)';
          return regardless(judged('fails', text), 'organizations');
        }
        const organization = observed.organizations[0];
        if (organization === undefined) return judged('unknown', 'the organization was not read');
        const { createdAt } = organization.value;
        const isOld = toMillis(context.asOf) - toMillis(createdAt) > days * DAY;
        if (isOld) return judged('holds', `it was created on ${instantText(createdAt)}`, [organization]);
        const text = `it was created on ${agedText(createdAt, context.asOf)}; its first restore test is due within ${days} days`;
        return judged('fails', text, [organization]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'tested within the limit',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const days = context.policy.organizationRestoreTestDays;
        if (days === null) return judged('unknown', 'the policy asks for no restore test of each organization');
        const limit: Limit = { value: days, text: `${days} days`, origin: 'policy' };
        const newest = successfulTests(observed.tests, 'tenant', context.asOf)[0];
        if (newest === undefined) {
          return judged('fails', `no successful restore of it is recorded; the limit is ${limit.text}`, [], limit);
        }
        const inTime = toMillis(context.asOf) - toMillis(newest.value.performedAt) <= days * DAY;
        const text = `it was last restored on ${agedText(newest.value.performedAt, context.asOf)}; the limit is ${limit.text}`;
        return judged(inTime ? 'holds' : 'fails', text, [newest], limit);
      },
    }),
  ],
});
