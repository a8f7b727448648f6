import { describe, expect, test } from 'vitest';
import { judgeSnapshots, type SnapshotFacts, standsApart } from '../../src/evaluate/key-snapshots.ts';
import { servingSnapshots } from '../../src/evaluate/served-keys.ts';
import type { Observation } from '../../src/model/control.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY, MINUTE, SECOND, toInstant, toMillis } from '../../src/model/instant.ts';
import type { Subject } from '../../src/model/subject.ts';
import { AS_OF, ago, fact, LOCATION, PROVIDER, policyOf, TENANT_KEYRING } from './fixture.ts';

function seen<K extends FactKind>(kind: K, about: Subject, changes: Partial<Facts[K]> = {}): Observation<K> {
  return { value: fact(kind, changes), subject: about, evidenceId: 'e', grade: 'observed', collectedAt: AS_OF };
}

function facts(changes: Partial<SnapshotFacts> = {}): SnapshotFacts {
  return {
    snapshots: [seen('provider-snapshot', PROVIDER)],
    providers: [seen('provider-state', PROVIDER)],
    providerDomains: [seen('failure-domain', PROVIDER, { host: 'install-1' })],
    locationDomains: [seen('failure-domain', LOCATION, { host: 'backup-1' })],
    ...changes,
  };
}

function only(changes: Partial<SnapshotFacts>) {
  const [snapshot] = judgeSnapshots(facts(changes), policyOf().loss, AS_OF);
  if (snapshot === undefined) throw new Error('no snapshot');
  return snapshot;
}

const snapshot = (changes: Partial<Facts['provider-snapshot']>) => seen('provider-snapshot', PROVIDER, changes);

describe('a snapshot', () => {
  test('is good where it is whole and holds a mount of this Vault', () => {
    expect(only({})).toMatchObject({ good: 'holds', survives: 'holds', apart: 'holds', fromTheFuture: false });
  });

  test.each([
    ['cut short', { complete: false }],
    ['with other checksums', { checksumsMatch: false }],
    ['of another Vault', { mountUuids: ['mount-9'] }],
  ])('%s is not', (_, changes) => {
    expect(only({ snapshots: [snapshot(changes)] }).good).toBe('fails');
  });

  test('is unknown where the live Vault does not tell its mounts', () => {
    expect(only({ providers: [seen('provider-state', PROVIDER, { mounts: null })] }).good).toBe('unknown');
    expect(only({ providers: [] }).good).toBe('unknown');
  });

  test.each([
    ['whole', {}, 'it holds none of the mounts of this Vault; it may be of vault-2'],
    ['cut short', { complete: false, because: 'it is cut short' }, 'it is cut short; it may be of vault-2'],
  ])(
    'that may be of a provider that did not tell its mounts is not known to be of this one: %s',
    (_, changes, because) => {
      const judged = only({
        snapshots: [snapshot({ mountUuids: ['mount-9'], mayBeOf: ['vault-2'], sealType: 'transit', ...changes })],
      });
      expect(judged.goodBecause).not.toContain('seal was changed');
      expect(judged.good).toBe('unknown');
      expect(judged.goodBecause).toContain(because);
    },
  );

  test('of files that holds none of the mounts may be from before they were made, where nothing else is known', () => {
    const copy: Partial<Facts['provider-snapshot']> = {
      storage: 'file',
      mountUuids: ['mount-9'],
      raftServerIds: [],
      copiedWhileStopped: true,
    };
    const live = { storageType: 'file', raftServers: null } as const;
    const of = (changes: Partial<Facts['provider-state']>, others: Partial<Facts['provider-snapshot']> = {}) =>
      only({
        snapshots: [snapshot({ ...copy, ...others })],
        providers: [seen('provider-state', PROVIDER, { ...live, ...changes })],
      });
    expect(of({})).toMatchObject({ good: 'unknown' });
    expect(of({}).goodBecause).toContain('from before these mounts were made');
    expect(of({ otherMounts: ['mount-8'] })).toMatchObject({ good: 'fails' });
    expect(of({}, { mountUuids: [] })).toMatchObject({ good: 'fails' });
    expect(of({}, { mountUuids: [] }).goodBecause).toContain('it is a part of a copy');
  });

  test('of files that are of several moments may open nothing', () => {
    const copy = { storage: 'file', copiedWhileStopped: true } as const;
    const of = (changes: Partial<Facts['provider-snapshot']>) =>
      only({ snapshots: [snapshot({ ...copy, raftServerIds: [], ...changes })] });
    expect(of({}).good).toBe('holds');
    expect(of({ lackingTerm: 2 })).toMatchObject({ good: 'unknown' });
    expect(of({ lackingTerm: 2 }).goodBecause).toContain('core/keyring is older than entries from before');
  });

  test.each([
    ['under another seal', { sealType: 'transit' }, 'taken before the seal was changed from transit to shamir'],
    [
      'before the shares were rekeyed',
      { sealShares: 3, sealThreshold: 2 },
      'opens with 2 of 3 unseal shares of before',
    ],
    ['by a Vault whose seal it does not tell', { sealType: null }, 'it does not tell what seals it'],
  ])('taken %s is not known to be of use', (_, changes, because) => {
    const judged = only({ snapshots: [snapshot(changes)] });
    expect(judged).toMatchObject({ good: 'unknown', whole: 'holds' });
    expect(judged.goodBecause).toContain(because);
    expect(only({ snapshots: [snapshot({ ...changes, complete: false })] }).good).toBe('fails');
  });

  test('of a Vault that unseals itself opens whoever holds the recovery shares by now', () => {
    const judged = only({
      snapshots: [snapshot({ sealType: 'transit', sealShares: 3, sealThreshold: 2 })],
      providers: [seen('provider-state', PROVIDER, { sealType: 'transit' })],
    });
    expect(judged).toMatchObject({ good: 'holds', seal: { opens: 'holds', shares: 'unknown' } });
  });

  test('counts by where it stands', () => {
    const onHost = [seen('failure-domain', LOCATION, { host: 'install-1' })];
    expect(standsApart(only({ locationDomains: onHost }))).toBe('fails');
    expect(standsApart(only({ locationDomains: [] }))).toBe('unknown');
    const besideIt = [seen('failure-domain', PROVIDER, { host: 'backup-1' })];
    expect(only({ providerDomains: besideIt })).toMatchObject({ survives: 'holds', apart: 'fails' });
  });
});

