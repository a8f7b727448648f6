import { describe, expect, it } from 'vitest';
import { datedByBundle, NOTHING_JOINED } from '../../../src/collect/recorded/joined-hosts.ts';
import type { KeyLine, ProviderLine } from '../../../src/collect/recorded/provider-lines.ts';
import type {
  RecordedLocation,
  RecordedReading,
  RecordedSnapshot,
} from '../../../src/collect/recorded/recorded-location.ts';
import { unitedProviders } from '../../../src/collect/recorded/recorded-provider.ts';
import { unitedLocations } from '../../../src/collect/recorded/united-locations.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { ago, evidence, LOCATION } from '../../evaluate/fixture.ts';
import { providerAnswer } from './provider-answer.ts';

const BLIND = { reason: 'unreachable', detail: 'gone', remedy: 'Bring it back.' } as const;

interface Sketch {
  readonly at: string;
  readonly host?: string;
  readonly files?: Readonly<Record<string, number>>;
  readonly readings?: Readonly<Record<string, RecordedReading>>;
  readonly failure?: RecordedLocation['failure'];
  readonly fileSet?: RecordedLocation['fileSet'];
  readonly changes?: Partial<RecordedLocation>;
}

function recorded(sketch: Sketch): RecordedLocation {
  const { at, host = 'backup-1', files = {}, readings = {}, failure = null, fileSet = null, changes } = sketch;
  return {
    name: 'dumps',
    host,
    collectedAt: at,
    listedAt: at,
    locator: '/backups',
    attachment: 'local',
    files: Object.entries(files).map(([path, bytes]) => ({ path, bytes, modifiedAt: ago(40 * HOUR) })),
    links: [],
    failure,
    reading: (path, depth) => (depth === 'structure' ? (readings[path] ?? null) : null),
    digests: () => null,
    fileSet,
    snapshots: [],
    copySample: () => null,
    notSnapshots: [],
    snapshotsBlindSpot: null,
    physical: new Map(),
    packages: null,
    ...changes,
  };
}

const said = (what: string): RecordedReading => ({ readAt: ago(HOUR), outcome: { kind: 'foreign', what } });
const failed: RecordedReading = { readAt: ago(HOUR), outcome: { failure: BLIND } };

