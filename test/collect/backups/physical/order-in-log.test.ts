import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contradictions, type PlacedCopy } from '../../../../src/collect/backups/physical/order-in-log.ts';
import type { SettledCopy } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { MINUTE, toInstant, toMillis } from '../../../../src/model/instant.ts';

const BEGIN = toMillis('2026-11-22T01:00:00.000Z');
const DAY_MINUTES = 24 * 60;

/** A copy that ended so many minutes after the beginning, at that place of the log. */
function copy(label: string, minutes: number, end: number, changes: Partial<SettledCopy> = {}): PlacedCopy {
  const moment = toInstant(BEGIN + minutes * MINUTE);
  const settled = {
    copy: {
      label,
      path: label,
      cluster: { systemIdentifier: '7555', endpoints: [], declaredServer: null },
      wal: { inside: true, firstSegment: null, lastSegment: null, stopLsn: `0/${end.toString(16).toUpperCase()}` },
    },
    kind: 'full',
    label,
    path: label,
    timeline: 1,
    moment: { notBefore: moment, notAfter: moment, origin: 'end of the backup' },
    ...changes,
  };
  return { settled: settled as unknown as SettledCopy, location: 'base', servers: ['db1'] };
}

function contradicted(copies: readonly PlacedCopy[]): Readonly<Record<string, string>> {
  const of = contradictions(copies);
  return Object.fromEntries(
    copies.flatMap((one) => {
      const other = of(one);
      return other === null ? [] : [[one.settled.label, other.settled.label]];
    }),
  );
}

describe('copies of one timeline, by time and by place in the log', () => {
  it('agree where each later one ends further', () => {
    const nightly = [1, 2, 3].map((night) => copy(`night-${night}`, night * DAY_MINUTES, night * 1000));
    expect(contradicted(nightly)).toEqual({});
    expect(contradicted(nightly.toReversed())).toEqual({});
  });

  it('contradict one another where a later one ends before: one is of a clone', () => {
    const nights = [1, 2, 4].map((night) => copy(`night-${night}`, night * DAY_MINUTES, night * 1000));
    const clone = copy('clone', 3 * DAY_MINUTES, 1500);
    expect(contradicted([...nights, clone])).toEqual({ clone: 'night-2', 'night-2': 'clone' });
  });

  it('are not compared within what clocks may differ, across timelines, clusters and servers, or without a place', () => {
    const first = copy('first', 0, 2000);
    const later = (changes: Partial<SettledCopy>) => copy('later', DAY_MINUTES, 1000, changes);
    expect(contradicted([first, later({})])).toEqual({ first: 'later', later: 'first' });
    expect(contradicted([first, copy('later', 4, 1000)])).toEqual({});
    expect(contradicted([first, later({ timeline: 2 })])).toEqual({});
    expect(contradicted([first, { ...later({}), servers: ['db2'] }])).toEqual({});
    expect(contradicted([first, later({ moment: null })])).toEqual({});
    const untold = later({});
    const wal = { ...untold.settled.copy.wal, stopLsn: null };
    const other = { ...untold.settled.copy, wal } as unknown as SettledCopy['copy'];
    expect(contradicted([first, later({ copy: other })])).toEqual({});
    const cluster = { ...untold.settled.copy.cluster, systemIdentifier: '8' };
    expect(contradicted([first, later({ copy: { ...untold.settled.copy, cluster } })])).toEqual({});
  });

  it('are found as comparing each with each finds them', () => {
    const place = fc.record({ minutes: fc.integer({ min: 0, max: 60 }), end: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 12 }), (places) => {
        const copies = places.map(({ minutes, end }, index) => copy(String(index), minutes, end));
        const pairs = places.flatMap((one, index) =>
          places.some(
            (other) =>
              (one.minutes > other.minutes + 5 && one.end < other.end) ||
              (other.minutes > one.minutes + 5 && other.end < one.end),
          )
            ? [String(index)]
            : [],
        );
        expect(Object.keys(contradicted(copies)).toSorted()).toEqual(pairs.toSorted());
      }),
    );
  });
});
