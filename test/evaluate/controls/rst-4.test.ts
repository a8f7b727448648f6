import { expect, test } from 'vitest';
import { rst4 } from '../../../src/evaluate/controls/rst-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { ACME, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(tests: readonly Partial<Facts['restore-test']>[], rtoHours: number | null) {
  const scope = scopeOf({ install: { evidence: [evidence('restore-test', INSTALL, tests)] } });
  return judge(rst4, node(INSTALL), scope, { policy: { rtoHours } });
}

test('without an objective nobody can say', () => {
  expect(found([{}], null)).toMatchObject({ status: 'unknown', because: expect.stringContaining('rtoHours') });
});

test('measured against the objective, the slower test decides', () => {
  expect(found([{ durationSeconds: 3600 }], 1)).toMatchObject({
    status: 'pass',
    limit: { value: 1, origin: 'policy' },
  });
  const finding = found([{}, { organizationId: ACME, durationSeconds: 7200 }], 1);
  expect(finding).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('a tenant database on 2026-11-01 09:00 UTC took 2 h; the limit is 1 h'),
  });
});

test('a test that was not timed, or none, is unknown', () => {
  expect(found([{ durationSeconds: null }], 1).status).toBe('unknown');
  expect(found([], 1).status).toBe('unknown');
});
