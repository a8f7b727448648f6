import { expect, test } from 'vitest';
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

test('a provider without creation times cannot be asked', () => {
  expect(judgeKeyring(key13, { key: [{ versions: null, createdAt: null }] }).status).toBe('not-applicable');
});

test('of an HSM there never was a time, not of a key that is gone either; where the record is not known, neither is that', () => {
  const key = [{ state: 'missing', versions: null, createdAt: null }] as const;
  const keyrings = [{ providerKind: 'pkcs11' }];
  expect(judgeKeyring(key13, { key, keyrings }).status).toBe('not-applicable');
  expect(judgeKeyring(key13, { key, keyrings: 'blind' }).status).toBe('unknown');
});

test('destroyed versions protect nothing', () => {
  const records = [{}, { version: 9, state: 'destroyed' as const }];
  expect(judgeKeyring(key13, { records }).status).toBe('pass');
});
