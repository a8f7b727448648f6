import { expect, test } from 'vitest';
import { inv6 } from '../../../src/evaluate/controls/inv-6.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function found(items: readonly Partial<Facts['license']>[]) {
  return judge(inv6, node(INSTALL), scopeOf({ install: { evidence: [evidence('license', INSTALL, items)] } }));
}

test('valid, long enough, for every organization', () => {
  expect(found([{}])).toMatchObject({ status: 'pass', limit: { text: '28 days' } });
});

test.each<[string, Partial<Facts['license']>, string]>([
  ['ran out', { validUntil: ago(DAY) }, 'ran out on 2026-11-21 18:00 UTC'],
  ['runs out in 27 days', { validUntil: ago(-27 * DAY) }, 'in 27 days; at least 28 days must be left'],
  ['is not yet valid', { validFrom: ago(-DAY) }, 'valid only from'],
  ['is not valid', { state: 'other' }, 'the product calls it other'],
  ['leaves organizations out', { organizationsNotCovered: ['org_b', 'org_c'] }, 'does not name 2 organizations'],
  ['is too small', { maxOrganizations: 3, organizationsInstalled: 4 }, 'allows 3 organizations and the install has 4'],
])('%s', (_, license, because) => {
  const finding = found([license]);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(because);
  expect(finding.because).not.toContain('org_b');
});

test('28 days exactly are enough, and no maximum is no limit', () => {
  expect(found([{ validUntil: ago(-28 * DAY), maxOrganizations: null, organizationsInstalled: 9000 }]).status).toBe(
    'pass',
  );
});

test('no license is a gap, a license nobody read is unknown', () => {
  expect(found([]).status).toBe('fail');
  expect(judge(inv6, node(INSTALL), scopeOf({})).status).toBe('unknown');
});

test('of several licenses one that is good suffices, whichever comes first', () => {
  const old = { validUntil: ago(400 * DAY) };
  expect(found([old, {}]).status).toBe('pass');
  expect(found([{}, old]).status).toBe('pass');
  const finding = found([old, { validUntil: ago(-DAY) }]);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('the one of 2 that runs longest: it runs out on 2026-11-23');
});
