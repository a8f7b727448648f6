import type { Observation, Truth } from '../model/control.ts';
import { toMillis } from '../model/instant.ts';

/**
 * Whether a copy's moment is at most so old. A moment is an interval: where the limit falls inside it, nobody knows.
 *
 * @param now milliseconds since 1970
 * @param allowed milliseconds
 */
export function momentWithin(copy: Observation<'copy'>, now: number, allowed: number): Truth {
  const { moment } = copy.value;
  if (moment === null) return 'unknown';
  if (now - toMillis(moment.notBefore) <= allowed) return 'holds';
  return now - toMillis(moment.notAfter) > allowed ? 'fails' : 'unknown';
}
