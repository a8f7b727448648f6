import { type Instant, toInstant } from '../../model/instant.ts';

const TIME =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?)?$/;

/**
 * A time with its distance from UTC, as Python writes an aware datetime (`str(datetime)`: `2026-11-22
 * 21:42:33.536018+00:00`) and Go one (RFC 3339). Null where it is written without a distance: which zone the machine
 * had then is not told. Fractions of a millisecond are dropped.
 *
 * @throws RangeError when it is no time
 */
export function zonedTime(text: string): Instant | null {
  const match = TIME.exec(text);
  const [, day = '', time = '', fraction = '', utc, sign, hours = '0', minutes = '0', seconds = '0'] = match ?? [];
  const asUtc = Date.parse(`${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
  // A day that the month does not have would be read as one of the next month.
  if (match === null || Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(day)) {
    throw new RangeError(`not a time: ${JSON.stringify(text.slice(0, 40))}`);
  }
  if (utc !== undefined) return toInstant(asUtc);
  if (sign === undefined) return null;
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return toInstant(sign === '-' ? asUtc + offset : asUtc - offset);
}
