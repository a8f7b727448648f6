import { expect, test } from 'vitest';
import { key1 } from '../../../src/evaluate/controls/key-1.ts';
import { judgeProvider } from '../key-case.ts';

test('a provider that answers and is open', () => {
  expect(judgeProvider(key1)).toMatchObject({ status: 'pass', because: 'it answers and is unsealed' });
  expect(judgeProvider(key1, { provider: [{ kind: 'aws-kms', sealed: null, initialized: null }] }).status).toBe('pass');
});

test('where the install records another address, both are told', () => {
  const elsewhere = judgeProvider(key1, { recordedProvider: [{}] });
  expect(elsewhere).toMatchObject({
    status: 'pass',
    because:
      'it answers and is unsealed; it was asked at https://vault:8200, and the install records its address as https://vault-old:8200',
  });
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

test('what it stores in, what stands in for it and what it replicates to are told, and decide nothing', () => {
  const raft = {
    storageType: 'raft',
    standby: true,
    highAvailability: true,
    performanceReplication: 'primary',
    recoveryReplication: 'disabled',
  };
  expect(judgeProvider(key1, { provider: [raft] })).toMatchObject({
    status: 'pass',
    because:
      'it answers and is unsealed; it stores in raft; high availability is on; the node that was asked is a standby; it is a primary of performance replication; disaster recovery replication is off',
  });
  const alone = judgeProvider(key1, { provider: [{ storageType: 'file', standby: false, highAvailability: false }] });
  expect(alone.because).toBe('it answers and is unsealed; it stores in file; high availability is off');
});

test('a token of an HSM tells its room for keys and its sessions', () => {
  const token = {
    label: 'keys',
    serial: '1',
    manufacturer: 'm',
    model: 'm',
    module: 'm',
    freePrivateBytes: 2048,
    totalPrivateBytes: 65_536,
    sessions: 1,
    maxSessions: 2000,
  };
  const hsm = { kind: 'pkcs11', sealed: null };
  expect(judgeProvider(key1, { provider: [{ ...hsm, token }] })).toMatchObject({
    status: 'pass',
    because: 'it answers; 2.0 KiB of 64.0 KiB of its memory for keys are free; 1 session of at most 2,000 is open',
  });
  const untold = { ...token, freePrivateBytes: null, sessions: 3, maxSessions: null };
  expect(judgeProvider(key1, { provider: [{ ...hsm, token: untold }] }).because).toBe(
    'it answers; 3 sessions are open',
  );
});

test('a cluster that is not healthy serves keys still, and is told of', () => {
  const autopilot = { healthy: false, failureTolerance: 0, unhealthyServers: ['vault-2'] };
  expect(judgeProvider(key1, { provider: [{ autopilot }] })).toMatchObject({
    status: 'pass',
    because: 'it answers and is unsealed; its cluster is not healthy (vault-2), and 0 more servers may fail',
  });
});
