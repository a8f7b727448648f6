import { expect, it } from 'vitest';
import { type CustodyCase, held, judgeRecoverable } from '../custody-case.ts';

const inFirst = { kind: 'provider', name: 'vault-1' } as const;
const CIRCLE: CustodyCase = { opens: { dumps: [held('passphrase', [inFirst])] } };
const BY_SECOND: CustodyCase = {
  first: { sealType: 'transit' },
  secondDomain: { host: 'far-away' },
  opens: { 'vault-1': [held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: 'unseal' }])] },
};

it('comes back where what opens its key provider does not wait for it', () => {
  expect(judgeRecoverable().status).toBe('pass');
  expect(judgeRecoverable(BY_SECOND).status).toBe('pass');
});

it('does not come back where that certainly runs in a circle', () => {
  const finding = judgeRecoverable(CIRCLE);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('recovery runs in a circle');
  const encrypted = { opens: { dumps: [held('encryption-key', [{ ...inFirst, key: 'files' }])] } };
  expect(judgeRecoverable(encrypted).status).toBe('fail');
});

it('does not come back where the key that unseals it is gone', () => {
  const finding = judgeRecoverable({ ...BY_SECOND, keys: { 'vault-2': [{ keyRef: 'unseal', state: 'missing' }] } });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('key unseal of vault-2 does not exist');
  expect(judgeRecoverable({ ...BY_SECOND, keys: { 'vault-2': 'blind' } }).status).toBe('unknown');
});

it('comes back from another snapshot, or where its key provider outlives the loss', () => {
  expect(judgeRecoverable({ ...CIRCLE, providerDomain: [{ host: 'far-away' }] }).status).toBe('pass');
  const twice = [{}, { location: 'sets', path: 'plain.snap' }];
  expect(judgeRecoverable({ ...CIRCLE, snapshots: twice }).because).not.toContain('circle: the snapshots');
});

it('is not known where nobody asked what opens its snapshots, and stays where nobody tells who holds it', () => {
  expect(judgeRecoverable({ opens: { dumps: 'blind' } }).status).toBe('unknown');
  expect(judgeRecoverable({ opens: { dumps: [held('passphrase', [], 'observed')] } }).status).toBe('pass');
  expect(judgeRecoverable({ first: { sealType: 'transit' } }).status).toBe('pass');
});
