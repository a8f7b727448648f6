import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Statement } from '../model/statements.ts';
import { need, regardless } from './define-control.ts';
import { type LiveVersion, live } from './live-version.ts';
import { namesText } from './names-text.ts';

/**
 * Imported key material that its provider holds no longer, because it expired or was deleted. The provider keeps no copy
 * of it (AWS KMS Developer Guide, "Deleting imported key material"): only who kept the same material can import it again.
 */

export const MATERIAL_KEPT: Statement = 'imported-key-material-kept';
const OPTIONS = { leastGrade: 'declared', statements: [MATERIAL_KEPT] } as const;

/** What is attested of the material of the judged keyring's key. It says how a gap is undone, and never whether there is one. */
export const KEPT_MATERIAL = { material: need('declaration', 'self', 'more-helps', OPTIONS) } as const;
export const KEPT_MATERIAL_NEED_NAMES = Object.keys(KEPT_MATERIAL);

/**
 * A key without its material, for which nobody was asked yet: lost, unless other regions may hold the same.
 *
 * @param what why it cannot be used, as a clause: `has no key material`
 * @param replicas keys with the same material elsewhere; null: there are none
 */
export function withoutMaterial(what: string, replicas: readonly string[] | null): LiveVersion {
  if (replicas === null || replicas.length === 0) {
    return { ...live('lost', `${what}, and nobody attests that the same material is kept`), lacksMaterial: what };
  }
  const because = `${what}; whether ${namesText(replicas)}, which had the same, ${replicas.length === 1 ? 'holds' : 'hold'} it still was not looked at`;
  return { ...live('blocked', because), lacksMaterial: what, isUnseen: true };
}

/** What the key can do, with what is attested taken into account: who kept the material can bring the key back. */
export function withKeptMaterial(known: LiveVersion, attested: readonly Observation<'declaration'>[]): LiveVersion {
  const [statement] = attested;
  if (known.lacksMaterial === undefined || statement === undefined) return known;
  const because = `${known.lacksMaterial}; importing the same material again, which ${statement.value.owner} attests to be kept, brings it back`;
  return { ...known, ...live('blocked', because), isUnseen: true };
}

type States = readonly Observation<'key-state'>[];

/** The same judgement, which no attestation could change where no key lacks its imported material, or may by now. */
export function exceptMaterial(
  judgement: Judgement,
  { keyStates, installKeyStates }: { readonly keyStates: States; readonly installKeyStates: States },
): Judgement {
  const own = keyStates.some(mayLackMaterial) ? [] : ['material'];
  const install = installKeyStates.some(mayLackMaterial) ? [] : ['installMaterial'];
  return own.length + install.length === 0 ? judgement : regardless(judgement, ...own, ...install);
}

function mayLackMaterial({ value }: Observation<'key-state'>): boolean {
  const { state, expiresAt, attributes, namedVersions }: Facts['key-state'] = value;
  const expires = expiresAt !== null && attributes === undefined && namedVersions === undefined;
  return state === 'pending-import' || expires;
}
