import { DAY, HOUR, type Instant, MINUTE, toMillis } from './instant.ts';

/** An instant as sentences print it, to the minute: `2026-11-19 02:00 UTC`. */
export function instantText(instant: Instant): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** A span in words, rounded down: `3 days`, `5 h`, `12 min`. @param millis milliseconds, not negative */
export function spanText(millis: number): string {
  if (millis >= 2 * DAY) return `${Math.floor(millis / DAY)} days`;
  if (millis >= HOUR) return `${Math.floor(millis / HOUR)} h`;
  return `${Math.floor(millis / MINUTE)} min`;
}

/** `2026-11-19 02:00 UTC, 3 days old`. */
export function agedText(instant: Instant, asOf: Instant): string {
  const age = toMillis(asOf) - toMillis(instant);
  return age < 0 ? `${instantText(instant)}, in the future` : `${instantText(instant)}, ${spanText(age)} old`;
}

/** A count with its noun: `1 copy`, `2 copies`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  // Formatting by locale is dear, and small numbers have no thousands to group.
  const text = count < 1000 ? String(count) : count.toLocaleString('en-US');
  return `${text} ${count === 1 ? singular : plural}`;
}

/** Sizes in powers of 1024: `872 B`, `4.2 KiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Control, formatting and line-separating characters: in the middle of a sentence they would break it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name from outside as a sentence prints it, on one line: `a\u{a}b`. */
export function onOneLine(name: string): string {
  return name.replaceAll(UNPRINTABLE, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}
