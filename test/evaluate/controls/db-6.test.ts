import { expect, test } from 'vitest';
import { db6 } from '../../../src/evaluate/controls/db-6.ts';
import { copyOfAge, judgeDatabase, runOfAge } from '../database-case.ts';
import { evidence, INSTALL_DATABASE, judge, node, scopeOf } from '../fixture.ts';

const cut = { integrity: 'incomplete', integrityBecause: 'it breaks off inside the data of public.items' } as const;

test('the newest copy was read to its end', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16), copyOfAge(40, cut)] }).status).toBe('pass');
});

test('a damaged newest copy is a gap that names the older one that serves', () => {
  const finding = judgeDatabase(db6, { copies: [copyOfAge(16, cut), copyOfAge(40)] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'tenant_acme-16h.dump in dumps is damaged: it breaks off inside the data of public.items; tenant_acme-40h.dump in dumps, which is older, is intact',
  );
});

test('a dump cut short before its rows is damaged, not one that was meant to hold none', () => {
  const early = { ...cut, scope: 'schema-only' as const, tablesWithoutRows: ['public.items'] };
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, early), copyOfAge(40)] }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { scope: 'schema-only' }), copyOfAge(40)] }).status).toBe('pass');
});

test('each location is looked at', () => {
  const copies = [copyOfAge(16), copyOfAge(17, { location: 'bucket', ...cut })];
  expect(judgeDatabase(db6, { copies })).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('in bucket is damaged'),
  });
});

test('the newest is told by its moment, not by the time of its file', () => {
  const touched = copyOfAge(40, { ...cut, modifiedAt: copyOfAge(1).modifiedAt ?? '' });
  expect(judgeDatabase(db6, { copies: [copyOfAge(16), touched] }).status).toBe('pass');
});

test('an unproven newest copy, or one not read to its end, is unknown', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { integrity: 'unproven' }), copyOfAge(40)] }).status).toBe(
    'unknown',
  );
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { readToEnd: false })] }).status).toBe('unknown');
});

test('a copy that was restored needs no other proof', () => {
  const copy = evidence('copy', INSTALL_DATABASE, [{ integrity: 'unproven', readToEnd: false, encrypted: true }], {
    grade: 'restored',
  });
  const scope = scopeOf({ install: { evidence: [copy, evidence('backup-run', INSTALL_DATABASE, [])] } });
  expect(judge(db6, node(INSTALL_DATABASE), scope).status).toBe('pass');
});

test('a file that a run is writing is not called damaged', () => {
  const writing = copyOfAge(0.2, cut);
  const running = [runOfAge(0.5, { status: 'running' })];
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: running }).status).toBe('pass');
  expect(judgeDatabase(db6, { copies: [writing], runs: running }).status).toBe('unknown');
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: [runOfAge(0.5)] }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: 'blind' }).status).toBe('unknown');
});

test('run records decide nothing else', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, cut)], runs: 'blind' }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16)], runs: 'blind' }).status).toBe('pass');
});

test('does not apply where there is no copy, only definitions, or only another database’s', () => {
  expect(judgeDatabase(db6, { copies: [] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { scope: 'schema-only' })] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { nameAgrees: false })] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: 'blind' }).status).toBe('unknown');
});
