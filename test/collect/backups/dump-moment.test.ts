import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DumpTimes, dumpMoment, momentDoubt } from '../../../src/collect/backups/dump-moment.ts';
import { HOUR, MINUTE, toInstant, toMillis } from '../../../src/model/instant.ts';

const BARE: DumpTimes = {
  startedLocal: '2026-11-22T02:00:00',
  startedAt: null,
  modifiedAt: '2026-11-22T02:10:00.000Z',
  timeZone: null,
  recordedStart: null,
  listedAt: '2026-12-02T00:00:00.000Z',
};
const moment = (change: Partial<DumpTimes>) => dumpMoment({ ...BARE, ...change });
const span = (change: Partial<DumpTimes>) => {
  const found = moment(change);
  return found === null ? null : [found.notBefore, found.notAfter];
};

describe('the moment of a dump', () => {
  it('is the instant inside, where the artifact tells its zone itself', () => {
    expect(span({ startedAt: '2026-11-22T01:00:00.000Z', timeZone: 'Asia/Tokyo' })).toEqual([
      '2026-11-22T01:00:00.000Z',
      '2026-11-22T01:00:00.000Z',
    ]);
  });

  it('is the header’s wall clock read in the declared zone', () => {
    expect(span({ timeZone: 'UTC' })).toEqual(['2026-11-22T02:00:00.000Z', '2026-11-22T02:00:00.000Z']);
    expect(span({ timeZone: 'Europe/Berlin' })).toEqual(['2026-11-22T01:00:00.000Z', '2026-11-22T01:00:00.000Z']);
    expect(span({ timeZone: 'Asia/Kolkata' })).toEqual(['2026-11-21T20:30:00.000Z', '2026-11-21T20:30:00.000Z']);
    expect(moment({ timeZone: 'UTC' })?.origin).toContain('read in zone UTC');
  });

  it('is anything a zone could make of it where the declared zone is none', () => {
    for (const timeZone of ['Mars/Base', '', 'Europe/Berlin\n', '+99:00']) {
      expect(moment({ timeZone })).toEqual(moment({ timeZone: null }));
    }
    expect(span({ timeZone: 'Mars/Base' })?.[0]).toBe('2026-11-21T12:00:00.000Z');
  });

  it('is either of two instants in the hour that clocks go back', () => {
    const back = { startedLocal: '2026-10-25T02:30:00', timeZone: 'Europe/Berlin' };
    expect(span({ ...back, modifiedAt: '2026-10-25T03:00:00.000Z' })).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
    // Written before the second reading: it was the first.
    expect(span({ ...back, modifiedAt: '2026-10-25T00:45:00.000Z' })).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ]);
  });

  it('is one instant in the hour that clocks skip', () => {
    const found = span({
      startedLocal: '2026-03-29T02:30:00',
      timeZone: 'Europe/Berlin',
      modifiedAt: '2026-03-29T03:00:00.000Z',
    });
    expect(found?.[0]).toBe(found?.[1]);
    expect(found?.[0]).toMatch(/^2026-03-29T0[01]:30:00/);
  });

  it('is not in the declared zone where that is later than its own file: the dump ran in another', () => {
    const tokyo = { startedLocal: '2026-11-22T11:00:00', modifiedAt: '2026-11-22T02:10:00.000Z' };
    expect(span({ ...tokyo, timeZone: 'UTC' })).toEqual(['2026-11-21T21:00:00.000Z', '2026-11-22T02:10:00.000Z']);
    expect(span({ ...tokyo, timeZone: 'Asia/Tokyo' })).toEqual([
      '2026-11-22T02:00:00.000Z',
      '2026-11-22T02:00:00.000Z',
    ]);
  });

  it('is not known where the dump would be younger than its own file in every zone', () => {
    const day = 24 * HOUR;
    for (const older of [15 * HOUR, 20 * HOUR, 2 * day, 40 * day, 20_000 * day]) {
      const modifiedAt = toInstant(toMillis('2026-11-22T02:00:00.000Z') - older);
      for (const timeZone of ['UTC', 'Europe/Berlin', 'Mars/Base', null]) {
        expect(moment({ modifiedAt, timeZone })).toBeNull();
        expect(momentDoubt({ ...BARE, modifiedAt, timeZone })).toContain(`the time of its file (${modifiedAt})`);
      }
      const startedAt = '2026-11-22T02:00:00.000Z';
      expect(moment({ modifiedAt, startedAt, startedLocal: null })).toBeNull();
      expect(moment({ modifiedAt, recordedStart: modifiedAt })?.notBefore).toBe(modifiedAt);
    }
    expect(moment({ startedAt: '2026-11-22T02:14:00.000Z' })?.notBefore).toBe('2026-11-22T02:14:00.000Z');
    expect(moment({ startedAt: '2026-11-22T02:16:00.000Z' })).toBeNull();
    expect(momentDoubt(BARE)).toBeNull();
    expect(momentDoubt({ ...BARE, startedLocal: null })).toBeNull();
  });

  it('stays in the future where no zone explains it', () => {
    const future = { startedLocal: '2031-01-01T00:00:00', modifiedAt: '2026-11-22T02:10:00.000Z' };
    expect(span({ ...future, timeZone: 'UTC' })?.[0]).toBe('2031-01-01T00:00:00.000Z');
    expect(span(future)?.[0]).toBe('2030-12-31T10:00:00.000Z');
  });

  it('without a zone lies within 14 h, and not after the file was written', () => {
    expect(span({})).toEqual(['2026-11-21T12:00:00.000Z', '2026-11-22T02:10:00.000Z']);
    expect(span({ modifiedAt: '2026-12-01T00:00:00.000Z' })).toEqual([
      '2026-11-21T12:00:00.000Z',
      '2026-11-22T16:00:00.000Z',
    ]);
  });

  it('takes the start of the run that recorded these bytes, where the header could mean it', () => {
    const run = { recordedStart: '2026-11-22T01:00:05.000Z' };
    expect(span(run)).toEqual([run.recordedStart, run.recordedStart]);
    expect(span({ recordedStart: '2026-11-10T01:00:00.000Z' })).toEqual(span({}));
    expect(span({ ...run, timeZone: 'UTC' })?.[0]).toBe('2026-11-22T02:00:00.000Z');
    expect(span({ ...run, startedLocal: null })).toEqual([run.recordedStart, run.recordedStart]);
  });

  it('is not known where neither the dump nor a run tells it', () => {
    expect(moment({ startedLocal: null })).toBeNull();
    expect(moment({ startedLocal: null, timeZone: 'UTC' })).toBeNull();
  });
});

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Australia/Lord_Howe',
];
const instants = fc.integer({ min: toMillis('2025-01-01T00:00:00.000Z'), max: toMillis('2027-01-01T00:00:00.000Z') });

