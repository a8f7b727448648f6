import { expect, test } from 'vitest';
import { rst2 } from '../../../src/evaluate/controls/rst-2.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import type { LimitKind } from '../../../src/model/limit-kinds.ts';
import { ACME, ago, evidence, INSTALL, judge, judgeFully, node, scopeOf } from '../fixture.ts';

function found(tests: readonly Partial<Facts['restore-test']>[], blind?: true) {
  return judge(
    rst2,
    node(INSTALL),
    scopeOf({ install: { evidence: [evidence('restore-test', INSTALL, tests, { blind })] } }),
  );
}

test('some tenant within 92 days, named nowhere', () => {
  const finding = found([{ organizationId: ACME }]);
  expect(finding.status).toBe('pass');
  expect(finding.because).not.toContain(ACME);
});

test('the install database does not stand in for a tenant', () => {
  expect(found([{}]).status).toBe('fail');
});

test('an old or failed test is a gap', () => {
  expect(found([{ organizationId: ACME, performedAt: ago(93 * DAY) }]).status).toBe('fail');
  expect(found([{ organizationId: ACME, outcome: 'failed' }]).status).toBe('fail');
});

test('records that were only partly read: what was seen passes, what was not is unknown', () => {
  expect(found([{ organizationId: ACME }], true).status).toBe('pass');
  expect(found([], true).status).toBe('unknown');
});

test('the threshold is that of tenant databases, though the install is asked', () => {
  const tests = evidence('restore-test', INSTALL, [{ organizationId: ACME, performedAt: ago(40 * DAY) }]);
  const policy = (kind: LimitKind) => ({ kindLimits: { [kind]: { restoreTestDays: 30 } } });
  const judged = (kind: LimitKind) =>
    judgeFully(rst2, node(INSTALL), scopeOf({ install: { evidence: [tests] } }), { policy: policy(kind) }).finding;
  expect(judged('install-database').status).toBe('pass');
  expect(judged('tenant-database')).toMatchObject({ status: 'fail', limit: { origin: 'policy for tenant-database' } });
});
