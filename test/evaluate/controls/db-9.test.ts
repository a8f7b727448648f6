import { describe, expect, test } from 'vitest';
import { db9 } from '../../../src/evaluate/controls/db-9.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase } from '../database-case.ts';
import { ACME, ago, CLUSTER, evidence, LOCATION } from '../fixture.ts';
import { clusterCopiesOfAge, ON_CLUSTER } from '../other-tools.ts';

/** Nightly copies at 02:00 UTC, the newest of them 16 h old. */
const nightly = (nights: number, changes: Partial<Facts['copy']> = {}) =>
  Array.from({ length: nights }, (_, night) => copyOfAge(16 + night * 24, changes));

interface Case extends DatabaseCase {
  readonly archives?: readonly Partial<Facts['wal-archive']>[];
}

function judge(seen: Case) {
  const archives = evidence('wal-archive', CLUSTER, seen.archives ?? []);
  return judgeDatabase(db9, { ...seen, installMore: [archives] });
}

const kept = (retentionDays: number | null) => [{ retentionDays }];

describe('the oldest copy', () => {
  test('is as old as the plan promises, less one period and grace', () => {
    const finding = judge({ copies: nightly(30) });
    expect(finding).toMatchObject({ status: 'pass' });
    expect(finding.because).toContain('copies reach back to 2026-10-24 02:00 UTC, 29 days old');
    expect(judge({ copies: nightly(29) }).status).toBe('fail');
  });

  test('falls short of what the plan promises, and the finding says whose promise it is', () => {
    const finding = judge({ copies: nightly(14) });
    expect(finding).toMatchObject({ status: 'fail', limit: { value: 30, origin: 'plan plan-1' } });
    expect(finding.because).toContain('the oldest copy that counts is from 2026-11-09 02:00 UTC, 13 days old');
    expect(judge({ copies: nightly(14), installPlans: kept(14) }).status).toBe('pass');
    expect(judge({ copies: nightly(14), installPlans: kept(365) }).status).toBe('fail');
  });

  test('is measured by 30 days where no plan promises anything, and by the duty of a policy where one is stated', () => {
    expect(judge({ copies: nightly(14), installPlans: kept(null) })).toMatchObject({
      status: 'fail',
      limit: { value: 30, origin: 'default' },
    });
    const policy = { organizationLimits: { [ACME]: { retentionDays: 90 } } };
    expect(judge({ copies: nightly(40), policy })).toMatchObject({ status: 'fail', limit: { value: 90 } });
    expect(judge({ copies: nightly(40), policy: { limits: { retentionDays: 10 } } })).toMatchObject({ status: 'pass' });
  });

  test('a disabled plan promises nothing', () => {
    const plans = [...kept(14), { planId: 'old', enabled: false, retentionDays: 400 }];
    expect(judge({ copies: nightly(14), installPlans: plans }).status).toBe('pass');
  });

  test('is of another database, damaged, or from before it was told: none of these counts', () => {
    const old = (changes: Partial<Facts['copy']>) => [...nightly(10), copyOfAge(31 * 24, changes)];
    expect(judge({ copies: old({}) }).status).toBe('pass');
    expect(judge({ copies: old({ nameAgrees: false, foundName: 'other' }) }).status).toBe('fail');
    expect(judge({ copies: old({ integrity: 'incomplete' }) }).status).toBe('fail');
    expect(judge({ copies: old({ integrity: 'unproven' }) }).status).toBe('unknown');
    expect(judge({ copies: old({ moment: null }) }).status).toBe('unknown');
  });

  test('reaches back to a weekly run by the period of that plan', () => {
    const weekly = [{ schedule: '0 2 * * 0', retentionDays: 56 }];
    const copies = Array.from({ length: 8 }, (_, week) => copyOfAge(16 + week * 7 * 24));
    expect(judge({ copies, installPlans: weekly }).status).toBe('pass');
    expect(judge({ copies: copies.slice(0, 7), installPlans: weekly }).status).toBe('fail');
  });

  test('no copy at all is a gap', () => {
    const finding = judge({ copies: [] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('no copy that counts was found');
  });
});

describe('a young database', () => {
  const born = (days: number) => [{ createdAt: ago(days * DAY) }];

  test('has no older copies than itself', () => {
    expect(judge({ copies: nightly(3), states: born(3.5) }).status).toBe('pass');
    expect(judge({ copies: nightly(3), states: born(10) }).status).toBe('fail');
    expect(judge({ copies: nightly(3), organizations: [{ createdAt: ago(3.5 * DAY) }] }).status).toBe('pass');
  });

  test('whose age nobody tells is unknown', () => {
    const seen = { copies: nightly(3), states: [{ createdAt: null }] };
    expect(judge({ ...seen, organizations: [] }).status).toBe('unknown');
    expect(judge({ copies: nightly(30), states: [{}], organizations: [] }).status).toBe('pass');
  });

  test('from the future is not young', () => {
    expect(judge({ copies: nightly(3), states: [{ createdAt: ago(-2 * DAY) }] }).status).not.toBe('pass');
  });
});

describe('a chain of a weekly full and daily incremental copies', () => {
  const physical: NonNullable<Facts['copy']['physical']> = {
    kind: 'incremental',
    label: 'I',
    builtOn: ['F'],
    systemIdentifier: '7300000000000000001',
    timeline: 1,
    endpoints: [],
    declaredServer: false,
    sameIdentifierClusters: 1,
    databaseOids: [16_400],
    lockedUntil: null,
  };
  const server = { host: 'db1', systemIdentifier: '7300000000000000001', timeline: 1, formerIdentifiers: [] };
  const chain = (changes: Partial<Facts['copy']>) =>
    Array.from({ length: 30 }, (_, night) => {
      const isFull = night % 7 === 0;
      return copyOfAge(16 + night * 24, {
        physical: { ...physical, kind: isFull ? 'full' : 'incremental', builtOn: isFull ? [] : ['F'] },
        ...(isFull ? {} : changes),
      });
    });
  const states = [{ server, createdAt: '2025-02-01T09:05:00.000Z' }];

  test('counts while every full one is there', () => {
    expect(judge({ copies: chain({}), states }).status).toBe('pass');
  });

  test('counts for nothing where the full ones are missing', () => {
    const broken = chain({ integrity: 'incomplete', integrityBecause: 'it builds on F, which is not there' });
    const finding = judge({ copies: broken.filter((copy) => copy.physical?.kind === 'incremental'), states });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('no copy that counts was found');
  });

  test('a continuous range needs no seven copies, and its archive tells how far it goes back', () => {
    const end = {
      location: 'repository',
      path: 'archive/main/18-1',
      physical: { ...physical, kind: 'continuous' as const },
    };
    const copies = [copyOfAge(1, end)];
    const archive = { restorableFrom: ago(29 * DAY), restorableTo: ago(HOUR) };
    expect(judge({ copies, states, archives: [archive] }).status).toBe('pass');
    expect(judge({ copies, states, archives: [{ ...archive, restorableTo: null }] }).status).toBe('fail');
    expect(judge({ copies, states, archives: [{ ...archive, restorableFrom: ago(10 * DAY) }] }).status).toBe('fail');
    const damaged = [{ ...copies[0], integrity: 'incomplete' as const }];
    expect(judge({ copies: damaged, states, archives: [archive] }).status).toBe('fail');
  });
});

describe('moments', () => {
  test('seven are wanted, however old the oldest is', () => {
    const few = [copyOfAge(31 * 24), ...nightly(5)];
    const finding = judge({ copies: few });
    expect(finding).toMatchObject({ status: 'fail', limit: { value: 7 } });
    expect(finding.because).toBe('6 moments can be restored; 7 are needed');
    expect(judge({ copies: [...few, copyOfAge(40)] }).status).toBe('fail');
    expect(judge({ copies: [copyOfAge(31 * 24), ...nightly(6)] }).status).toBe('pass');
  });

  test('the same moment in two locations is one', () => {
    const twice = [...nightly(3), ...nightly(3, { location: 'sets' }), copyOfAge(31 * 24)];
    expect(judge({ copies: twice }).because).toBe('4 moments can be restored; 7 are needed');
  });

  test('copies that may not count leave it open', () => {
    const open = [copyOfAge(31 * 24), ...nightly(5), copyOfAge(200, { integrity: 'unproven' })];
    expect(judge({ copies: open }).status).toBe('unknown');
  });
});

test('blind copies leave no gap, and take none that is there', () => {
  expect(judge({ copies: 'blind' }).status).toBe('unknown');
  expect(judge({ copies: nightly(14), installPlans: 'blind' }).status).toBe('unknown');
});

test('replication is no copy: a plan that replicates promises no moment', () => {
  const plans = [{ method: 'streaming replication', schedule: 'continuous', retentionDays: null }];
  expect(judge({ copies: [], installPlans: plans }).status).toBe('fail');
});

test('copies of several tools add up: two old ones of the cluster and young dumps reach as far as is asked', () => {
  const old = clusterCopiesOfAge([16 + 28 * 24, 16 + 29 * 24]);
  const [dumps, states] = [nightly(14), ON_CLUSTER];
  expect(judge({ copies: dumps, states })).toMatchObject({ status: 'fail' });
  expect(judge({ copies: [], states, more: old })).toMatchObject({ status: 'fail' });
  const both = judge({ copies: dumps, states, more: old });
  expect(both).toMatchObject({ status: 'pass', because: expect.stringContaining('29 days old') });
});

describe('a repository of pgBackRest, which does not tell how long it keeps its backups', () => {
  const range = clusterCopiesOfAge([1]).map((record) => ({
    ...record,
    items: record.items.map((item) => ofArchive(item as Facts['copy'])),
  })) as ReturnType<typeof clusterCopiesOfAge>;
  const keeps = (days: number, retentionDays: number) =>
    judge({
      copies: [],
      states: ON_CLUSTER,
      more: range,
      installPlans: [],
      declaredPlans: [{ planId: 'nightly', method: 'pgBackRest', retentionDays }],
      archives: [{ restorableFrom: ago(days * DAY), restorableTo: ago(HOUR) }],
    });

  test('is judged by the retention of the stated plan and by how far its archive goes back', () => {
    const limit = { value: 20, origin: 'plan nightly' };
    expect(keeps(20, 20)).toMatchObject({
      status: 'pass',
      limit,
      because: expect.stringContaining('every moment since'),
    });
    expect(keeps(10, 20)).toMatchObject({ status: 'fail', limit });
    expect(keeps(10, 10)).toMatchObject({ status: 'pass', limit: { value: 10, origin: 'plan nightly' } });
  });
});

/** The copy at the end of the WAL that `archive/main/18-1` holds. */
function ofArchive(copy: Facts['copy']): Facts['copy'] {
  const { physical } = copy;
  if (physical === undefined) throw new Error('it is of a cluster');
  return { ...copy, path: 'archive/main/18-1', physical: { ...physical, kind: 'continuous', builtOn: ['F'] } };
}

describe('rules of the bucket that holds the copies', () => {
  const inBucket = (
    rules: readonly Partial<Facts['store-lifecycle']>[],
    state: 'off' | 'enabled' = 'off',
    purposes = ['dumps'],
  ) =>
    judgeDatabase(db9, {
      copies: nightly(30),
      copyPlace: { kind: 's3', purposes },
      installMore: [
        evidence('wal-archive', CLUSTER, []),
        evidence('store-versioning', LOCATION, [{ state }]),
        evidence('store-lifecycle', LOCATION, rules),
      ],
    });
  const RULE = { ruleId: 'tidy', prefix: '', expiresAfterDays: 7 };

  test('that delete them before their time are a gap, though they are still there', () => {
    const finding = inBucket([RULE]);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(
      'lifecycle rule tidy of dumps deletes what lies there 7 days after it was written, and 30 days must be kept (plan plan-1)',
    );
  });

  test.each([
    ['in a bucket with versions', [RULE], 'enabled', ['dumps'], 'at best among the old versions'],
    ['with certain tags', [{ ...RULE, byTag: true }], 'off', ['dumps'], 'whether that is about this one is not known'],
    ['of a repository, below a prefix', [{ ...RULE, prefix: 'data/' }], 'off', ['restic'], 'whether that is about'],
  ] as const)('that delete what lies there %s leave it unknown', (_, rules, state, purposes, because) => {
    const finding = inBucket(rules, state, [...purposes]);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
  });

  test.each([
    ['later', [{ ...RULE, expiresAfterDays: 30 }]],
    ['elsewhere', [{ ...RULE, prefix: 'other/' }]],
    ['no more', [{ ...RULE, enabled: false }]],
    ['nothing', []],
  ])('that delete %s change nothing', (_, rules) => {
    expect(inBucket(rules).status).toBe('pass');
  });

  test('that move them to an archive are told', () => {
    const transitions = [{ storageClass: 'DEEP_ARCHIVE', afterDays: 3, on: null }];
    const finding = inBucket([{ ...RULE, expiresAfterDays: null, transitions }]);
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('in dumps lifecycle rule tidy moves files to DEEP_ARCHIVE after 3 days');
  });

  test('that nobody asked for leave it unknown', () => {
    const seen = {
      copies: nightly(30),
      copyPlace: { kind: 's3' },
      installMore: [evidence('wal-archive', CLUSTER, [])],
    };
    expect(judgeDatabase(db9, seen).status).toBe('unknown');
  });
});
