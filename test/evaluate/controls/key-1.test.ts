import { expect, test } from 'vitest';
import { key1 } from '../../../src/evaluate/controls/key-1.ts';
import { judgeProvider } from '../key-case.ts';

test('a provider that answers and is open', () => {
  expect(judgeProvider(key1)).toMatchObject({ status: 'pass', because: 'it answers and is unsealed' });
  expect(judgeProvider(key1, { provider: [{ kind: 'aws-kms', sealed: null, initialized: null }] }).status).toBe('pass');
});

test('a sealed provider is a gap, one that was never initialized too', () => {
  const sealed = judgeProvider(key1, { provider: [{ sealed: true }] });
  expect(sealed.status).toBe('fail');
  expect(sealed.because).toBe('it is sealed, so no key in it can be used; 3 shares are needed to open it');
  const alone = judgeProvider(key1, { provider: [{ sealed: true, sealThreshold: 1 }] });
  expect(alone.because).toMatch(/; 1 share is needed to open it$/);
  expect(judgeProvider(key1, { provider: [{ initialized: false, sealed: true }] }).status).toBe('fail');
});

test('one that cannot be reached, or does not tell, is no gap', () => {
  expect(judgeProvider(key1, { provider: 'blind' }).status).toBe('unknown');
  expect(judgeProvider(key1, { provider: [{ sealed: null }] }).status).toBe('unknown');
});

test('a cluster that is not healthy serves keys still, and is told of', () => {
  const autopilot = { healthy: false, failureTolerance: 0, unhealthyServers: ['vault-2'] };
  expect(judgeProvider(key1, { provider: [{ autopilot }] })).toMatchObject({
    status: 'pass',
    because: 'it answers and is unsealed; its cluster is not healthy (vault-2), and 0 more servers may fail',
  });
});
