import type { BlindSpot } from '../../../../model/evidence.ts';

/** One blind spot for several: the reason of the first, with what all of them say. Null for none. */
export function joinedBlindSpot(spots: readonly BlindSpot[]): BlindSpot | null {
  const [first] = spots;
  if (first === undefined) return null;
  const details = [...new Set(spots.map(({ detail }) => detail))];
  const remedies = [...new Set(spots.map(({ remedy }) => remedy))];
  return { reason: first.reason, detail: details.join('; '), remedy: remedies.join(' ') };
}
