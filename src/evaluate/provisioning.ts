import type { JudgeContext, Observation } from '../model/control.ts';
import { HOUR, toMillis } from '../model/instant.ts';

/** True while the product is still creating the organization. */
export function isProvisioning(organization: Observation<'organization'>): boolean {
  return organization.value.state === 'provisioning';
}

/** True where it is being created and that has not taken longer than the limit. */
export function isProvisioningInTime(
  organization: Observation<'organization'>,
  context: Pick<JudgeContext, 'asOf' | 'limit'>,
): boolean {
  const age = toMillis(context.asOf) - toMillis(organization.value.createdAt);
  return isProvisioning(organization) && age <= context.limit('provisioningHours').value * HOUR;
}