/** The wall clock of a zone, as pg_dump writes it. */
function wallClock(millis: number, timeZone: string): string {
  const text = new Date(millis).toLocaleString('sv-SE', { timeZone });
  return text.replace(' ', 'T');
}

describe('for a dump that starts at any instant, in any zone, and is written later', () => {
  const dumps = fc.record({
    start: instants.map((millis) => Math.floor(millis / 1000) * 1000),
    took: fc.integer({ min: 0, max: 6 * HOUR }),
    zone: fc.constantFrom(...ZONES),
    declared: fc.option(fc.constantFrom(...ZONES)),
  });
  const momentOf = ({ start, took, zone }: { start: number; took: number; zone: string }, timeZone: string | null) =>
    dumpMoment({ ...BARE, startedLocal: wallClock(start, zone), modifiedAt: toInstant(start + took), timeZone });

  it('the interval holds the true instant where the zone is right or not stated', () => {
    fc.assert(
      fc.property(dumps, (dump) => {
        for (const timeZone of [dump.zone, null]) {
          const found = momentOf(dump, timeZone);
          expect(toMillis(found?.notBefore ?? '')).toBeLessThanOrEqual(dump.start);
          expect(toMillis(found?.notAfter ?? '')).toBeGreaterThanOrEqual(dump.start);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is an interval, never ends later than the file by more than clocks may differ, and is at most 28 h long', () => {
    fc.assert(
      fc.property(dumps, (dump) => {
        const found = momentOf(dump, dump.declared);
        const [from, to] = [toMillis(found?.notBefore ?? ''), toMillis(found?.notAfter ?? '')];
        expect(from).toBeLessThanOrEqual(to);
        expect(to).toBeLessThanOrEqual(dump.start + dump.took + 5 * MINUTE);
        expect(to - from).toBeLessThanOrEqual(28 * HOUR);
      }),
      { numRuns: 500 },
    );
  });

  it('is an hour wide at most where the zone is declared rightly', () => {
    fc.assert(
      fc.property(dumps, (dump) => {
        const found = momentOf(dump, dump.zone);
        expect(toMillis(found?.notAfter ?? '') - toMillis(found?.notBefore ?? '')).toBeLessThanOrEqual(HOUR);
      }),
      { numRuns: 500 },
    );
  });
});
