import { describe, expect, test } from 'vitest';
import { key1 } from '../../../src/evaluate/controls/key-1.ts';
import { key2 } from '../../../src/evaluate/controls/key-2.ts';
import { key3 } from '../../../src/evaluate/controls/key-3.ts';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import { key5 } from '../../../src/evaluate/controls/key-5.ts';
import { key13 } from '../../../src/evaluate/controls/key-13.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring, judgeProvider, type KeyCase } from '../key-case.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const AZURE = 'azure-key-vault';
const keyrings = [{ providerKind: AZURE, keyRef: 'acme', currentVersion: null }];
const named = (name: string, days: number, enabled = true) => ({
  name,
  enabled,
  createdAt: ago(days * DAY),
  notBefore: null,
  expiresAt: null,
  canDecrypt: true,
  keyType: 'RSA',
});
const KEY: Partial<Facts['key-state']> = {
  identity: 'https://acme.vault.azure.net/keys/acme',
  latestVersion: null,
  versions: null,
  minDecryptionVersion: null,
  minAvailableVersion: null,
  createdAt: ago(500 * DAY),
  keyType: 'RSA',
  recovery: { level: 'Recoverable', days: 90, softDelete: true, purgeProtected: true },
  namedVersions: [named(A, 500), named(B, 100)],
  currentName: B,
};
const records = [
  { keyRef: `acme/${A}`, version: null, createdAt: ago(490 * DAY), state: 'retired', retiredAt: ago(99 * DAY) },
  { keyRef: `acme/${B}`, version: null, createdAt: ago(99 * DAY), state: 'active' },
] as const;
const DELETED = {
  ...KEY,
  state: 'pending-deletion',
  deletedAt: ago(DAY),
  deletionDate: ago(-89 * DAY),
  createdAt: null,
  namedVersions: null,
} as const;

function seen(key: Partial<Facts['key-state']>, more: KeyCase = {}): KeyCase {
  return { keyrings, records, key: [{ ...KEY, ...key }], snapshots: [], snapshotKeys: [], ...more };
}

describe('a key of a vault', () => {
  test('that is as it should be passes all', () => {
    for (const control of [key2, key3, key4, key5, key13]) expect(judgeKeyring(control, seen({})).status).toBe('pass');
  });

  test('with a number for each version in the records passes, too', () => {
    const numbered = records.map((one, index) => ({ ...one, keyRef: 'acme', version: index + 1 }));
    for (const control of [key3, key4, key13]) {
      expect(judgeKeyring(control, seen({}, { records: numbered })).status).toBe('pass');
    }
    const oldOff = { namedVersions: [named(A, 500, false), named(B, 100)] };
    expect(judgeKeyring(key3, seen(oldOff, { records: numbered })).status).toBe('pass');
    expect(judgeKeyring(key4, seen(oldOff, { records: numbered }))).toMatchObject({ status: 'fail' });
    expect(judgeKeyring(key3, seen(oldOff, { records: numbered.slice(1) })).status).toBe('unknown');
  });

  test('disabled, expired or not yet valid is blocked, and says how that is undone', () => {
    const disabled: Partial<Facts['key-state']> = {
      state: 'disabled',
      namedVersions: [named(A, 500), named(B, 100, false)],
    };
    expect(judgeKeyring(key2, seen(disabled)).because).toMatch(/^blocked: the key https:.* is disabled; enabling it/);
    expect(judgeKeyring(key3, seen(disabled)).because).toContain(`stands for its version ${B}, which is disabled`);
    expect(judgeKeyring(key2, seen({ expiresAt: ago(DAY) })).because).toMatch(
      /^blocked: .*expired on .*still decrypts/,
    );
    expect(judgeKeyring(key2, seen({ notBefore: ago(-DAY) })).because).toMatch(/^blocked: .*not valid before/);
    for (const control of [key3, key4]) {
      expect(judgeKeyring(control, seen({ expiresAt: ago(DAY), notBefore: ago(-DAY) })).status).toBe('pass');
    }
  });

  test('deleted is blocked until it is purged; purged is lost', () => {
    const finding = judgeKeyring(key2, seen(DELETED));
    expect(finding).toMatchObject({ status: 'fail' });
    expect(finding.because).toMatch(/^blocked: .*was deleted on 2026-11-21.* for good on 2027-02-19.*; recovering it/);
    for (const control of [key3, key4, key5]) expect(judgeKeyring(control, seen(DELETED)).status).toBe('fail');
    expect(judgeKeyring(key13, seen(DELETED)).status).toBe('unknown');
    const past = { ...DELETED, deletionDate: ago(DAY) } as const;
    const due = judgeKeyring(key2, seen({ ...past, isPurgeOverdue: true }));
    expect(due.because).toMatch(/^blocked: .*was to be gone for good on .* still shown .*; recovering it at once may/);
    expect(judgeKeyring(key2, seen(past)).because).toMatch(/^lost: /);
    const other = { state: 'missing', createdAt: null, isOtherVersionThere: true } as const;
    expect(judgeKeyring(key2, seen({ ...other, namedVersions: [] })).because).toMatch(
      /^lost: .*is there, and the version that its reference names does not exist/,
    );
    const missing: Partial<Facts['key-state']> = { state: 'missing', namedVersions: [], createdAt: null };
    expect(judgeKeyring(key2, seen(missing)).because).toMatch(/^lost: /);
    expect(judgeKeyring(key13, seen(missing)).status).toBe('unknown');
  });

  test('made anew under its name is another key', () => {
    const anew = { createdAt: ago(9 * DAY), namedVersions: [named(A, 9)], currentName: A };
    const numbered = records.map((one, index) => ({ ...one, keyRef: 'acme', version: index + 1 }));
    expect(judgeKeyring(key13, seen(anew, { records: numbered })).status).toBe('fail');
    expect(judgeKeyring(key4, seen(anew)).because).toMatch(/^lost: /);
  });

  test('needs soft delete and purge protection', () => {
    const level = (softDelete: boolean | null, purgeProtected: boolean | null, text: string | null = 'x') =>
      judgeKeyring(key5, seen({ recovery: { level: text, days: 7, softDelete, purgeProtected } }));
    expect(level(false, false).because).toContain('gone at once');
    expect(level(true, false).because).toContain('no purge protection');
    expect(level(true, true).status).toBe('pass');
    expect(level(null, null).status).toBe('unknown');
    expect(level(null, null, null).status).toBe('unknown');
    expect(judgeKeyring(key5, seen({}, { key: 'blind' })).status).toBe('unknown');
  });

  test('of the install may have been used in any version before the last rotation', () => {
    const install = (keyRef: string, days: number, key: Partial<Facts['key-state']>) =>
      judgeInstallKeyring(key4, {
        ...seen(key),
        keyrings: [
          {
            keyringId: 'keyring-install',
            keyRef,
            providerKind: AZURE,
            currentVersion: null,
            rotatedAt: ago(days * DAY),
          },
        ],
      });
    expect(install(`acme/${B}`, 99, {}).status).toBe('pass');
    expect(install(`acme/${B}`, 0, { namedVersions: [named(A, 500, false), named(B, 100)] }).status).toBe('unknown');
  });
});

