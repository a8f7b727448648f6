import type { Draft } from './draft.ts';
import { scalar } from './yaml-scalar.ts';

/** Marks what only the operator knows. */
export const FILL_IN = '# FILL IN:';

/** The line that states where something stands, or the one to fill in. @param key as in {@link Draft.hosts} */
export function domainLines(hosts: Draft['hosts'], key: string): readonly string[] {
  const host = hosts.get(key);
  if (host !== undefined) return [`    failureDomain: { host: ${scalar(host)} }`];
  return [`    ${FILL_IN} on which host does it stand?`, '    # failureDomain: { host: backup-host }'];
}
