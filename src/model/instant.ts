/** A point in time as ISO 8601 text in UTC with millisecond precision, e.g. `2026-11-22T18:00:00.000Z`. Text, so that it survives JSON unchanged. */
export type Instant = string;

/** A span of time in which a moment lies. Both ends are inclusive; `notBefore` is never later than `notAfter`. */
export interface Interval {
  readonly notBefore: Instant;
  readonly notAfter: Instant;
}

/** Milliseconds since 1970-01-01T00:00:00Z. @throws RangeError when the text is not an instant. */
export function toMillis(instant: Instant): number {
  const millis = Date.parse(instant);
  if (Number.isNaN(millis)) throw new RangeError(`not an ISO 8601 instant: ${JSON.stringify(instant.slice(0, 40))}`);
  return millis;
}

/** The instant that lies `millis` milliseconds after 1970-01-01T00:00:00Z. @throws RangeError outside the years 0 to 9999. */
export function toInstant(millis: number): Instant {
  const text = new Date(millis).toISOString();
  if (text.length !== 24) throw new RangeError(`instant outside the years 0 to 9999: ${millis}`);
  return text;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
