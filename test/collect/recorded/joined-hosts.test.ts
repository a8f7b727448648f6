import { describe, expect, it } from 'vitest';
import { datedByBundle, NOTHING_JOINED, unitedLocations } from '../../../src/collect/recorded/joined-hosts.ts';
import type { RecordedLocation, RecordedReading } from '../../../src/collect/recorded/recorded-location.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { ago, evidence, LOCATION } from '../../evaluate/fixture.ts';

const BLIND = { reason: 'unreachable', detail: 'gone', remedy: 'Bring it back.' } as const;

interface Sketch {
  readonly at: string;
  readonly files?: Readonly<Record<string, number>>;
  readonly readings?: Readonly<Record<string, RecordedReading>>;
  readonly failure?: RecordedLocation['failure'];
}

function recorded({ at, files = {}, readings = {}, failure = null }: Sketch): RecordedLocation {
  return {
    name: 'dumps',
    host: 'backup-1',
    collectedAt: at,
    locator: '/backups',
    attachment: 'local',
    files: Object.entries(files).map(([path, bytes]) => ({ path, bytes, modifiedAt: ago(40 * HOUR) })),
    links: [],
    failure,
    reading: (path, depth) => (depth === 'structure' ? (readings[path] ?? null) : null),
    digests: () => null,
    snapshots: [],
    notSnapshots: [],
    snapshotsBlindSpot: null,
    physical: new Map(),
    packages: null,
  };
}

const said = (what: string): RecordedReading => ({ readAt: ago(HOUR), outcome: { kind: 'foreign', what } });
const failed: RecordedReading = { readAt: ago(HOUR), outcome: { failure: BLIND } };

describe('one location in two bundles', () => {
  const [early, late] = [ago(9 * HOUR), ago(HOUR)];

  it('is the union of what lies there, whichever comes first, and as old as the older one', () => {
    const one = recorded({ at: early, files: { a: 1, b: 1 } });
    const other = recorded({ at: late, files: { b: 1, c: 1 } });
    for (const united of [unitedLocations(one, other), unitedLocations(other, one)]) {
      expect(united.files.map(({ path }) => path).sort()).toEqual(['a', 'b', 'c']);
      expect(united.collectedAt).toBe(early);
    }
  });

  it('of two answers about a file has the newer one, and of a file that was replaced none of the older', () => {
    const one = recorded({ at: early, files: { a: 1, b: 1 }, readings: { a: said('old'), b: said('old') } });
    const other = recorded({ at: late, files: { a: 1, b: 2 }, readings: { a: said('new') } });
    const united = unitedLocations(one, other);
    expect(united.reading('a', 'structure')).toEqual(said('new'));
    expect(united.reading('b', 'structure')).toBeNull();
    expect(united.files.find(({ path }) => path === 'b')?.bytes).toBe(2);
  });

  it('lets no blind spot override an answer', () => {
    const answered = recorded({ at: early, files: { a: 1 }, readings: { a: said('seen') } });
    expect(unitedLocations(answered, recorded({ at: late, failure: BLIND }))).toBe(answered);
    expect(
      unitedLocations(recorded({ at: early, failure: BLIND }), { ...answered, collectedAt: late }).failure,
    ).toBeNull();
    const partly = recorded({ at: late, files: { a: 1 }, readings: { a: failed }, failure: BLIND });
    const united = unitedLocations(answered, partly);
    expect(united.failure).toBeNull();
    expect(united.reading('a', 'structure')).toEqual(said('seen'));
  });
});

describe('evidence of a joined bundle', () => {
  const joined = {
    ...NOTHING_JOINED,
    bundles: [
      {
        file: 'host.ndjson',
        installId: 'i',
        collectorHost: 'h',
        planId: 'p',
        toolVersion: '1',
        startedAt: ago(9 * HOUR),
        finishedAt: ago(9 * HOUR),
        digest: 'd',
        isAuthenticated: true,
      },
    ],
    location: (name: string) => (name === 'dumps' ? recorded({ at: ago(9 * HOUR) }) : null),
  };

  it('keeps the time at which its location was read, and other evidence its own', () => {
    const [copies, stated, other] = datedByBundle(
      [
        evidence('copy', LOCATION, [], { source: 'location dumps' }),
        evidence('failure-domain', LOCATION, [], { source: 'configuration' }),
        evidence('copy', LOCATION, [], { source: 'location elsewhere' }),
      ],
      joined,
    );
    expect(copies?.collectedAt).toBe(ago(9 * HOUR));
    expect([stated?.collectedAt, other?.collectedAt]).toEqual([ago(0), ago(0)]);
  });
});
