import { describe, expect, test } from 'vitest';
import { key2 } from '../../../src/evaluate/controls/key-2.ts';
import { key3 } from '../../../src/evaluate/controls/key-3.ts';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeKeyring, type KeyCase } from '../key-case.ts';
import { judgeRecovery } from '../recovery-case.ts';

const UNVERSIONED = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };
const GONE = { ...UNVERSIONED, state: 'pending-import', origin: 'EXTERNAL' } as const;
const EXPIRED = { ...UNVERSIONED, origin: 'EXTERNAL', expiresAt: ago(DAY) };
const seen = (key: typeof GONE | typeof EXPIRED): KeyCase => ({
  keyrings: [{ providerKind: 'aws-kms', currentVersion: null }],
  records: [{ version: null }],
  key: [key],
});

describe.each([
  ['KEY-2', key2],
  ['KEY-3', key3],
  ['KEY-4', key4],
] as const)('%s of a key without its imported material', (_, control) => {
  test('is lost where nobody attests that it is kept, and blocked where somebody does', () => {
    const lost = judgeKeyring(control, seen(GONE));
    expect(lost).toMatchObject({ status: 'fail', grade: 'observed' });
    expect(lost.because).toMatch(
      /^lost: the key has no key material, and nobody attests that the same material is kept(; needed by 1 copy,|$)/,
    );
    const blocked = judgeKeyring(control, { ...seen(GONE), attested: ['imported-key-material-kept'] });
    expect(blocked).toMatchObject({ status: 'fail', grade: 'observed' });
    expect(blocked.because).toMatch(
      /^blocked: the key has no key material; importing the same material again, which .+ attests to be kept, brings it back(;|$)/,
    );
  });

  test('whose time is up since: the same', () => {
    expect(judgeKeyring(control, seen(EXPIRED)).because).toMatch(/^lost: the key expired on 2026-11-21 18:00 UTC, and/);
    const blocked = judgeKeyring(control, { ...seen(EXPIRED), attested: ['imported-key-material-kept'] });
    expect(blocked.because).toMatch(/^blocked: the key expired on 2026-11-21 18:00 UTC; importing/);
  });
});

test('REC-1 does not come back with a key whose imported material nobody attests', () => {
  const kms = {
    keyrings: [{ providerKind: 'aws-kms', currentVersion: null }],
    records: [{ version: null }],
    providerDomain: [{ account: '111122223333' }],
    snapshots: [],
  };
  const { rec1, broken } = judgeRecovery({ ...kms, key: [GONE] });
  expect(rec1.status).toBe('fail');
  expect(broken).toEqual({ 'key versions': 'fails' });
  expect(judgeRecovery({ ...kms, key: [{ ...GONE, state: 'disabled' }] }).broken).toEqual({});
});
