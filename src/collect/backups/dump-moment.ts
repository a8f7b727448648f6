import type { Moment } from '../../model/facts.ts';
import { HOUR, type Instant, MINUTE, SECOND, toInstant, toMillis } from '../../model/instant.ts';

/**
 * When a dump is consistent as of. pg_dump archives store their start as local time of the machine that ran pg_dump,
 * without an offset, so the moment is an interval.
 */
export interface DumpTimes {
  /** Wall clock of the header, `YYYY-MM-DDTHH:MM:SS`; null where the format holds none. */
  readonly startedLocal: string | null;
  /** The start with its zone, where the artifact itself tells it. */
  readonly startedAt: Instant | null;
  /** When the storage says the artifact was last written: a dump does not start after that. */
  readonly modifiedAt: Instant;
  /** Declared zone of the location, else the plan's. */
  readonly timeZone: string | null;
  /** Start of the run that recorded exactly this artifact, by checksum. */
  readonly recordedStart: Instant | null;
}

/** Time zones lie between UTC−12 and UTC+14 (IANA time zone database). */
const WIDEST_OFFSET = 14 * HOUR;
/** Tolerance between the clocks of the dumping machine and of the storage. */
const CLOCKS = 5 * MINUTE;

/** The moment of a dump; null where neither the artifact nor a run record tells it. */
export function dumpMoment(times: DumpTimes): Moment | null {
  if (times.startedAt !== null) {
    return { notBefore: times.startedAt, notAfter: times.startedAt, origin: 'start time inside the dump' };
  }
  if (times.startedLocal === null) {
    if (times.recordedStart === null) return null;
    return {
      notBefore: times.recordedStart,
      notAfter: times.recordedStart,
      origin: 'run record with the same checksum, as the dump holds no time',
    };
  }
  const written = toMillis(times.modifiedAt) + CLOCKS;
  if (times.timeZone !== null) {
    const readings = localToInstants(times.startedLocal, times.timeZone);
    const plausible = readings.filter((millis) => millis <= written);
    const used = plausible.length > 0 ? plausible : readings;
    const [earliest] = used;
    const latest = used.at(-1);
    // Later than its own file: the dump ran in another zone than the declared one, unless no zone explains it.
    const impossible = plausible.length === 0 && anyZone(times.startedLocal).earliest <= written;
    if (!impossible && earliest !== undefined && latest !== undefined) {
      return {
        notBefore: toInstant(earliest),
        notAfter: toInstant(latest),
        origin: `start time inside the dump, read in zone ${times.timeZone}`,
      };
    }
  }
  return unknownZone(times.startedLocal, written, times.recordedStart);
}

function unknownZone(startedLocal: string, written: number, recordedStart: Instant | null): Moment {
  const { earliest, latest } = anyZone(startedLocal);
  const bounded = Math.min(latest, Math.max(written - CLOCKS, earliest));
  if (recordedStart !== null) {
    const recorded = toMillis(recordedStart);
    if (recorded >= earliest - CLOCKS && recorded <= bounded + CLOCKS) {
      return {
        notBefore: recordedStart,
        notAfter: recordedStart,
        origin: 'start time inside the dump, its zone by the run record',
      };
    }
  }
  return {
    notBefore: toInstant(earliest),
    notAfter: toInstant(bounded),
    origin: 'start time inside the dump, zone not known, not later than the file time',
  };
}

function anyZone(startedLocal: string): { readonly earliest: number; readonly latest: number } {
  const asUtc = toMillis(`${startedLocal}.000Z`);
  return { earliest: asUtc - WIDEST_OFFSET, latest: asUtc + WIDEST_OFFSET };
}

/**
 * The instants a wall clock time can mean in a zone, ascending: two in the hour that clocks go back, and in the hour
 * they go forward the instant just after the change.
 *
 * @throws RangeError when the zone is not known
 */
export function localToInstants(local: string, timeZone: string): readonly number[] {
  const asUtc = toMillis(`${local}.000Z`);
  const offsets = new Set(
    [asUtc - WIDEST_OFFSET, asUtc, asUtc + WIDEST_OFFSET].map((millis) => offsetAt(millis, timeZone)),
  );
  const exact = [...offsets]
    .map((offset) => asUtc - offset)
    .filter((millis) => offsetAt(millis, timeZone) === asUtc - millis);
  const instants = exact.length > 0 ? exact : [asUtc - Math.min(...offsets)];
  return [...new Set(instants)].sort((a, b) => a - b);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Offset of a zone from UTC in milliseconds, east positive. */
function offsetAt(millis: number, timeZone: string): number {
  let format = FORMATS.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    FORMATS.set(timeZone, format);
  }
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
