/**
 * Whether a rule of a bucket may concern objects below a store's prefix. Rules for the prefixes of other organizations are
 * nobody's business here, not even how many there are.
 */
export function concerns(rulePrefix: string, storePrefix: string): boolean {
  const own = storePrefix === '' || storePrefix.endsWith('/') ? storePrefix : `${storePrefix}/`;
  return own.startsWith(rulePrefix) || rulePrefix.startsWith(own);
}
