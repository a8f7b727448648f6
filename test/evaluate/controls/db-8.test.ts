import { expect, test } from 'vitest';
import { db8 } from '../../../src/evaluate/controls/db-8.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { copyOfAge, judgeDatabase } from '../database-case.ts';

const earlier = [40, 64, 88].map((hours) => copyOfAge(hours));
const MIB = 1024 * 1024;

test('about as large as the ones before it', () => {
  const finding = judgeDatabase(db8, { copies: [copyOfAge(16, { bytes: 600_000 }), ...earlier] });
  expect(finding).toMatchObject({ status: 'pass', limit: { value: 0.5 } });
});

test('shrunk by more than half is a gap', () => {
  const finding = judgeDatabase(db8, { copies: [copyOfAge(16, { bytes: 499_999 }), ...earlier] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('has 488.3 KiB, the ones before it 976.6 KiB (median); less than 50 %');
});

test('is compared with the same format in the same location only, and with at least three', () => {
  const small = copyOfAge(16, { bytes: 1000 });
  expect(judgeDatabase(db8, { copies: [small, ...earlier.slice(0, 2)] }).status).toBe('pass');
  expect(judgeDatabase(db8, { copies: [small, ...earlier.map((copy) => ({ ...copy, format: 'plain' }))] }).status).toBe(
    'pass',
  );
  expect(
    judgeDatabase(db8, { copies: [small, ...earlier.map((copy) => ({ ...copy, location: 'bucket' }))] }).status,
  ).toBe('pass');
});

test('an empty newest file is a gap, though it is damaged too; a young one may be about to be written', () => {
  const empty = { bytes: 0, integrity: 'incomplete', integrityBecause: 'the file is empty', moment: null } as const;
  const finding = judgeDatabase(db8, { copies: [copyOfAge(16, empty), ...earlier] });
  expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('tenant_acme-16h.dump') });
  expect(finding.because).toContain('is empty');
  expect(judgeDatabase(db8, { copies: [copyOfAge(0.5, empty), ...earlier] }).status).toBe('pass');
  expect(judgeDatabase(db8, { copies: [copyOfAge(100, empty), ...earlier] }).status).toBe('pass');
});

test('a snapshot of a file system takes no space for what was not changed since, and is not empty for that', () => {
  const physical: NonNullable<Facts['copy']['physical']> = {
    kind: 'snapshot',
    label: 'tank/pg@a',
    builtOn: [],
    systemIdentifier: null,
    timeline: null,
    endpoints: [],
    declaredServer: true,
    sameIdentifierClusters: 0,
    databaseOids: null,
    lockedUntil: null,
  };
  const used = (hours: number, bytes: number) =>
    copyOfAge(hours, { method: 'filesystem-snapshot', bytes, physical, foundName: null, nameAgrees: null });
  const finding = judgeDatabase(db8, { copies: [used(1, 0), used(20, 4 * MIB), used(40, 4 * MIB), used(60, 4 * MIB)] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('its size says nothing');
});

test('out of proportion to the live database is a gap; a small database says nothing', () => {
  const copies = [copyOfAge(16, { bytes: 1000 })];
  expect(judgeDatabase(db8, { copies, states: [{ sizeBytes: 8 * MIB }] }).status).toBe('pass');
  const finding = judgeDatabase(db8, { copies, states: [{ sizeBytes: 500 * MIB }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('has 1000 B; the live database has 500.0 MiB');
  expect(judgeDatabase(db8, { copies, states: [{ sizeBytes: null }] }).status).toBe('unknown');
});

test('a table that existed when the copy was made and is not in it is a gap', () => {
  const finding = judgeDatabase(db8, { copies: [copyOfAge(16, { tableOids: [16_402] })] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('lacks 1 table of the live database, such as public.items');
});

test('a table made since or left out is unknown', () => {
  expect(judgeDatabase(db8, { copies: [copyOfAge(16, { tableOids: [16_401] })] }).status).toBe('unknown');
  expect(judgeDatabase(db8, { copies: [copyOfAge(16, { tableOids: [] })] }).status).toBe('unknown');
});

test('a copy whose tables were not read is unknown', () => {
  expect(judgeDatabase(db8, { copies: [copyOfAge(16, { tablesComplete: false })] }).status).toBe('unknown');
});

test('a shrunk copy stays unknown where its location was not read to the end', () => {
  expect(judgeDatabase(db8, { copies: 'blind' }).status).toBe('unknown');
  expect(judgeDatabase(db8, { states: 'blind' }).status).toBe('unknown');
});

test('does not apply where there is no undamaged copy', () => {
  expect(judgeDatabase(db8, { copies: [copyOfAge(16, { integrity: 'incomplete' })] }).status).toBe('not-applicable');
});
