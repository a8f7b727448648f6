import { expect, test } from 'vitest';
import { db15 } from '../../../src/evaluate/controls/db-15.ts';
import { copyOfAge, judgeDatabase } from '../database-case.ts';

test('the same or an older major version can be restored', () => {
  expect(judgeDatabase(db15, {})).toMatchObject({
    status: 'pass',
    limit: { value: 18, origin: 'version of the live server' },
  });
  expect(judgeDatabase(db15, { copies: [copyOfAge(16, { serverVersion: '9.6.24' })] }).status).toBe('pass');
});

test('a copy of a newer server cannot', () => {
  const finding = judgeDatabase(db15, {
    copies: [copyOfAge(16, { serverVersion: '18.1 (Debian 18.1-1)' })],
    clusters: [{ majorVersion: 17 }],
  });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('comes from PostgreSQL 18.1 (Debian 18.1-1); recovery restores to PostgreSQL 17');
});

test('a stated target rules, and then the live server need not answer', () => {
  const policy = { restoreTargetMajorVersion: 16 };
  expect(judgeDatabase(db15, { policy, clusters: 'blind' })).toMatchObject({
    status: 'fail',
    limit: { origin: 'policy' },
  });
  expect(judgeDatabase(db15, { policy: { restoreTargetMajorVersion: 18 }, clusters: 'blind' }).status).toBe('pass');
  expect(judgeDatabase(db15, { clusters: 'blind' }).status).toBe('unknown');
});

test('a physical copy needs the very same major version', () => {
  const copies = [copyOfAge(16, { method: 'pg_basebackup', serverVersion: '17.2' })];
  expect(judgeDatabase(db15, { copies }).status).toBe('fail');
});

test('the newest copy decides', () => {
  const copies = [copyOfAge(16, { serverVersion: '19.1' }), copyOfAge(40)];
  expect(judgeDatabase(db15, { copies }).status).toBe('fail');
});

test('a copy that does not tell its server is unknown, no copy does not apply', () => {
  expect(judgeDatabase(db15, { copies: [copyOfAge(16, { serverVersion: null })] }).status).toBe('unknown');
  expect(judgeDatabase(db15, { copies: [] }).status).toBe('not-applicable');
});
