import type { JudgeContext, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { HOUR, type Instant, MINUTE, toMillis } from '../model/instant.ts';

/** True while the product is still creating the organization. */
export function isProvisioning({ state }: Pick<Facts['organization'], 'state'>): boolean {
  return state === 'provisioning';
}

/** False for a creation in the future: it proves nothing, and would excuse what is missing for ever. */
export function isCredibleCreation(createdAt: Instant, context: Pick<JudgeContext, 'asOf' | 'limit'>): boolean {
  return toMillis(createdAt) <= toMillis(context.asOf) + context.limit('clockToleranceMinutes').value * MINUTE;
}

/** True where it is being created and that has not taken longer than the limit. */
export function isProvisioningInTime(
  organization: Observation<'organization'>,
  context: Pick<JudgeContext, 'asOf' | 'limit'>,
): boolean {
  const { createdAt } = organization.value;
  const age = toMillis(context.asOf) - toMillis(createdAt);
  const isInTime =
    isCredibleCreation(createdAt, context) && age <= context.limit('provisioningHours', 'tenant-database').value * HOUR;
  return isProvisioning(organization.value) && isInTime;
}
