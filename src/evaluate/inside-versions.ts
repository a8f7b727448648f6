import type { Observation } from '../model/control.ts';
import type { Policy } from '../model/policy.ts';
import { counted } from '../model/text.ts';
import { type KeyUse, keyUses, type NeededVersion, strongest } from './keys.ts';

/**
 * Which key versions a copy needs by the key-version rows inside it. Where those were read they alone tell: what the
 * live database lists since, or lists no longer, changes nothing about what the copy was encrypted with.
 */

type Copy = Observation<'copy'>;

/** The rows inside, each as an observation of the copy itself; null where they were not read. */
export function rowsInside(copy: Copy): readonly Observation<'key-version'>[] | null {
  const versions = copy.value.keyVersionsInside?.versions ?? null;
  return versions === null ? null : versions.map((value) => ({ ...copy, value }));
}

/**
 * Versions of one keyring's key that opening the copy takes, by the rows inside it. One that was destroyed by then
 * encrypts nothing in it, nor does a retired one where policy says that retired means rewrapped.
 */
export function neededInside(
  keyring: Observation<'keyring'>,
  rows: readonly Observation<'key-version'>[],
  policy: Pick<Policy, 'retiredMeansRewrapped'>,
): readonly NeededVersion[] {
  const isUsed = ({ state }: KeyUse): boolean =>
    state === 'active' || (state === 'retired' && !policy.retiredMeansRewrapped);
  return strongest(
    keyUses(keyring, rows)
      .filter(isUsed)
      .map((use) => ({ version: use.version, certainty: 'holds' as const, use })),
  );
}

/** What told the needs of these copies; empty where nobody was asked to look inside. */
export function toldByText(copies: readonly Copy[]): string {
  if (copies.every(({ value }) => value.keyVersionsInside === undefined)) return '';
  const inside = copies.filter((copy) => rowsInside(copy) !== null);
  const others = copies.filter((copy) => rowsInside(copy) === null);
  if (others.length === 0) return `needs read inside ${counted(inside.length, 'copy', 'copies')}`;
  const why = others.find(({ value }) => value.keyVersionsInside !== undefined)?.value.keyVersionsInside?.because;
  const because = why == null ? '' : ` (${others.length === 1 ? '' : 'such as: '}${why})`;
  const byDates = `by creation dates for ${counted(others.length, 'copy', 'copies')}${because}`;
  return inside.length === 0
    ? `needs ${byDates}`
    : `needs read inside ${counted(inside.length, 'copy', 'copies')}, ${byDates}`;
}
