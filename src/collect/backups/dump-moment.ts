import type { Moment } from '../../model/facts.ts';
import { type Instant, MINUTE, toInstant, toMillis } from '../../model/instant.ts';
import { localToInstants, WIDEST_OFFSET } from '../local-time.ts';

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
