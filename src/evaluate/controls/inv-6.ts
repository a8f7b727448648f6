import type { JudgeContext, Observation, Observed } from '../../model/control.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { counted, instantText, spanText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';

const NEEDS = { licenses: need('license', 'self', 'either') } as const;

/** INV-6: the license would let the install start again after a recovery, with every organization. */
export const inv6 = defineControl({
  id: 'INV-6',
  title: 'The license is good for recovery',
  failureTitle: 'The license is not good for recovery',
  severity: 'high',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'A recovered install starts only with a valid license, and an organization that the license does not name stays shut. Four weeks leave time to renew it during an outage.',
  remediation:
    'Ask the vendor for a renewed license that names every organization, and install it in the administration console.',
  limits: ['licenseDays'],
  combine: 'all',
  parts: [
    part({
      name: 'valid long enough, for every organization',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const limit = context.limit('licenseDays');
        if (observed.licenses.length === 0) {
          return judged('fails', 'the install database holds no license of this install');
        }
        // Renewed licenses stand beside those that they replace: one that is good suffices.
        const results = observed.licenses.map((license) => ({
          license,
          problems: problemsOf(license, context, limit),
        }));
        const good = results.find(({ problems }) => problems.length === 0);
        if (good !== undefined) {
          const text = `the license is valid until ${instantText(good.license.value.validUntil)} and covers every organization; at least ${limit.text} must be left`;
          return judged('holds', text, [good.license], limit);
        }
        const [best] = results.sort((a, b) => b.license.value.validUntil.localeCompare(a.license.value.validUntil));
        const others = results.length === 1 ? '' : `, the one of ${results.length} that runs longest`;
        const text = `the license${others}: ${best?.problems.join('; ') ?? ''}`;
        return judged('fails', text, observed.licenses, limit);
      },
    }),
  ],
});

function problemsOf(license: Observation<'license'>, context: JudgeContext, limit: Limit): readonly string[] {
  const { state, validFrom, validUntil, maxOrganizations, organizationsNotCovered, organizationsInstalled } =
    license.value;
  const left = toMillis(validUntil) - toMillis(context.asOf);
  const problems: string[] = [];
  if (state !== null && state !== 'valid') problems.push(`the product calls it ${state}`);
  if (validFrom !== null && validFrom > context.asOf) {
    problems.push(`it is valid only from ${instantText(validFrom)}`);
  }
  if (left < 0) problems.push(`it ran out on ${instantText(validUntil)}`);
  else if (left < limit.value * DAY) {
    problems.push(
      `it runs out on ${instantText(validUntil)}, in ${spanText(left)}; at least ${limit.text} must be left`,
    );
  }
  if (organizationsNotCovered.length > 0) {
    problems.push(`it does not name ${counted(organizationsNotCovered.length, 'organization')} of the install`);
  }
  if (maxOrganizations !== null && organizationsInstalled > maxOrganizations) {
    problems.push(`it allows ${maxOrganizations} organizations and the install has ${organizationsInstalled}`);
  }
  return problems;
}
