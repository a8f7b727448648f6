import type { Facts } from '../model/facts.ts';

type Domain = Facts['failure-domain'];

/** A KMS key of this origin has its material in a key manager of the customer's own ("External key stores"). */
const EXTERNAL_KEY_STORE = 'EXTERNAL_KEY_STORE';

/**
 * Where a key itself stands, by the domains of its provider: in the account it belongs to, which may be another than that
 * of the credentials; and where the material lies in a key manager of the customer, only where that is stated, as an
 * account and region that were observed are not its place.
 */
export function domainsOfKey(
  provider: readonly Domain[],
  key: Pick<Facts['key-state'], 'account' | 'origin'> | undefined,
): readonly Domain[] {
  if (key === undefined) return provider;
  if (key.origin === EXTERNAL_KEY_STORE) return provider.filter(({ origin }) => origin === 'stated');
  const { account } = key;
  if (account === undefined || account === null) return provider;
  return provider.map((domain) => (domain.origin === 'observed' ? { ...domain, account } : domain));
}
