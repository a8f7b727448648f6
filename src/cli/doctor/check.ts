import type { BlindSpot } from '../../model/evidence.ts';
import { MINUTE } from '../../model/instant.ts';

export type CheckStatus = 'ok' | 'warning' | 'problem';

/** One thing that was looked at. */
export interface Check {
  readonly area: string;
  readonly status: CheckStatus;
  /** A sentence without its final period. */
  readonly what: string;
  /** What to change; null where nothing has to be. */
  readonly change: string | null;
  /** Of a problem: what was written wrongly, or a source that could not be asked. */
  readonly blames: 'configuration' | 'source' | null;
}

export function ok(area: string, what: string): Check {
  return { area, status: 'ok', what, change: null, blames: null };
}

export function warning(area: string, what: string, change: string): Check {
  return { area, status: 'warning', what, change, blames: null };
}

/** A mistake of the operator's: exit code 3. */
export function mistake(area: string, what: string, change: string): Check {
  return { area, status: 'problem', what, change, blames: 'configuration' };
}

/** A source that could not be checked: exit code 2. */
export function unanswered(area: string, name: string, { reason, detail, remedy }: BlindSpot): Check {
  return { area, status: 'problem', what: `${name}: ${detail} (${reason})`, change: remedy, blames: 'source' };
}

/** Nothing where the clock agrees or is not told. */
export function clockChecks(
  area: string,
  name: string,
  offsetMillis: number | null,
  toleranceMinutes: number,
): readonly Check[] {
  if (offsetMillis === null || Math.abs(offsetMillis) <= toleranceMinutes * MINUTE) return [];
  const minutes = Math.round(Math.abs(offsetMillis) / MINUTE);
  const direction = offsetMillis > 0 ? 'ahead of' : 'behind';
  return [
    warning(
      area,
      `${name}: its clock is ${minutes} min ${direction} this machine's; ${toleranceMinutes} min are tolerated`,
      'Synchronize both clocks (NTP): the age of a copy is judged by them.',
    ),
  ];
}
