import type { Observed } from '../../model/control.ts';
import { agedText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { isProvisioning, isProvisioningInTime } from '../provisioning.ts';

const NEEDS = { organizations: need('organization', 'self', 'either') } as const;

/** INV-3: no organization stays in provisioning. */
export const inv3 = defineControl({
  id: 'INV-3',
  title: 'The organization is past provisioning, or in time with it',
  failureTitle: 'The organization is stuck in provisioning',
  severity: 'medium',
  bears: 'audit',
  subject: 'organization',
  rationale:
    'An organization whose creation broke off has no complete database, and its backups, if any, are of something half made.',
  remediation: 'Finish or remove the organization in the administration console, then run the audit again.',
  remediationUnknown: 'Let the audit read the organization in the install database; change nothing about it meanwhile.',
  limits: ['provisioningHours'],
  combine: 'all',
  parts: [
    part({
      name: 'not stuck in provisioning',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const organization = observed.organizations[0];
        if (organization === undefined) return judged('unknown', 'the organization was not read');
        const { state, createdAt } = organization.value;
        if (!isProvisioning(organization.value)) return judged('holds', `it is in state ${state}`, [organization]);
        const limit = context.limit('provisioningHours');
        const inTime = isProvisioningInTime(organization, context);
        const text = `it is being provisioned; it was created on ${agedText(createdAt, context.asOf)}; the limit is ${limit.text}`;
        return judged(inTime ? 'holds' : 'fails', text, [organization], limit);
      },
    }),
  ],
});