test('snapshots come newest first, the worse of one instant before, undated ones last', () => {
  const list = [
    snapshot({ path: 'undated', takenAt: null }),
    snapshot({ path: 'old', takenAt: ago(3 * DAY) }),
    snapshot({ path: 'good', takenAt: ago(DAY) }),
    snapshot({ path: 'bad', takenAt: ago(DAY), complete: false }),
  ];
  const order = judgeSnapshots(facts({ snapshots: list }), policyOf().loss, AS_OF);
  expect(order.map((one) => one.observation.value.path)).toEqual(['bad', 'good', 'old', 'undated']);
});

describe('a key version is brought back by a snapshot', () => {
  const keys = [seen('snapshot-key', TENANT_KEYRING)];
  const exact = (days: number) => ({ earliest: ago(days * DAY), latest: ago(days * DAY) });
  const serving = (
    bound: Parameters<typeof servingSnapshots>[0],
    taken: string | null,
    held = keys,
    changes: Partial<Facts['provider-snapshot']> = {},
  ) =>
    servingSnapshots(
      bound,
      judgeSnapshots(facts({ snapshots: [snapshot({ takenAt: taken, ...changes })] }), policyOf().loss, AS_OF),
      held,
    ).truth;

  test('perhaps, where it was taken under another seal or before a rekeying', () => {
    expect(serving(exact(10), ago(DAY), keys, { sealType: 'transit' })).toBe('unknown');
    expect(serving(exact(10), ago(DAY), keys, { sealShares: 3, sealThreshold: 2 })).toBe('unknown');
  });

  test('not older than its creation', () => {
    expect(serving(exact(10), ago(10 * DAY - 2 * SECOND))).toBe('holds');
    expect(serving(exact(10), ago(10 * DAY + 2 * SECOND))).toBe('fails');
  });

  test.each([
    ['its header and the creation of a version have whole seconds', undefined, SECOND],
    ['Consul has a clock of its own', 'consul', 4 * MINUTE],
  ] as const)('perhaps, where it is of about the same moment: %s', (_, storage, millis) => {
    const held = (millisLater: number) => serving(exact(10), ago(10 * DAY - millisLater), keys, { storage });
    expect([held(millis), held(0), held(-millis)]).toEqual(['unknown', 'unknown', 'unknown']);
    expect([held(5 * MINUTE), held(-5 * MINUTE)]).toEqual(['holds', 'fails']);
  });

  test('perhaps, where another key came about then', () => {
    const bound = { earliest: null, latest: ago(20 * DAY), replaced: { by: ago(10 * DAY), exact: true } };
    expect(serving(bound, ago(10 * DAY + MINUTE))).toBe('holds');
    expect(serving(bound, ago(10 * DAY + SECOND))).toBe('unknown');
    expect(serving(bound, ago(10 * DAY - SECOND))).toBe('unknown');
    expect(serving(bound, ago(10 * DAY - MINUTE))).toBe('fails');
  });

  test('a bound suffices; one between the bounds, or without any, is unknown', () => {
    const bound = { earliest: ago(20 * DAY), latest: ago(10 * DAY) };
    expect(serving(bound, ago(9 * DAY))).toBe('holds');
    expect(serving(bound, ago(15 * DAY))).toBe('unknown');
    expect(serving(bound, ago(25 * DAY))).toBe('fails');
    expect(serving({ earliest: null, latest: null }, ago(DAY))).toBe('unknown');
    expect(serving(exact(10), null)).toBe('unknown');
  });

  test('that holds its path and is not from the future', () => {
    expect(serving(exact(10), ago(DAY), [])).toBe('fails');
    expect(serving(exact(10), ago(DAY), [seen('snapshot-key', TENANT_KEYRING, { present: false })])).toBe('fails');
    expect(serving(exact(10), ago(-DAY))).toBe('fails');
  });

  test('where the caller says it must stand', () => {
    const besideIt = facts({ locationDomains: [seen('failure-domain', LOCATION, { host: 'install-1' })] });
    const judged = judgeSnapshots(besideIt, { level: 'host', name: 'other-host' }, AS_OF);
    const moment = snapshot({}).value.takenAt;
    if (moment === null) throw new Error('no time');
    const before = toInstant(toMillis(moment) - MINUTE);
    const bound = { earliest: before, latest: before };
    expect(servingSnapshots(bound, judged, keys).truth).toBe('fails');
    expect(servingSnapshots(bound, judged, keys, (one) => one.survives).truth).toBe('holds');
  });
});

