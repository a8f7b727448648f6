import type { Collection } from './estate.ts';

/** An exclusion counts through its last day, UTC; by a clock before that the facts are there to judge. */
export function isExcluded({ policy }: Pick<Collection, 'policy'>, key: string): boolean {
  const today = new Date().toISOString().slice(0, 10);
  return policy.exclusions.some((one) => one.organization.toLowerCase() === key && one.expires >= today);
}
