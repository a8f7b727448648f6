import { expect, test } from 'vitest';
import { key8 } from '../../../src/evaluate/controls/key-8.ts';
import { judgeProvider } from '../key-case.ts';

test('shares that somebody attests', () => {
  const finding = judgeProvider(key8, { attested: ['unseal-shares-held'] });
  expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
  expect(finding.because).toContain('operations attests that the unseal shares are held');
});

test('shares that nobody attests, with how many are needed', () => {
  const finding = judgeProvider(key8);
  expect(finding).toMatchObject({ status: 'fail', because: 'nobody attests that the 3 of 5 unseal shares are held' });
  expect(judgeProvider(key8, { attested: ['recovery-shares-held'] }).status).toBe('fail');
});

test('an automatic unseal needs its own provider besides the recovery shares', () => {
  const provider = [{ sealType: 'awskms' }];
  expect(judgeProvider(key8, { provider, attested: ['recovery-shares-held'] }).status).toBe('unknown');
  expect(judgeProvider(key8, { provider }).status).toBe('fail');
});

test('the seal must be known, and only Vault has one', () => {
  const attested = ['unseal-shares-held'];
  expect(judgeProvider(key8, { provider: [{ sealType: null }], attested }).status).toBe('unknown');
  expect(judgeProvider(key8, { provider: [{ kind: 'aws-kms' }] }).status).toBe('not-applicable');
});
