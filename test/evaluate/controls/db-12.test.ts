import { describe, expect, test } from 'vitest';
import { db12 } from '../../../src/evaluate/controls/db-12.ts';
import type { AnyEvidence } from '../../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase } from '../database-case.ts';
import { ago, evidence, INSTALL, INSTALL_NODES, LOCATION, node, subject, TENANT_DATABASE } from '../fixture.ts';

const SECOND = subject('location', 'second');
type Answer<K extends FactKind> = Partial<Facts[K]> | 'blind';

interface Case extends DatabaseCase {
  readonly lock?: Answer<'store-object-lock'>;
  readonly versioning?: Answer<'store-versioning'>;
  readonly secondLock?: Answer<'store-object-lock'>;
  readonly attested?: readonly Subject[];
  readonly expired?: boolean;
}

/** A bucket `dumps` that locks for 30 days, and a directory `second`. */
function judge(seen: Case = {}) {
  const { lock = {}, versioning = {}, secondLock = { enabled: false, mode: null, days: null }, attested = [] } = seen;
  const statement = (about: Subject) => {
    const dates = seen.expired === true ? { expires: ago(DAY) } : {};
    return evidence('declaration', about, [{ statement: 'offline-copy-kept', ...dates }], { grade: 'declared' });
  };
  return judgeDatabase(db12, {
    ...seen,
    installNodes: [...INSTALL_NODES, node(SECOND)],
    installMore: [
      answer('store-object-lock', LOCATION, lock),
      answer('store-versioning', LOCATION, versioning),
      answer('store-object-lock', SECOND, secondLock),
      answer('store-versioning', SECOND, { state: 'off' }),
      ...attested.filter(({ organizationId }) => organizationId === null).map(statement),
    ],
    more: attested.filter(({ organizationId }) => organizationId !== null).map(statement),
  });
}

function answer<K extends FactKind>(kind: K, about: Subject, fact: Answer<K>): AnyEvidence {
  return fact === 'blind' ? evidence(kind, about, [], { blind: true }) : evidence(kind, about, [fact]);
}

const IN_DIRECTORY = [copyOfAge(16, { location: 'second' })];

