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
  /** When the storage was listed. */
  readonly listedAt: Instant;
}

/** Tolerance between the clocks of the dumping machine and of the storage. */
const CLOCKS = 5 * MINUTE;

/**
 * Why the time inside a dump proves no moment; null where nothing contradicts it. A file is not older than the start of
 * the dump in it, in whatever zone that is read. Where it is, the dumping host's clock is ahead, or a tool set the file's
 * time: neither of the two times can then be taken for true, and the dump may be older than both tell.
 */
export function momentDoubt(times: DumpTimes): string | null {
  const earliest = earliestStart(times);
  if (earliest === null || earliest <= latestStart(times)) return null;
  return `the start time inside it is later than the time of its file (${times.modifiedAt}), which no time zone explains`;
}

/** The moment of a dump; null where neither the artifact nor a run record tells it. */
export function dumpMoment(times: DumpTimes): Moment | null {
  const { startedLocal, startedAt, recordedStart, timeZone } = times;
  if (momentDoubt(times) !== null && !isAhead(times)) {
    return recordedMoment(recordedStart, 'as the time inside the dump is later than its file');
  }
  if (startedAt !== null) return { notBefore: startedAt, notAfter: startedAt, origin: 'start time inside the dump' };
  if (startedLocal === null) return recordedMoment(recordedStart, 'as the dump holds no time');
  const written = latestStart(times);
  if (timeZone !== null) {
    const readings = localToInstants(startedLocal, timeZone);
    const plausible = readings.filter((millis) => millis <= written);
    const used = plausible.length > 0 ? plausible : readings;
    const [earliest] = used;
    const latest = used.at(-1);
    // Later than its own file: the dump ran in another zone than the declared one, unless no zone explains it.
    const impossible = plausible.length === 0 && anyZone(startedLocal).earliest <= written;
    if (!impossible && earliest !== undefined && latest !== undefined) {
      return {
        notBefore: toInstant(earliest),
        notAfter: toInstant(latest),
        origin: `start time inside the dump, read in zone ${timeZone}`,
      };
    }
  }
  return unknownZone(startedLocal, written, recordedStart);
}

function recordedMoment(recordedStart: Instant | null, because: string): Moment | null {
  if (recordedStart === null) return null;
  return {
    notBefore: recordedStart,
    notAfter: recordedStart,
    origin: `run record with the same checksum, ${because}`,
  };
}

/** Whether the dump would start after its storage was listed: its time is told all the same, as one that is to come. */
function isAhead(times: DumpTimes): boolean {
  const earliest = earliestStart(times);
  return earliest !== null && earliest > toMillis(times.listedAt) + CLOCKS;
}

function latestStart({ modifiedAt }: DumpTimes): number {
  return toMillis(modifiedAt) + CLOCKS;
}

/** The earliest instant that the time inside can mean. */
function earliestStart({ startedAt, startedLocal }: DumpTimes): number | null {
  if (startedAt !== null) return toMillis(startedAt);
  return startedLocal === null ? null : anyZone(startedLocal).earliest;
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
