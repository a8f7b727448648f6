import { describe, expect, test } from 'vitest';
import { key4 } from '../../src/evaluate/controls/key-4.ts';
import { key7 } from '../../src/evaluate/controls/key-7.ts';
import { DAY } from '../../src/model/instant.ts';
import { ago, policyOf } from './fixture.ts';
import { judgeKeyring, type KeyCase } from './key-case.ts';
import { judgeRecovery } from './recovery-case.ts';

const copyAt = (days: number) => {
  const instant = ago(days * DAY);
  return { moment: { notBefore: instant, notAfter: instant, origin: 'test' }, modifiedAt: instant };
};
const FIRST = { version: 1, state: 'destroyed', createdAt: ago(90 * DAY), retiredAt: ago(60 * DAY) } as const;
const LAST = { version: 4, createdAt: ago(30 * DAY) } as const;
const made = (version: number) => ({ version, createdAt: ago((120 - 22 * version) * DAY) });
const keyWith = (...versions: readonly number[]) => ({
  latestVersion: 4,
  minAvailableVersion: versions[0] ?? 4,
  minDecryptionVersion: versions[0] ?? 4,
  createdAt: null,
  versions: versions.map(made),
});

describe('versions between two on record, of which no record is left', () => {
  const seen = {
    records: [FIRST, LAST],
    key: [keyWith(4)],
    copies: [copyAt(1)],
    organizations: [{ createdAt: ago(90 * DAY) }],
  } satisfies KeyCase;

  test('may be needed by a copy from after them, and are not said to be usable once they were trimmed', () => {
    const finding = judgeKeyring(key4, seen);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(
      'version 2 of the key, which may be needed although no record of it is left, was trimmed: the provider has deleted versions below 4; it may be needed by 1 copy',
    );
    expect(judgeKeyring(key7, seen).status).toBe('unknown');
    const { rec1, broken } = judgeRecovery({ ...seen, providerDomain: [{ host: 'far-away' }] });
    expect(broken).toEqual({ 'key versions': 'unknown' });
    expect(rec1.because).toContain(
      'of version 2 of the key, which came before version 4, no record is left, and it may be needed: version 2 of the key was trimmed',
    );
  });

  test('are not in the way while the provider has them', () => {
    for (const key of [keyWith(2, 3, 4), keyWith(1, 2, 3, 4)]) {
      const finding = judgeKeyring(key4, { ...seen, key: [key] });
      expect(finding.status).toBe('pass');
      expect(finding.because).toContain('(4)');
      expect(judgeRecovery({ ...seen, key: [key], providerDomain: [{ host: 'far-away' }] }).broken).toEqual({});
    }
  });

  test('are not needed where a record tells that they were destroyed, or policy that retired means rewrapped', () => {
    const gone = [2, 3].map((version) => ({ ...FIRST, version, retiredAt: ago(30 * DAY) }));
    const policy = policyOf({ retiredMeansRewrapped: true });
    for (const more of [{ records: [FIRST, ...gone, LAST] }, { policy }]) {
      expect(judgeKeyring(key4, { ...seen, ...more }).status).toBe('pass');
      expect(judgeRecovery({ ...seen, ...more, providerDomain: [{ host: 'far-away' }] }).broken).toEqual({});
    }
  });

  test('are not needed by a copy whose own rows name others', () => {
    const row = { keyRef: 'tenant-acme', state: 'active', retiredAt: null, ...LAST } as const;
    const copies = [{ ...copyAt(1), keyVersionsInside: { versions: [row], because: null } }];
    expect(judgeKeyring(key4, { ...seen, copies }).status).toBe('pass');
  });

  test('are asked about once, however many they are', () => {
    const records = [FIRST, { ...LAST, version: 2_000_000_000 }];
    expect(judgeKeyring(key4, { ...seen, records }).status).toBe('fail');
  });
});

test('a copy from between two records, when no version was in use, is not one that needs none', () => {
  const seen = {
    records: [FIRST, { ...LAST, version: 2 }],
    key: [{ ...keyWith(2), latestVersion: 2 }],
    copies: [copyAt(45)],
    installCopies: [{}],
    providerDomain: [{ host: 'far-away' }],
    organizations: [{ createdAt: ago(90 * DAY) }],
  };
  const { rec1, broken } = judgeRecovery(seen);
  expect(broken).toMatchObject({ 'key versions': 'unknown' });
  expect(rec1.because).not.toContain('older than every use');
  const finding = judgeKeyring(key4, seen);
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('no version on record was in use any more, or yet');
});
