import { describe, expect, test } from 'vitest';
import { db4 } from '../../../src/evaluate/controls/db-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { HOUR, MINUTE, toInstant, toMillis } from '../../../src/model/instant.ts';
import { copyOfAge, type DatabaseCase, judgeDatabase, runOfAge } from '../database-case.ts';
import { ago, evidence, TENANT_DATABASE } from '../fixture.ts';

/** Runs that the product does not record, shown by the catalogue of the tool that the plan names. 02:00 UTC is 16 h before the clock. */

const IDENTIFIER = '7300000000000000001';
const server = { host: 'db1', systemIdentifier: IDENTIFIER, timeline: 1, formerIdentifiers: [] };
const physical: NonNullable<Facts['copy']['physical']> = {
  kind: 'full',
  label: 'main/F',
  builtOn: [],
  systemIdentifier: IDENTIFIER,
  timeline: 1,
  endpoints: [],
  declaredServer: false,
  sameIdentifierClusters: 1,
  databaseOids: [16_400],
  lockedUntil: null,
};

/** A backup that ended so long ago. @param lasted in hours */
function backup(
  hours: number,
  { lasted = 0, ...changes }: Partial<Facts['copy']> & { readonly lasted?: number } = {},
): Partial<Facts['copy']> {
  return copyOfAge(hours, {
    location: 'repository',
    path: `backup/main/${hours}h`,
    method: 'pgbackrest',
    format: 'repository, gz',
    nameAgrees: null,
    foundName: null,
    claimedName: null,
    physical: { ...physical, startedAt: ago((hours + lasted) * HOUR) },
    ...changes,
  });
}

const judge = (copies: DatabaseCase['copies'], more: DatabaseCase = {}) =>
  judgeDatabase(db4, {
    runs: [],
    states: [{ server }],
    installPlans: [{ method: 'pgbackrest' }],
    ...(copies === undefined ? {} : { copies }),
    ...more,
  });

describe('a plan whose runs no record tells of', () => {
  test('is kept where the catalogue of its tool shows a backup since it was due', () => {
    const finding = judge([backup(15.5), backup(39.5)]);
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain(
      'backup/main/15.5h in repository was made after 2026-11-22 02:00 UTC, when plan plan-1 was due',
    );
  });

  test('is not kept where the newest backup is from before', () => {
    const finding = judge([backup(39.5)]);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(
      'plan plan-1 (0 2 * * *, UTC) was due 2026-11-22 02:00 UTC; no run is recorded since, and the newest copy of pgbackrest is from 2026-11-21 02:30 UTC, 39 h old; a run may start 60 min late',
    );
  });

  test('is not kept by nothing', () => {
    const finding = judge([]);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('no copy of pgbackrest was found');
  });

  test('is unknown while the repository cannot be read', () => {
    expect(judge('blind').status).toBe('unknown');
    const unread = evidence('copy', TENANT_DATABASE, [], { blind: true, source: 'location repository' });
    expect(judge([backup(39.5)], { more: [unread] }).status).toBe('unknown');
    expect(judge([backup(15.5)], { more: [unread] }).status).toBe('pass');
  });

  test.each([
    ['of another cluster', { physical: { ...physical, systemIdentifier: '7300000000000000009' } }],
    ['from before the database was made', { physical: { ...physical, databaseOids: [1] } }],
    ['that lacks files', { integrity: 'incomplete' as const, integrityBecause: 'pg_control is missing' }],
    ['of another tool', { method: 'barman' }],
    [
      'that is only WAL archived since',
      { physical: { ...physical, kind: 'continuous' as const, builtOn: ['main/F'] } },
    ],
  ])('is not kept by a backup %s', (_, changes) => {
    expect(judge([backup(15.5, changes), backup(39.5)]).status).toBe('fail');
  });

  test('names the backup that failed since', () => {
    const broken = backup(15.5, { integrity: 'incomplete', integrityBecause: 'Barman says FAILED', method: 'barman' });
    const { because } = judge([broken], { installPlans: [{ method: 'barman' }] });
    expect(because).toContain('backup/main/15.5h in repository does not count: Barman says FAILED');
  });

  test('is unknown where it is not certain whose backup it is', () => {
    expect(judge([backup(15.5)], { states: 'blind' }).status).toBe('unknown');
    expect(judge([backup(15.5, { integrity: 'unproven' })]).status).toBe('unknown');
  });

  test('is not kept by a dump, nor a plan of dumps by a backup of the cluster', () => {
    expect(judge([copyOfAge(15.9)]).status).toBe('fail');
    expect(judge([backup(15.5)], { installPlans: [{ method: 'pg_dump' }] }).status).toBe('fail');
    expect(judge([backup(15.5)], { installPlans: [{ method: 'pg_dump' }], states: 'blind' }).status).toBe('fail');
  });

  test('may be kept by any copy where it names no tool that is known', () => {
    const plan = { installPlans: [{ method: 'nightly', covers: 'cluster' as const }] };
    expect(judge([backup(15.5)], plan).status).toBe('pass');
    expect(judge([copyOfAge(15.9)], plan).status).toBe('pass');
  });

  test('is kept by the runs that are recorded, whatever is known of the server', () => {
    expect(judge([], { runs: [runOfAge(16)], states: 'blind' }).status).toBe('pass');
  });
});

describe('a backup that may be going on unseen', () => {
  /** At 05:30 UTC; backups took four hours. */
  const asOf = '2026-11-22T05:30:00.000Z';
  const atHalfPastFive = (hours: number) => hours + 12.5;
  const nights = [backup(atHalfPastFive(23.5), { lasted: 4 }), backup(atHalfPastFive(47.5), { lasted: 4 })];

  test('is no gap for as long as backups took, where the run before is proven', () => {
    const finding = judge(nights, { asOf });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('was made after 2026-11-21 02:00 UTC, when plan plan-1 was due');
    expect(finding.because).toContain('may still be going on, as backups took up to 4 h');
  });

  test('is one after that', () => {
    const later = toInstant(toMillis(asOf) + 2 * HOUR);
    expect(judge(nights, { asOf: later }).status).toBe('fail');
  });

  test('is one where the run before is not proven either, or failed by record', () => {
    expect(judge(nights.slice(1), { asOf }).status).toBe('fail');
    const failed = runOfAge(16, { status: 'failed', error: 'unable to acquire lock' });
    const finding = judge(nights, { asOf, runs: [failed] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('unable to acquire lock');
  });

  test('is unknown where it is not known whether a run is recorded as failed', () => {
    expect(judge(nights, { asOf, runs: 'blind' }).status).toBe('unknown');
  });

  test('is one where backups take minutes', () => {
    const short = nights.map((one) => ({
      ...one,
      physical: { ...physical, startedAt: one.moment?.notBefore ?? null },
    }));
    expect(judge(short, { asOf }).status).toBe('fail');
    expect(judge(short, { asOf: toInstant(toMillis('2026-11-22T02:59:00.000Z') + MINUTE / 2) }).status).toBe('pass');
  });
});