describe('one location in two bundles', () => {
  const [early, late] = [ago(9 * HOUR), ago(HOUR)];

  it('is the union of what two hosts see there, whichever comes first, and as old as the older one', () => {
    const one = recorded({ at: early, files: { a: 1, b: 1 } });
    const other = recorded({ at: late, host: 'backup-2', files: { b: 1, c: 1 } });
    for (const united of [unitedLocations(one, other), unitedLocations(other, one)]) {
      expect(united.files.map(({ path }) => path).sort()).toEqual(['a', 'b', 'c']);
      expect(united.collectedAt).toBe(early);
    }
  });

  it('holds what the host sees there that looked last, and not what it saw before', () => {
    const one = recorded({ at: early, files: { a: 1, b: 1 } });
    const other = recorded({ at: late, host: 'BACKUP-1.example.org', files: { b: 1 } });
    for (const united of [unitedLocations(one, other), unitedLocations(other, one)]) {
      expect(united.files.map(({ path }) => path)).toEqual(['b']);
    }
  });

  it('read at another path is another place', () => {
    const moved = recorded({ at: late, host: 'backup-2', changes: { locator: '/elsewhere' } });
    expect(unitedLocations(recorded({ at: early, files: { a: 1 } }), moved)).toBe(moved);
  });

  it('of two answers about a file has the newer one, and of a file that was replaced none of the older', () => {
    const one = recorded({ at: early, files: { a: 1, b: 1 }, readings: { a: said('old'), b: said('old') } });
    const other = recorded({ at: late, files: { a: 1, b: 2 }, readings: { a: said('new') } });
    const united = unitedLocations(one, other);
    expect(united.reading('a', 'structure')).toEqual(said('new'));
    expect(united.reading('b', 'structure')).toBeNull();
    expect(united.files.find(({ path }) => path === 'b')?.bytes).toBe(2);
  });

  it('has the newer set of copies of files, also where that could not be read', () => {
    const set = { definition: 'x', kept: [], deepest: null, isDeclared: false, copies: [], blindSpot: null };
    const unread = { ...set, copies: null, blindSpot: BLIND };
    const older = recorded({ at: ago(2 * HOUR), files: { a: 1 }, fileSet: set });
    const newerSet = { ...set, definition: 'y' };
    const united = (fileSet: RecordedLocation['fileSet']) =>
      unitedLocations(older, recorded({ at: ago(HOUR), files: { a: 1 }, fileSet })).fileSet;
    expect(united(newerSet)).toBe(newerSet);
    expect(united(unread)).toBe(unread);
    expect(united(null)).toBe(set);
  });

  it('is not known any more where the later look failed, in whatever order the bundles were named', () => {
    const answered = recorded({ at: early, files: { a: 1 }, readings: { a: said('seen') } });
    for (const at of [late, early]) {
      const gone = recorded({ at, failure: BLIND });
      expect(unitedLocations(answered, gone)).toBe(gone);
      expect(unitedLocations(gone, answered)).toBe(gone);
    }
    const partly = recorded({ at: late, files: { a: 1 }, readings: { a: failed }, failure: BLIND });
    const united = unitedLocations(answered, partly);
    expect(united.failure).toEqual(BLIND);
    expect(united.reading('a', 'structure')).toEqual(failed);
  });

  it('is known where the look that failed came before', () => {
    const answered = recorded({ at: late, files: { a: 1 } });
    expect(unitedLocations(recorded({ at: early, failure: BLIND }), answered)).toBe(answered);
  });

  it('is known where another host than the one that reaches it could not see it', () => {
    const answered = recorded({ at: early, files: { a: 1 } });
    const elsewhere = recorded({ at: late, host: 'auditor', failure: BLIND });
    expect(unitedLocations(answered, elsewhere, 'backup-1.example.org')).toBe(answered);
    expect(unitedLocations(elsewhere, answered, 'backup-1.example.org')).toBe(answered);
    // That host may never have been able to.
    expect(unitedLocations(answered, elsewhere)).toBe(answered);
    expect(unitedLocations(answered, elsewhere, 'auditor')).toBe(elsewhere);
  });

  it('lets no full reading of before stand where the file could not be read any more', () => {
    const full = said('whole');
    const answered = recorded({ at: early, files: { a: 1 }, changes: { reading: () => full } });
    const reading = (readings: Sketch['readings']) =>
      unitedLocations(answered, recorded({ at: late, files: { a: 1 }, ...(readings && { readings }) })).reading(
        'a',
        'full',
      );
    expect(reading({ a: failed })).toBeNull();
    expect(reading({ a: said('seen') })).toBe(full);
    expect(reading({})).toBe(full);
  });

  it('holds no copies of clusters, snapshots and packages of before that could not be read any more', () => {
    const cluster = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };
    const snapshot = { fact: { path: 'vault.snap' }, holds: () => true } as unknown as RecordedSnapshot;
    const before = { physical: new Map([['wal-g', cluster]]), snapshots: [snapshot], packages: [] };
    const answered = recorded({ at: early, changes: before });
    const later = (changes: Partial<RecordedLocation>) => unitedLocations(answered, recorded({ at: late, changes }));
    const unread = { ...cluster, blindSpot: BLIND };
    const united = later({ physical: new Map([['wal-g', unread]]), snapshotsBlindSpot: BLIND });
    expect(united.physical.get('wal-g')).toBe(unread);
    expect(united.snapshots).toEqual([]);
    expect(united.snapshotsBlindSpot).toEqual(BLIND);
    expect(united.packages).toBeNull();
    const notAsked = later({ snapshotsBlindSpot: { ...BLIND, reason: 'not-asked' } });
    expect(notAsked.snapshots).toEqual([snapshot]);
    expect(notAsked.physical.get('wal-g')).toBe(cluster);
  });
});

