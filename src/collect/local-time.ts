import { HOUR, SECOND, toMillis } from '../model/instant.ts';

/** Time zones lie between UTC−12 and UTC+14 (IANA time zone database). Milliseconds. */
export const WIDEST_OFFSET = 14 * HOUR;

/**
 * The instants a wall clock time can mean in a zone, ascending: two in the hour that clocks go back, and in the hour
 * they go forward the instant just after the change. None where the zone is not known: plans of an inventory may state
 * anything.
 */
export function localToInstants(local: string, timeZone: string): readonly number[] {
  const format = formatOf(timeZone);
  if (format === null) return [];
  const asUtc = toMillis(`${local}.000Z`);
  const offsets = new Set(
    [asUtc - WIDEST_OFFSET, asUtc, asUtc + WIDEST_OFFSET].map((millis) => offsetAt(millis, format)),
  );
  const exact = [...offsets]
    .map((offset) => asUtc - offset)
    .filter((millis) => offsetAt(millis, format) === asUtc - millis);
  const instants = exact.length > 0 ? exact : [asUtc - Math.min(...offsets)];
  return [...new Set(instants)].sort((a, b) => a - b);
}

const FORMATS = new Map<string, Intl.DateTimeFormat | null>();

/** Null for a zone that is not known. */
function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const met = FORMATS.get(timeZone);
  if (met !== undefined) return met;
  const format = newFormat(timeZone);
  FORMATS.set(timeZone, format);
  return format;
}

function newFormat(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    // ECMA-402, section "CreateDateTimeFormat": a RangeError for a zone that is not available.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Offset of a zone from UTC in milliseconds, east positive. */
function offsetAt(millis: number, format: Intl.DateTimeFormat): number {
  const fields = Object.fromEntries(format.formatToParts(millis).map((part) => [part.type, Number(part.value)]));
  const wall = Date.UTC(
    fields['year'] ?? 0,
    (fields['month'] ?? 1) - 1,
    fields['day'] ?? 1,
    fields['hour'] ?? 0,
    fields['minute'] ?? 0,
    fields['second'] ?? 0,
  );
  return wall - Math.floor(millis / SECOND) * SECOND;
}
