import { expect, test } from 'vitest';
import { rst3 } from '../../../src/evaluate/controls/rst-3.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ACME, ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(tests: readonly Partial<Facts['restore-test']>[]) {
  const records = [evidence('restore-test', INSTALL, tests), evidence('install', INSTALL, [{}])];
  return judge(rst3, node(INSTALL), scopeOf({ install: { evidence: records } }));
}

test('four ticks on both tests', () => {
  expect(found([{}, { organizationId: ACME }]).status).toBe('pass');
});

test.each<[string, Partial<Facts['restore-test']>, string]>([
  ['another product version', { productVersion: '4.1.0' }, 'used product version 4.1.0, the install ran 4.2.1'],
  ['no key provider', { keyProviderUsed: false }, 'did not use the key provider'],
  ['no audit chain', { chainVerified: false }, 'did not verify the audit chain'],
  ['no sign-in', { signInConfirmed: false }, 'did not confirm sign-in'],
])('%s is a gap', (_, change, because) => {
  const finding = found([{}, { organizationId: ACME, ...change }]);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(`the test of a tenant database on 2026-11-01 09:00 UTC ${because}`);
});

test('what a test does not record is unknown, beside a missing tick a gap', () => {
  expect(found([{ signInConfirmed: null }]).status).toBe('unknown');
  expect(found([{ productVersion: null }]).status).toBe('unknown');
  expect(found([{ signInConfirmed: null, chainVerified: false }]).status).toBe('fail');
});

test('only the newest successful tests are looked at', () => {
  const poor = { signInConfirmed: false, performedAt: ago(60 * DAY) };
  expect(found([{}, poor]).status).toBe('pass');
  expect(found([{ outcome: 'failed', performedAt: ago(DAY), signInConfirmed: false }, {}]).status).toBe('pass');
});

test('a test from before an upgrade is held to the version of its time', () => {
  expect(found([{ performedAt: ago(80 * DAY), productVersion: '4.2.0' }]).status).toBe('pass');
  expect(found([{ performedAt: ago(80 * DAY), productVersion: '4.2.1' }]).status).toBe('fail');
});

test('does not apply where nothing was tested', () => {
  expect(found([]).status).toBe('not-applicable');
});
