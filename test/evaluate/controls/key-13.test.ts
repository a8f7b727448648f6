import { describe, expect, test } from 'vitest';
import { key13 } from '../../../src/evaluate/controls/key-13.ts';
import { MINUTE } from '../../../src/model/instant.ts';
import { judgeInstallKeyring, judgeKeyring } from '../key-case.ts';

const madeAt = (instant: string) => [{ versions: [{ version: 1, createdAt: instant }] }];

test('a key older than its first use is the same', () => {
  expect(judgeKeyring(key13)).toMatchObject({ status: 'pass', limit: { value: 5 } });
  expect(judgeInstallKeyring(key13, { key: madeAt('2025-01-10T09:00:00.000Z') }).status).toBe('pass');
});

test('a key made later than the record that uses it is another', () => {
  const finding = judgeKeyring(key13, { key: madeAt('2026-03-01T00:00:00.000Z') });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'version 1 of the key was created 2026-03-01 00:00 UTC and is used since 2025-02-01 09:06 UTC: it is another key under the same name',
  );
});

test('clocks may differ by the tolerance', () => {
  const used = Date.parse('2025-02-01T09:06:00.000Z');
  expect(judgeKeyring(key13, { key: madeAt(new Date(used + 5 * MINUTE).toISOString()) }).status).toBe('pass');
  expect(judgeKeyring(key13, { key: madeAt(new Date(used + 6 * MINUTE).toISOString()) }).status).toBe('fail');
});

test('what the provider does not show is unknown', () => {
  expect(judgeKeyring(key13, { key: [{ minDecryptionVersion: 2, versions: [] }] }).status).toBe('unknown');
  expect(judgeKeyring(key13, { key: [{ state: 'missing', versions: null, createdAt: null }] }).status).toBe('unknown');
  expect(judgeKeyring(key13, { key: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key13, { records: [] }).status).toBe('unknown');
});

describe('of a provider without creation times, such as a token of an HSM', () => {
  const hsm = {
    key: [{ versions: null, createdAt: null, latestVersion: null }],
    keyrings: [{ providerKind: 'pkcs11' }],
  };
  const proven = { ...hsm, policy: { proveKeys: true } };

  test('nobody can tell that the key is still the same: another may have been made under its label', () => {
    const finding = judgeKeyring(key13, hsm);
    expect(finding).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('another key may stand under'),
    });
    expect(finding.because).toContain('--prove-keys');
  });

  test('what was unwrapped shows it', () => {
    expect(judgeKeyring(key13, { ...proven, proofs: [{}] })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('unwrapped what every version in use wrapped'),
    });
  });

  test.each([
    ['another version', [{ version: 7 }]],
    ['a sample that it refused', [{ outcome: 'refused' as const }]],
    ['what shows nothing', [{ outcome: 'unproven' as const }]],
    ['nothing', []],
    ['nobody answered', 'blind' as const],
  ])('a proof of %s does not', (_, proofs) => {
    expect(judgeKeyring(key13, { ...proven, proofs }).status).toBe('unknown');
  });

  test('each version needs its own', () => {
    const records = [{}, { version: 2, state: 'retired' as const }];
    expect(judgeKeyring(key13, { ...proven, records, proofs: [{}] }).status).toBe('unknown');
    expect(judgeKeyring(key13, { ...proven, records, proofs: [{}, { version: 2 }] }).status).toBe('pass');
  });

  test('a key that is gone is unknown, too: that it is gone is told by another control', () => {
    const key = [{ state: 'missing', versions: null, createdAt: null }] as const;
    expect(judgeKeyring(key13, { ...hsm, key }).status).toBe('unknown');
    expect(judgeKeyring(key13, { ...hsm, key, keyrings: 'blind' }).status).toBe('unknown');
  });
});

test('destroyed versions protect nothing', () => {
  const records = [{}, { version: 9, state: 'destroyed' as const }];
  expect(judgeKeyring(key13, { records }).status).toBe('pass');
});
