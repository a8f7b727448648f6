import type { Facts } from '../model/facts.ts';
import { namesText } from './names-text.ts';

type Grants = Facts['key-settings']['grants'];
type Right = NonNullable<Grants>[number]['rights'][number];

const MAY: Readonly<Record<Right, string>> = {
  decrypt: 'decrypt with it',
  'create-grants': 'give further grants',
  'retire-grants': 'retire grants',
};

/**
 * Who may use a key by grants, in words that follow a sentence about it. No grant lets anybody take a key away, so that
 * nothing is judged by it.
 * @param grants undefined: never asked
 */
export function grantsText(grants: Grants): string {
  if (grants === undefined) return '';
  if (grants === null) return '; who holds grants on it could not be read';
  const said = (['decrypt', 'create-grants', 'retire-grants'] as const).flatMap((right) => {
    const names = grants.filter(({ rights }) => rights.includes(right)).map(({ principal }) => principal);
    return names.length === 0 ? [] : [`${namesText(names)} may ${MAY[right]}`];
  });
  return said.length === 0 ? '; no grant lets anybody decrypt with it' : `; by grants on it, ${said.join('; ')}`;
}
