import { expect, test } from 'vitest';
import { rst5 } from '../../../src/evaluate/controls/rst-5.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(
  tests: readonly Partial<Facts['restore-test']>[],
  declared: Partial<Facts['declaration']> | null = null,
  blind?: true,
) {
  const statements = declared === null ? [] : [{ statement: 'scratch-copies-removed', ...declared }];
  const records = [
    evidence('restore-test', INSTALL, tests, { blind }),
    evidence('declaration', INSTALL, statements, { grade: 'declared' }),
  ];
  return judge(rst5, node(INSTALL), scopeOf({ install: { evidence: records } }));
}

test('recorded as cleaned up', () => {
  expect(found([{}]).status).toBe('pass');
});

test('recorded as left behind is a gap, also where not all records were read', () => {
  expect(found([{}, { cleanedUp: false }]).status).toBe('fail');
  expect(found([{ cleanedUp: false }], null, true).status).toBe('fail');
});

test('not recorded is unknown', () => {
  expect(found([{ cleanedUp: null }]).status).toBe('unknown');
});

test('a declaration from after the test passes, as declared; one from before does not', () => {
  const after = { date: ago(0) };
  expect(found([{ cleanedUp: false }, { cleanedUp: null }], after)).toMatchObject({
    status: 'pass',
    grade: 'declared',
  });
  expect(found([{ cleanedUp: false }], { date: '2026-10-31T00:00:00.000Z' }).status).toBe('fail');
  expect(found([{ cleanedUp: false }], { ...after, statement: 'runbook-reviewed' }).status).toBe('fail');
});

test('an expired declaration passes nothing', () => {
  expect(found([{ cleanedUp: false }], { date: ago(0), expires: ago(1) }).status).toBe('unknown');
});

test('a failed test leaves a scratch copy too, no test leaves none', () => {
  expect(found([{ outcome: 'failed', cleanedUp: false }]).status).toBe('fail');
  expect(found([]).status).toBe('not-applicable');
});