describe('the provider', () => {
  const provider = (service: 'key-vault' | 'managed-hsm' | undefined) => [
    { kind: AZURE, sealed: null, ...(service === undefined ? {} : { service }) },
  ];

  test('a vault that answers is Microsoft’s to keep', () => {
    expect(judgeProvider(key1, { provider: provider('key-vault') }).status).toBe('pass');
    expect(judgeProvider(key5, { provider: provider('key-vault'), snapshots: [] }).status).toBe('pass');
    expect(judgeProvider(key5, { provider: provider(undefined) }).status).toBe('unknown');
    expect(judgeProvider(key5, { provider: 'blind' }).status).toBe('unknown');
  });

  test('what its resource tells is told, and nothing judged by it', () => {
    const asked = (resource: KeyCase['resource']) =>
      judgeProvider(key5, { provider: provider('key-vault'), ...(resource === undefined ? {} : { resource }) });
    const told = 'the vault answers, and Microsoft keeps the service';
    expect(asked([{}])).toMatchObject({
      status: 'pass',
      because: `${told}; its resource has soft delete for 90 days, purge protection, open to 2 network rules alone`,
    });
    const bare = { softDelete: false, purgeProtected: false, retentionDays: null, defaultAction: 'allow' } as const;
    expect(asked([bare])).toMatchObject({
      status: 'pass',
      because: `${told}; its resource has no soft delete, no purge protection, open to every network`,
    });
    expect(asked([{ publicNetwork: false }]).because).toMatch(/, closed to public networks$/);
    expect(asked('blind')).toMatchObject({ status: 'pass', because: told });
    expect(asked(undefined)).toMatchObject({ status: 'pass', because: told });
  });

  test('a Managed HSM needs its security domain and a full backup, attested', () => {
    const hsm = { provider: provider('managed-hsm') };
    expect(judgeProvider(key5, hsm).because).toContain('security domain was downloaded and is kept, nor that a full');
    expect(judgeProvider(key5, { ...hsm, attested: ['security-domain-backed-up'] }).because).toBe(
      'nobody attests that a full backup of it is kept',
    );
    const attested = ['security-domain-backed-up', 'hsm-vendor-export-done'] as const;
    expect(judgeProvider(key5, { ...hsm, attested })).toMatchObject({ status: 'pass', grade: 'declared' });
  });
});
