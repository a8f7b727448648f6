import { expect, test } from 'vitest';
import { run1 } from '../../../src/evaluate/controls/run-1.ts';
import { CLUSTER, evidence, INSTALL_DATABASE, judge, node, PROVIDER, scopeOf, TENANT_DATABASE } from '../fixture.ts';

const writer = { canWrite: true, because: 'role audit is a superuser' };

test('a role that may only read', () => {
  const scope = scopeOf({ install: { evidence: [evidence('access-rights', CLUSTER, [{}])] } });
  expect(judge(run1, node(CLUSTER), scope)).toMatchObject({
    status: 'pass',
    because: expect.stringContaining('the role may only read'),
  });
});

test('one role that may write is a gap, also where another database did not answer', () => {
  const records = [
    evidence('access-rights', CLUSTER, [{}, writer]),
    evidence('access-rights', CLUSTER, [], { blind: true }),
  ];
  const finding = judge(run1, node(CLUSTER), scopeOf({ install: { evidence: records } }));
  expect(finding).toMatchObject({ status: 'fail', because: 'role audit is a superuser' });
});

test('rights nobody read, or only in part, are unknown', () => {
  expect(judge(run1, node(CLUSTER), scopeOf({})).status).toBe('unknown');
  const none = scopeOf({ install: { evidence: [evidence('access-rights', CLUSTER, [])] } });
  expect(judge(run1, node(CLUSTER), none).status).toBe('unknown');
  const part = scopeOf({ install: { evidence: [evidence('access-rights', CLUSTER, [{}], { blind: true })] } });
  expect(judge(run1, node(CLUSTER), part).status).toBe('unknown');
});

test('a Vault token is judged, an API that does not tell rights is not asked', () => {
  const vault = scopeOf({
    install: { evidence: [evidence('provider-state', PROVIDER, [{}]), evidence('access-rights', PROVIDER, [writer])] },
  });
  expect(judge(run1, node(PROVIDER), vault).status).toBe('fail');
  const kms = scopeOf({ install: { evidence: [evidence('provider-state', PROVIDER, [{ kind: 'aws-kms' }])] } });
  expect(judge(run1, node(PROVIDER), kms)).toMatchObject({
    status: 'not-applicable',
    because: expect.stringContaining('aws-kms'),
  });
  expect(judge(run1, node(PROVIDER), scopeOf({})).status).toBe('unknown');
});

test('grants inside a tenant database are judged there, those in the install database with its server', () => {
  const tenant = scopeOf({ organization: { evidence: [evidence('access-rights', TENANT_DATABASE, [writer])] } });
  expect(judge(run1, node(TENANT_DATABASE), tenant).status).toBe('fail');
  expect(judge(run1, node(TENANT_DATABASE), scopeOf({ organization: {} })).status).toBe('unknown');
  const server = scopeOf({ install: { evidence: [evidence('access-rights', CLUSTER, [writer])] } });
  expect(judge(run1, node(INSTALL_DATABASE), server).status).toBe('not-applicable');
  expect(judge(run1, node(INSTALL_DATABASE), scopeOf({})).status).toBe('unknown');
});
