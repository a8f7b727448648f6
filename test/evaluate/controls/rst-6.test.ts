import { expect, test } from 'vitest';
import { rst6 } from '../../../src/evaluate/controls/rst-6.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ACME, ago, evidence, judge, node, ORGANIZATION, scopeOf } from '../fixture.ts';

function found(tests: readonly Partial<Facts['restore-test']>[], days: number | null, createdAt?: string) {
  const organization = createdAt === undefined ? {} : { createdAt };
  const records = [
    evidence('organization', ORGANIZATION, [organization]),
    evidence('restore-test', ORGANIZATION, tests),
  ];
  const policy = { organizationRestoreTestDays: days };
  return judge(rst6, node(ORGANIZATION), scopeOf({ organization: { evidence: records } }), { policy });
}

test('is asked only where the policy asks', () => {
  expect(found([], null).status).toBe('not-applicable');
  expect(judge(rst6, node(ORGANIZATION), scopeOf({ organization: {} })).status).toBe('not-applicable');
});

test('restored within the policy', () => {
  const ours = { organizationId: ACME };
  expect(found([ours], 180)).toMatchObject({ status: 'pass', limit: { value: 180, origin: 'policy' } });
  expect(found([{ ...ours, performedAt: ago(181 * DAY) }], 180).status).toBe('fail');
  expect(found([], 180).status).toBe('fail');
});

test('a test of the install database does not stand in', () => {
  expect(found([{}], 180).status).toBe('fail');
});

test('a new organization has the whole time', () => {
  expect(found([], 180, ago(179 * DAY)).status).toBe('not-applicable');
});