describe('a bucket', () => {
  test('that keeps versions and locks for the retention', () => {
    const finding = judge({ copies: [copyOfAge(16)] });
    expect(finding).toMatchObject({ status: 'pass', limit: { value: 30, origin: 'plan plan-1' }, grade: 'observed' });
    expect(finding.because).toBe(
      'tenant_acme-16h.dump in dumps: dumps locks for 30 days in COMPLIANCE mode: until 2026-12-22 02:00 UTC',
    );
  });

  test('that locks in GOVERNANCE mode passes, and the finding says what that is', () => {
    const finding = judge({ lock: { mode: 'GOVERNANCE' } });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('GOVERNANCE mode, which privileged users can lift');
  });

  test.each([
    ['locks nothing', { lock: { enabled: false, mode: null, days: null } }, 'dumps locks nothing'],
    ['keeps no versions', { versioning: { state: 'suspended' as const } }, 'versioning is suspended'],
    ['locks for less than the retention', { lock: { days: 29 } }, 'which is less than 30 days (plan plan-1)'],
    ['locked until yesterday', { copies: [copyOfAge(31 * 24)] }, 'its lock ended on 2026-11-21 18:00 UTC'],
  ])('that %s is a gap', (_, seen, because) => {
    const finding = judge(seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  test('whose default lock was set after a copy was written does not lock that', () => {
    const seen = { asked: 2, isEvery: false, lockedSince: null, newestOpen: null, newestUnlocked: null };
    const of = (more: object) => judge({ copies: [copyOfAge(16)], lock: { seen: { ...seen, ...more } } });
    expect(of({ lockedSince: ago(16 * HOUR) }).status).toBe('pass');
    expect(of({ lockedSince: ago(16 * HOUR), newestOpen: ago(17 * HOUR) }).status).toBe('pass');
    // Between the open one and the locked one, objects that nobody asked may be either.
    const between = { lockedSince: ago(2 * HOUR), newestOpen: ago(17 * HOUR) };
    expect(of(between).status).toBe('unknown');
    expect(of({ ...between, isEvery: true }).status).toBe('pass');
    const itself = of({ newestOpen: ago(16 * HOUR), newestUnlocked: ago(16 * HOUR) });
    expect(itself).toMatchObject({ status: 'fail', because: expect.stringContaining('the default was set later') });
    const later = { lockedSince: ago(HOUR), newestOpen: ago(2 * HOUR), newestUnlocked: ago(2 * HOUR) };
    expect(of(later).status).toBe('unknown');
    expect(of({ lockedSince: ago(HOUR), newestOpen: ago(2 * HOUR) })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('objects there do not tell whether they are locked'),
    });
    expect(of({}).status).toBe('unknown');
    expect(judge({ copies: [copyOfAge(16)], lock: { seen: undefined } })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('if it was written after that was set'),
    });
  });

  test('without a default lock may have locked this object by itself: unknown', () => {
    expect(judge({ lock: { enabled: true, mode: null, days: null } }).status).toBe('unknown');
  });

  test('that did not tell is unknown, unless what it told decides', () => {
    expect(judge({ lock: 'blind' }).status).toBe('unknown');
    expect(judge({ versioning: 'blind' }).status).toBe('unknown');
    expect(judge({ copies: IN_DIRECTORY, lock: 'blind', versioning: 'blind' }).status).toBe('fail');
    expect(judge({ copies: [copyOfAge(16)], secondLock: 'blind' }).status).toBe('pass');
  });

  test('is measured by the retention of the plan, of the policy, or 30 days', () => {
    const lock = { days: 14 };
    expect(judge({ lock, installPlans: [{ retentionDays: 14 }] }).status).toBe('pass');
    expect(judge({ lock, installPlans: [] })).toMatchObject({ status: 'fail', limit: { origin: 'default' } });
    const policy = { limits: { retentionDays: 365 } };
    expect(judge({ policy })).toMatchObject({ status: 'fail', limit: { value: 365, origin: 'policy' } });
    expect(judge({ policy, lock: { days: 366 } }).status).toBe('pass');
  });
});

describe('a directory', () => {
  test('locks nothing', () => {
    const finding = judge({ copies: IN_DIRECTORY });
    expect(finding.status).toBe('fail');
    expect(finding.because).toBe('tenant_acme-16h.dump in second: second locks nothing');
  });

  test('that is attested to be offline passes, as declared', () => {
    const finding = judge({ copies: IN_DIRECTORY, attested: [SECOND] });
    expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(finding.because).toContain('declares second to be offline or write-once');
    expect(judge({ copies: IN_DIRECTORY, attested: [SECOND], expired: true }).status).toBe('unknown');
  });

  test('is not vouched for by the attestation of another place', () => {
    expect(judge({ copies: IN_DIRECTORY, attested: [LOCATION] }).status).toBe('fail');
  });
});

test('an offline copy that is only declared gives neither pass nor gap', () => {
  for (const about of [TENANT_DATABASE, INSTALL]) {
    const finding = judge({ copies: IN_DIRECTORY, attested: [about] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('declares an offline copy that nobody saw');
  }
});

describe('copies that do not count', () => {
  test('are not immutable for the database', () => {
    const lost = copyOfAge(16, { integrity: 'incomplete' });
    expect(judge({ copies: [lost] }).because).toBe('no copy that counts was found');
    expect(judge({ copies: [lost, ...IN_DIRECTORY] }).status).toBe('fail');
    expect(judge({ copies: [copyOfAge(16, { nameAgrees: false, foundName: 'x' })] }).status).toBe('fail');
    expect(judge({ copies: [] }).status).toBe('fail');
  });

  test('or may not count leave it open', () => {
    expect(judge({ copies: [copyOfAge(16, { integrity: 'unproven' })] }).status).toBe('unknown');
    expect(judge({ copies: 'blind' }).status).toBe('unknown');
  });
});

describe('a copy of the cluster', () => {
  const physical: NonNullable<Facts['copy']['physical']> = {
    kind: 'snapshot',
    label: 'S',
    builtOn: [],
    systemIdentifier: '7300000000000000001',
    timeline: 1,
    endpoints: [],
    declaredServer: false,
    sameIdentifierClusters: 1,
    databaseOids: [16_400],
    lockedUntil: null,
  };
  const server = { host: 'db1', systemIdentifier: '7300000000000000001', timeline: 1, formerIdentifiers: [] };
  const states = [{ server }];
  const snapshot = (hours: number, changes: Partial<typeof physical> = {}, location = 'second') =>
    copyOfAge(hours, { location, path: `snap-${hours}h`, physical: { ...physical, ...changes } });

  test('is locked by the vault that holds it', () => {
    const until = (days: number) => snapshot(16, { lockedUntil: ago(16 * HOUR - days * DAY) });
    expect(judge({ copies: [until(30)], states }).status).toBe('pass');
    expect(judge({ copies: [until(29)], states }).status).toBe('fail');
    expect(judge({ copies: [snapshot(40 * 24, { lockedUntil: ago(DAY) })], states }).status).toBe('fail');
  });

  test('is worth nothing once the copy it builds on can be deleted', () => {
    const chain = (full: number) => [
      snapshot(16, { kind: 'incremental', label: 'I', builtOn: ['F'] }, 'dumps'),
      snapshot(full, { kind: 'full', label: 'F' }, 'dumps'),
    ];
    expect(judge({ copies: chain(6 * 24), states }).status).toBe('pass');
    const finding = judge({ copies: chain(31 * 24), states });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('it builds on F, which is not locked any more');
    expect(judge({ copies: chain(31 * 24).slice(0, 1), states }).status).toBe('unknown');
  });
});

test('is not asked of a new organization before its first copy is due', () => {
  expect(judge({ organizations: [{ createdAt: ago(2 * HOUR) }], copies: [], runs: [] }).status).toBe('not-applicable');
});
