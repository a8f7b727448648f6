import { describe, expect, test } from 'vitest';
import type { BlindSpot } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { ago, evidence, INSTALL_KEYRING, TENANT_KEYRING } from './fixture.ts';
import { judgeRecovery, type RecoveryCase } from './recovery-case.ts';

const REFUSED = { outcome: 'refused', because: 'Vault cannot decrypt the sample' } as const;

const own = (items: readonly Partial<Facts['unwrap-proof']>[], blind?: BlindSpot['reason']) => [
  evidence('unwrap-proof', TENANT_KEYRING, items, { blind, grade: 'verified' }),
];
const judged = (seen: RecoveryCase) => judgeRecovery({ policy: { proveKeys: true }, ...seen });

describe('a sample that its key refuses', () => {
  test('leaves it unknown whether the data comes back, and says why', () => {
    const found = judged({ proofs: own([REFUSED]) });
    expect(found.rec1.status).toBe('unknown');
    expect(found.rec1.because).toContain(
      'a wrapped sample does not unwrap, so it is not known whether the rest of the data does: version 1 of the key: Vault cannot decrypt the sample',
    );
    expect(found.broken).toEqual({ 'key versions': 'unknown' });
    expect(found.rec2.status).toBe('unknown');
    expect(found.point).toBeNull();
  });

  test('does so beside one that unwraps, and beside one that was not tried', () => {
    expect(judged({ proofs: own([{}, REFUSED]) }).rec1.status).toBe('unknown');
    expect(judged({ proofs: own([REFUSED], 'not-asked') }).rec1.status).toBe('unknown');
  });

  test('of the install, which every organization is opened through, does so for all', () => {
    const installProofs = [evidence('unwrap-proof', INSTALL_KEYRING, [REFUSED])];
    expect(judged({ installProofs }).rec1.status).toBe('unknown');
  });

  test('of a version that no copy needs changes nothing', () => {
    expect(judged({ proofs: own([{ ...REFUSED, version: 7 }]) }).rec1.status).toBe('pass');
    const records = [{ version: 1 }, { version: 2, createdAt: ago(0) }];
    expect(judged({ records, proofs: own([{ ...REFUSED, version: 2 }]) }).rec1.status).toBe('pass');
  });

  test('of a version that cannot be used at present shows nothing of the sample: what is blocked comes back', () => {
    const key = [{ minDecryptionVersion: 2, latestVersion: 2 }];
    const before = judged({ key });
    expect(before.rec1.status).toBe('pass');
    expect(judged({ key, proofs: own([REFUSED]) }).rec1.because).toBe(before.rec1.because);
  });

  test('makes nothing that is lost less lost', () => {
    const lost = { key: [{ state: 'missing' as const }], snapshots: [] };
    expect(judged({ ...lost, proofs: own([REFUSED]) }).rec1.status).toBe('fail');
  });
});

describe('a sample that another key wrapped, as its provider says', () => {
  const OTHER = { ...REFUSED, because: 'the sample was wrapped by another key', isOfAnotherKey: true } as const;

  test('shows another key under the name: the data does not come back', () => {
    const found = judged({ proofs: own([OTHER]) });
    expect(found.rec1.status).toBe('fail');
    expect(found.rec1.because).toContain('it is another key under the same name');
    expect(found.broken).toEqual({ 'key versions': 'fails' });
    const installProofs = [evidence('unwrap-proof', INSTALL_KEYRING, [OTHER])];
    expect(judged({ installProofs }).rec1.status).toBe('fail');
  });

  test('of a version that no copy needs changes nothing', () => {
    expect(judged({ proofs: own([{ ...OTHER, version: 7 }]) }).rec1.status).toBe('pass');
  });
});

describe('proofs that are not there change nothing', () => {
  test.each<readonly [string, RecoveryCase]>([
    ['nobody asked', {}],
    ['it was not asked for', { policy: { proveKeys: false } }],
    ['it was, and samples unwrap', { proofs: own([{}]) }],
    ['what was tried shows nothing', { proofs: own([{ outcome: 'unproven', because: 'it is no ciphertext' }]) }],
    ['no sample was asked about', { proofs: own([], 'not-asked') }],
    ['nothing can be proven there', { proofs: own([], 'unsupported') }],
    ['the audit may not', { proofs: own([], 'unauthorized') }],
  ])('%s', (_, seen) => {
    const found = judged(seen);
    expect(found.rec1).toMatchObject({ status: 'pass', because: judgeRecovery().rec1.because });
    expect([found.rec2.status, found.rec3.status]).toEqual([judgeRecovery().rec2.status, judgeRecovery().rec3.status]);
    expect(found.point).toBe(judgeRecovery().point);
  });

  test('but what was tried without an answer may hide one that was refused', () => {
    expect(judged({ proofs: own([], 'unreachable') }).rec1.status).toBe('unknown');
    expect(judged({ proofs: own([{}], 'timeout') }).rec1.status).toBe('unknown');
  });
});
