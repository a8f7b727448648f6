import { expect, test } from 'vitest';
import { key12 } from '../../../src/evaluate/controls/key-12.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, evidence, judge, node, PROVIDER, scopeOf } from '../fixture.ts';

function judgeWith(attested: readonly Partial<Facts['declaration']>[]) {
  const read = evidence('declaration', PROVIDER, []);
  const own = attested.map((one) => evidence('declaration', PROVIDER, [one], { grade: 'declared' }));
  return judge(key12, node(PROVIDER), scopeOf({ install: { evidence: [read, ...own] } }));
}

const statement = 'key-policy-in-code';

test('a declaration passes, as one', () => {
  expect(judgeWith([{ statement }])).toMatchObject({ status: 'pass', grade: 'declared' });
});

test('none is a gap, another statement too', () => {
  expect(judgeWith([])).toMatchObject({ status: 'fail', because: 'no attestation says so' });
  expect(judgeWith([{ statement: 'unseal-shares-held' }]).status).toBe('fail');
});

test('an expired one is a blind spot, no file at all too', () => {
  expect(judgeWith([{ statement, expires: ago(DAY) }]).status).toBe('unknown');
  expect(judge(key12, node(PROVIDER), scopeOf({})).status).toBe('unknown');
});
