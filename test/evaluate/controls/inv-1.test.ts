import { expect, test } from 'vitest';
import { inv1 } from '../../../src/evaluate/controls/inv-1.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(list: Partial<Facts['organization-list']>, blind?: true) {
  return judge(
    inv1,
    node(INSTALL),
    scopeOf({ install: { evidence: [evidence('organization-list', INSTALL, [list], { blind })] } }),
  );
}

test('as many organizations read as counted', () => {
  expect(found({ counted: 1200, streamed: 1200 })).toMatchObject({
    status: 'pass',
    because: expect.stringContaining('1,200 organizations counted'),
  });
});

test('fewer read than counted is a gap that names both numbers', () => {
  const finding = found({ counted: 12, streamed: 11 });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('counts 12 organizations, 11 were read');
});

test('ids that differ only in case are a gap, also where the list broke off', () => {
  const twins = { counted: 2, streamed: 2, idsDifferingInCase: ['org_a'] };
  expect(found(twins).status).toBe('fail');
  expect(found(twins, true).status).toBe('fail');
});

test('an audit of nothing is not a pass', () => {
  expect(found({ counted: 0, streamed: 0 }).status).toBe('unknown');
});

test('a list that broke off, or was never read, is unknown', () => {
  expect(found({ counted: 12, streamed: 11 }, true).status).toBe('unknown');
  expect(judge(inv1, node(INSTALL), scopeOf({})).status).toBe('unknown');
});
