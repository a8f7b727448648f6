import { type Instant, toInstant } from '../../../../model/instant.ts';
import { localToInstants, WIDEST_OFFSET } from '../../../local-time.ts';

/**
 * When a wall clock showed a time: one instant in a known zone (two in the hour that clocks go back), else every
 * instant that some zone makes of it. Null for a day or time that does not exist.
 *
 * @param local `YYYY-MM-DDTHH:MM:SS`
 */
export function localInterval(
  local: string,
  timeZone: string | null,
): { readonly earliest: Instant; readonly latest: Instant } | null {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc) || asUtc < WIDEST_OFFSET) return null;
  if (timeZone === null)
    return { earliest: toInstant(asUtc - WIDEST_OFFSET), latest: toInstant(asUtc + WIDEST_OFFSET) };
  const instants = localToInstants(local, timeZone);
  return { earliest: toInstant(instants[0] ?? asUtc), latest: toInstant(instants.at(-1) ?? asUtc) };
}
