import { expect, test } from 'vitest';
import { rst1 } from '../../../src/evaluate/controls/rst-1.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ACME, ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(tests: readonly Partial<Facts['restore-test']>[], install: Partial<Facts['install']> | null = {}) {
  return judge(
    rst1,
    node(INSTALL),
    scopeOf({
      install: {
        evidence: [
          evidence('restore-test', INSTALL, tests),
          install === null
            ? evidence('install', INSTALL, [], { blind: true })
            : evidence('install', INSTALL, [install]),
        ],
      },
    }),
  );
}

test('restored three weeks ago, after the last upgrade', () => {
  const finding = found([{}]);
  expect(finding).toMatchObject({ status: 'pass', limit: { text: '92 days' } });
  expect(finding.because).toContain('last restored on 2026-11-01 09:00 UTC, 21 days old');
});

test('92 days are enough, 93 are not', () => {
  const quiet = { lastUpgradedAt: null, previousVersion: null };
  expect(found([{ performedAt: ago(92 * DAY) }], quiet).status).toBe('pass');
  expect(found([{ performedAt: ago(93 * DAY) }], quiet)).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('93 days old; the limit is 92 days'),
  });
});

test('failed tests, tests of tenants and tests dated ahead do not count', () => {
  expect(found([{ outcome: 'failed' }]).status).toBe('fail');
  expect(found([{ organizationId: ACME }]).status).toBe('fail');
  expect(found([{ performedAt: ago(-DAY) }]).status).toBe('fail');
});

test('a test from before a major upgrade does not count', () => {
  const upgraded = { productVersion: '4.2.1', previousVersion: '4.1.9', lastUpgradedAt: ago(5 * DAY) };
  const finding = found([{ performedAt: ago(6 * DAY), productVersion: '4.1.9' }], upgraded);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('from before the major upgrade to 4.2.1');
  expect(found([{ performedAt: ago(4 * DAY) }], upgraded).status).toBe('pass');
});

test('a test from before a minor upgrade counts', () => {
  const patched = { productVersion: '4.2.1', previousVersion: '4.2.0', lastUpgradedAt: ago(5 * DAY) };
  expect(found([{ performedAt: ago(6 * DAY), productVersion: '4.2.0' }], patched).status).toBe('pass');
  expect(found([{ performedAt: ago(6 * DAY), productVersion: null }], patched).status).toBe('pass');
  expect(found([{ performedAt: ago(6 * DAY), productVersion: '4.1.9' }], patched).status).toBe('fail');
});

test('an upgrade nobody recorded is judged by the version that was tested', () => {
  const silent = { lastUpgradedAt: null, previousVersion: null };
  expect(found([{ productVersion: '4.2.0' }], silent).status).toBe('pass');
  expect(found([{ productVersion: '3.9.0' }], silent).status).toBe('fail');
  expect(found([{ productVersion: null }], silent).status).toBe('unknown');
});

test('a product version that was not read leaves a test unknown and no test a gap', () => {
  expect(found([{}], null).status).toBe('unknown');
  expect(found([], null).status).toBe('fail');
});

test('records that were not read are unknown', () => {
  expect(judge(rst1, node(INSTALL), scopeOf({})).status).toBe('unknown');
});
