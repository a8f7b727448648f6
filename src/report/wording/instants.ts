import { neutralize } from './names.ts';
import { countText } from './numbers.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * An instant for people, in UTC to the minute (cut, not rounded): `2026-11-19 02:00 UTC`. A bare date stays a date.
 * Text that is neither is shown as it is, made harmless.
 */
export function instantText(instant: string): string {
  if (DATE.test(instant)) return instant;
  const millis = Date.parse(instant);
  if (Number.isNaN(millis)) return neutralize(instant);
  const iso = new Date(millis).toISOString();
  const cut = iso.lastIndexOf('T');
  return `${iso.slice(0, cut)} ${iso.slice(cut + 1, cut + 6)} UTC`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its largest fitting unit, cut: `less than a minute`, `5 minutes`, `26 hours`, `3 days`. Hours go up to 48. */
export function spanText(seconds: number): string {
  const length = Math.abs(seconds);
  if (length < MINUTE) return 'less than a minute';
  if (length < HOUR) return countText(Math.floor(length / MINUTE), 'minute');
  if (length < 2 * DAY) return countText(Math.floor(length / HOUR), 'hour');
  return countText(Math.floor(length / DAY), 'day');
}

/** An age: `3 days old`, `5 hours old`; a moment that is still to come: `2 hours in the future`. */
export function ageText(seconds: number): string {
  return seconds < 0 ? `${spanText(seconds)} in the future` : `${spanText(seconds)} old`;
}

/** Seconds from `earlier` to `later`; null where one of them is no instant. */
export function secondsBetween(earlier: string, later: string): number | null {
  const seconds = (Date.parse(later) - Date.parse(earlier)) / 1000;
  return Number.isNaN(seconds) ? null : seconds;
}

/** An instant with its age as of another: `2026-11-19 02:00 UTC, 3 days old`. */
export function instantWithAge(instant: string, asOf: string): string {
  const seconds = secondsBetween(instant, asOf);
  return seconds === null ? instantText(instant) : `${instantText(instant)}, ${ageText(seconds)}`;
}