describe('a snapshot of a Vault that has the same mounts', () => {
  const live = (changes: Partial<Facts['provider-state']> = {}) =>
    seen('provider-state', PROVIDER, {
      raftServers: [
        { id: 'node-1', address: 'vault1:8201' },
        { id: 'node-2', address: 'vault2:8201' },
      ],
      ...changes,
    });
  const of = (changes: Partial<Facts['provider-snapshot']>, providers = [live()]) =>
    only({ snapshots: [snapshot(changes)], providers });
  const servers = (...list: readonly (readonly [string, string])[]) => ({
    raftServerIds: list.map(([id]) => id),
    raftServers: list.map(([id, address]) => ({ id, address })),
  });

  test('counts where one of its servers is still there, others having come and gone', () => {
    const judged = of(servers(['node-0', 'vault0:8201'], ['node-1', 'vault1:8201']));
    expect(judged.good).toBe('holds');
    expect(judged.goodBecause).toContain('names servers of its raft cluster');
    expect(of({ raftServerIds: ['node-1'] }).good).toBe('holds');
  });

  test.each([
    ['other servers', servers(['node-7', 'test7:8201']), 'none of its raft servers is one of the live cluster'],
    ['the ids of the live servers elsewhere', servers(['node-1', 'test1:8201']), 'have other addresses than those'],
    [
      'a raft that is ahead',
      { raftIndex: 1001 },
      'raft index 1001 is ahead of the live cluster, which has applied 1000',
    ],
    [
      'a raft behind an older snapshot',
      { raftIndex: 800, indexBehind: { location: 'a', path: 'old.snap', raftIndex: 850 } },
      'raft index 800 is behind 850 of the older old.snap in a',
    ],
  ])('may be of a clone with %s', (_, changes, because) => {
    const judged = of(changes);
    expect(judged.good).toBe('unknown');
    expect(judged.goodBecause).toContain(because);
  });

  test('may be of a clone where the live Vault does not tell its servers', () => {
    const untold = [live({ raftServers: null, storageType: 'raft' })];
    const judged = of(servers(['node-1', 'vault1:8201']), untold);
    expect(judged.good).toBe('unknown');
    expect(judged.goodBecause).toContain('does not tell the servers of its raft cluster');
    expect(of({ complete: false, ...servers(['node-1', 'vault1:8201']) }, untold).good).toBe('fails');
    // One that stores elsewhere has no servers, and no clone by raft.
    expect(of(servers(['node-1', 'vault1:8201']), [live({ raftServers: null, storageType: 'consul' })]).good).toBe(
      'holds',
    );
  });

  test('is of another history where its term is ahead of the live cluster, which was made anew since', () => {
    const providers = [live({ raftTerm: 3 })];
    const judged = of({ raftTerm: 4 }, providers);
    expect(judged.good).toBe('unknown');
    expect(judged.goodBecause).toContain('from before this Vault was rolled back: its raft term 4 is ahead');
    expect(of({ raftTerm: 3 }, providers).good).toBe('holds');
    expect(of({ raftTerm: 4 }).good).toBe('holds');
    // An election since the live Vault was asked.
    expect(of({ raftTerm: 4, takenAt: AS_OF }, providers).good).toBe('holds');
  });

  test('may be ahead of what the live Vault told before it was taken', () => {
    expect(of({ raftIndex: 1001, takenAt: AS_OF }).good).toBe('holds');
  });

  describe('from before these had any key', () => {
    const empty = { mountUuids: ['identity'] };

    test.each([
      ['another mount of it', [live({ otherMounts: ['kv', 'identity'] })], []],
      ['a mount that stands beside its keys in another snapshot', [live()], [{ mountUuids: ['mount-1', 'identity'] }]],
    ])('is of this Vault where it holds %s', (_, providers, others) => {
      const judged = judgeSnapshots(
        facts({ snapshots: [{ path: 'empty', ...empty }, ...others].map(snapshot), providers }),
        policyOf().loss,
        AS_OF,
      ).find((one) => one.observation.value.path === 'empty');
      expect(judged?.good).toBe('holds');
      expect(judged?.goodBecause).toContain('nothing of the one that keeps the keys of this install');
    });

    test('is not known to be where only the servers are those of the live cluster', () => {
      const judged = of({ ...empty, ...servers(['node-1', 'vault1:8201']) }, [live({ otherMounts: ['kv'] })]);
      expect(judged.good).toBe('unknown');
      expect(judged.goodBecause).toContain('or of a Vault that ran on these servers before');
    });

    test.each([
      ['nothing else', [], {}],
      ['servers of the same ids at other addresses', [], servers(['node-1', 'test1:8201'])],
      ['a damaged one that holds both', [{ mountUuids: ['mount-1', 'identity'], complete: false }], {}],
    ])('is of another Vault where what it has in common is %s', (_, others, changes) => {
      const judged = judgeSnapshots(
        facts({ snapshots: [{ path: 'empty', ...empty, ...changes }, ...others].map(snapshot), providers: [live()] }),
        policyOf().loss,
        AS_OF,
      ).find((one) => one.observation.value.path === 'empty');
      expect(judged?.good).toBe('fails');
      expect(judged?.goodBecause).toContain('a snapshot of another Vault');
    });
  });

  test('is not behind one that is ahead of the live Vault itself', () => {
    const indexBehind = { location: 'a', path: 'clone.snap', raftIndex: 1001 };
    expect(of({ indexBehind }).good).toBe('holds');
  });

  test.each([
    ['the live Vault does not tell its servers', {}, { raftServers: null }],
    ['the snapshot names none', { raftServerIds: [], raftIndex: null }, {}],
  ])('counts by its mounts alone, and says that a clone has them, where %s', (_, changes, state) => {
    const judged = of(changes, [live(state)]);
    expect(judged.good).toBe('holds');
    expect(judged.goodBecause).toContain('which a clone of it would, too');
  });
});
