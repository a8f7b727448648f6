import { type Instant, instantOrNull } from '../../../../model/instant.ts';
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
  // Date.parse takes the 31st of every month and rolls it over.
  if (asUtc < WIDEST_OFFSET || instantOrNull(asUtc)?.startsWith(local) !== true) return null;
  const instants =
    timeZone === null ? [asUtc - WIDEST_OFFSET, asUtc + WIDEST_OFFSET] : localToInstants(local, timeZone);
  const [earliest, latest] = [instantOrNull(instants[0] ?? asUtc), instantOrNull(instants.at(-1) ?? asUtc)];
  return earliest === null || latest === null ? null : { earliest, latest };
}