function asked(at: string, keys: Readonly<Record<string, 'enabled' | 'blind'>>, options: Partial<ProviderLine> = {}) {
  const lines = Object.entries(keys).map(([keyRef, state]): [string, KeyLine] => [
    keyRef,
    {
      type: 'key',
      provider: 'hsm',
      keyRef,
      collectedAt: at,
      state: { items: [], blindSpot: state === 'blind' ? BLIND : null },
      settings: null,
      rotation: null,
      peer: null,
    },
  ]);
  return {
    id: 'hsm',
    host: 'vault-room',
    collectedAt: at,
    itself: providerAnswer(at, options),
    keys: new Map(lines),
    proofs: new Map(),
    sampleDigest: () => null,
  };
}

describe('one key provider in two bundles', () => {
  const [early, late] = [ago(9 * HOUR), ago(HOUR)];

  it('answers as it did last, and is as new as that', () => {
    const united = unitedProviders(asked(early, { a: 'enabled' }), asked(late, { a: 'enabled', b: 'enabled' }));
    expect(united.collectedAt).toBe(late);
    expect(united.keys.get('a')?.collectedAt).toBe(late);
  });

  it('is as old as the oldest answer that is in it: of a key that only the older bundle asks about', () => {
    const united = unitedProviders(asked(late, {}), asked(early, { a: 'enabled' }));
    expect(united.collectedAt).toBe(early);
    expect(united.keys.get('a')?.state.blindSpot).toBeNull();
  });

  it('lets no answer about a key outlive a later one that failed', () => {
    const united = unitedProviders(asked(late, { a: 'blind' }), asked(early, { a: 'enabled' }));
    expect(united.keys.get('a')?.state.blindSpot).toEqual(BLIND);
    expect(united.collectedAt).toBe(late);
  });

  it('that did not answer any more is not known, nor are its keys', () => {
    for (const at of [late, early]) {
      const gone = asked(at, {}, { state: { items: [], blindSpot: BLIND } });
      const answered = asked(early, { a: 'enabled' });
      expect(unitedProviders(gone, answered)).toBe(gone);
      expect(unitedProviders(answered, gone)).toBe(gone);
    }
  });

  it('is known where another host than the one that reaches it had no answer', () => {
    const answered = asked(early, { a: 'enabled' });
    const elsewhere = { ...asked(late, {}, { state: { items: [], blindSpot: BLIND } }), host: 'auditor' };
    expect(unitedProviders(elsewhere, answered, 'vault-room')).toBe(answered);
    expect(unitedProviders(answered, elsewhere, 'vault-room')).toBe(answered);
    expect(unitedProviders(answered, elsewhere)).toBe(answered);
    expect(unitedProviders(answered, elsewhere, 'auditor')).toBe(elsewhere);
  });

  it('is not united with what is reached otherwise', () => {
    const other = asked(early, { a: 'enabled' }, { definition: 'another token' });
    expect(unitedProviders(asked(late, {}), other).keys.size).toBe(0);
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
    provider: (id: string) => (id === 'hsm' ? asked(ago(9 * HOUR), {}) : null),
  };

  it('keeps the time at which a provider was asked, but for what no provider answers', () => {
    const dated = datedByBundle(
      [
        evidence('provider-state', LOCATION, [], { source: 'provider hsm' }),
        evidence('key-peer', LOCATION, [], { source: 'peer of provider hsm' }),
        evidence('provider-state', LOCATION, [], { source: 'provider vault' }),
        evidence('custody', LOCATION, [], { source: 'provider hsm' }),
        evidence('snapshot-key', LOCATION, [], { source: 'provider hsm' }),
      ],
      joined,
    ).map(({ collectedAt }) => collectedAt);
    expect(dated).toEqual([ago(9 * HOUR), ago(9 * HOUR), ago(0), ago(0), ago(0)]);
  });

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
