import { expect, test } from 'vitest';
import { inv3 } from '../../../src/evaluate/controls/inv-3.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR, MINUTE } from '../../../src/model/instant.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { ACME, ago, evidence, judge, node, ORGANIZATION, scopeOf } from '../fixture.ts';

function found(organization: Partial<Facts['organization']>, policy: Partial<Policy> = {}) {
  const scope = scopeOf({ organization: { evidence: [evidence('organization', ORGANIZATION, [organization])] } });
  return judge(inv3, node(ORGANIZATION), scope, { policy });
}

test('provisioning for 25 h is stuck, for 24 h it is in time', () => {
  const finding = found({ state: 'provisioning', createdAt: ago(25 * HOUR) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('2026-11-21 17:00 UTC, 25 h old; the limit is 24 h');
  expect(found({ state: 'provisioning', createdAt: ago(24 * HOUR) }).status).toBe('pass');
});

test('the limit of one organization is its own', () => {
  const policy = { organizationLimits: { [ACME]: { provisioningHours: 48 } } };
  const finding = found({ state: 'provisioning', createdAt: ago(25 * HOUR) }, policy);
  expect(finding.status).toBe('pass');
  expect(finding.limit).toEqual({ value: 48, text: '48 h', origin: `policy for organization ${ACME}` });
});

test.each(['active', 'suspended', 'something else'])('state %s is past provisioning', (state) => {
  expect(found({ state }).status).toBe('pass');
});

test('provisioning that begins in the future is not in time, but for the tolerance of clocks', () => {
  const finding = found({ state: 'provisioning', createdAt: ago(-30 * DAY) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('in the future');
  expect(found({ state: 'provisioning', createdAt: ago(-5 * MINUTE) }).status).toBe('pass');
});
