import { describe, expect, test } from 'vitest';
import { key9 } from '../../../src/evaluate/controls/key-9.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, policyOf } from '../fixture.ts';
import { judgeKeyring, type KeyCase } from '../key-case.ts';

describe('how it is rotated is told beside, and decides nothing', () => {
  const told = (rotation: KeyCase['rotation'], settings: KeyCase['settings'] = [{}]) =>
    judgeKeyring(key9, { settings, ...(rotation === undefined ? {} : { rotation }) });

  test('the period, the next time and the last', () => {
    const rotatedAt = [ago(90 * DAY), ago(60 * DAY)];
    expect(told([{ automatic: true, periodDays: 30, nextAt: ago(-3 * DAY), rotatedAt }])).toMatchObject({
      status: 'pass',
      because:
        'neither deletion nor plaintext backup is allowed; it is rotated by itself every 30 days, next on 2026-11-25 18:00 UTC; it was rotated last on 2026-09-23 18:00 UTC',
    });
    expect(told([{ automatic: true, periodDays: 1 / 24 }]).because).toMatch(/by itself every 0\.04 days$/);
  });

  test('nothing where the provider tells nothing, or was not seen', () => {
    expect(told([{ automatic: null }]).because).toBe('neither deletion nor plaintext backup is allowed');
    expect(told('blind')).toMatchObject({ status: 'pass', because: expect.not.stringContaining('rotate') });
  });

  test('of a gap, too', () => {
    const gap = told([{ automatic: false, rotatedAt: [ago(DAY)] }], [{ deletionAllowed: true }]);
    expect(gap).toMatchObject({
      status: 'fail',
      because: 'deletion_allowed is on; nothing rotates it by itself; it was rotated last on 2026-11-21 18:00 UTC',
    });
  });
});

describe('a key in Vault', () => {
  test('with both settings off', () => {
    const finding = judgeKeyring(key9);
    expect(finding.status).toBe('pass');
    expect(finding.because).toBe('neither deletion nor plaintext backup is allowed; nothing rotates it by itself');
  });

  test.each([
    ['deletion allowed', { deletionAllowed: true }, 'deletion_allowed is on'],
    ['plaintext backup allowed', { plaintextBackupAllowed: true }, 'allow_plaintext_backup is on'],
    [
      'both, and exportable',
      { deletionAllowed: true, plaintextBackupAllowed: true, exportable: true },
      'deletion_allowed and allow_plaintext_backup are on; it is exportable',
    ],
    ['one on, the other not told', { deletionAllowed: true, plaintextBackupAllowed: null }, 'deletion_allowed is on'],
  ])('%s', (_, settings, because) => {
    const finding = judgeKeyring(key9, { settings: [settings] });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  test('that can be exported may be so on purpose, and it is said', () => {
    const finding = judgeKeyring(key9, { settings: [{ exportable: true }] });
    expect(finding).toMatchObject({ status: 'pass', because: expect.stringContaining('it is exportable') });
  });

  test('of which not everything is told, or nothing could be asked', () => {
    expect(judgeKeyring(key9, { settings: [{ deletionAllowed: null }] }).status).toBe('unknown');
    expect(judgeKeyring(key9, { settings: 'blind' }).status).toBe('unknown');
    expect(judgeKeyring(key9, { settings: [] }).status).toBe('unknown');
    expect(judgeKeyring(key9, { key: 'blind' }).status).toBe('unknown');
  });
});

describe('a key in AWS KMS', () => {
  const account = '111122223333';
  const own = {
    principal: `arn:aws:iam::${account}:root`,
    wholeAccount: account,
    actions: ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy'],
    conditional: false,
  };
  const admin = { ...own, principal: `arn:aws:iam::${account}:role/KeyAdmin`, wholeAccount: null };
  const other = { ...own, principal: 'arn:aws:iam::999988887777:root', wholeAccount: '999988887777' };
  const everybody = { ...own, principal: '*', wholeAccount: null, conditional: true };
  const judge = (destroyers: readonly (typeof admin | typeof own)[], mayDeleteKeys?: string[], more: KeyCase = {}) =>
    judgeKeyring(key9, {
      keyrings: [{ providerKind: 'aws-kms' }],
      settings: [{ deletionAllowed: null, plaintextBackupAllowed: null, account, destroyers: [...destroyers] }],
      ...(mayDeleteKeys === undefined ? {} : { policy: policyOf({ mayDeleteKeys }) }),
      ...more,
    });

  test('that nobody but its own account may delete: its IAM policies decide, and that is said', () => {
    const finding = judge([own]);
    expect(finding.status).toBe('pass');
    expect(finding.because).toBe(
      'its key policy lets account 111122223333 delete or disable it, or change that policy; which users of account 111122223333 that means is decided by the IAM policies there, which the audit does not read; nothing rotates it by itself',
    );
  });

  test('that nobody may delete', () => {
    expect(judge([])).toMatchObject({ status: 'pass', because: expect.stringContaining('nobody') });
    expect(judge([], []).status).toBe('pass');
  });

  test('that others may delete, and nobody states whether they should', () => {
    for (const who of [admin, other, everybody]) {
      const finding = judge([own, who]);
      expect(finding.status).toBe('unknown');
      expect(finding.because).toContain('policy.mayDeleteKeys does not state who may');
    }
    expect(judge([everybody]).because).toContain('everybody (under conditions)');
  });

  test('that everybody may delete without a condition is a gap whoever may', () => {
    for (const allowed of [undefined, [admin.principal]]) {
      expect(judge([own, { ...everybody, conditional: false }], allowed).status).toBe('fail');
    }
    expect(judge([{ ...everybody, conditional: false }]).because).toContain('lets everybody delete or disable it');
  });

  test('that only those may delete who are named', () => {
    expect(judge([admin], [admin.principal]).status).toBe('pass');
    expect(judge([own, admin], [admin.principal, account]).status).toBe('pass');
    expect(judge([other], ['arn:aws:iam::999988887777:root']).status).toBe('pass');
  });

  test('that somebody else may delete', () => {
    for (const who of [other, everybody]) {
      const finding = judge([admin, who], [admin.principal]);
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain('policy.mayDeleteKeys does not name');
    }
    expect(judge([admin], []).status).toBe('fail');
  });

  test('whose account lets its IAM policies decide, where only some people are meant', () => {
    const finding = judge([own, admin], [admin.principal]);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('is not known');
  });

  test('on which there are grants: who may decrypt or pass that on is told, and nothing judged by it', () => {
    const may = (...grants: NonNullable<Facts['key-settings']['grants']>) => grants;
    const withGrants = (grants: Facts['key-settings']['grants'] | null) =>
      judgeKeyring(key9, {
        keyrings: [{ providerKind: 'aws-kms' }],
        settings: [{ account, destroyers: [own], ...(grants === undefined ? {} : { grants }) }],
      });
    expect(withGrants(may({ principal: 'role/app', rights: ['decrypt'] }))).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(/does not read; by grants on it, role\/app may decrypt with it/),
    });
    const all = may(
      { principal: 'a', rights: ['create-grants', 'decrypt'] },
      { principal: 'b', rights: ['decrypt', 'retire-grants'] },
    );
    expect(withGrants(all).because).toContain(
      'a, b may decrypt with it; a may give further grants; b may retire grants',
    );
    expect(withGrants([]).because).toMatch(/; no grant lets anybody decrypt with it/);
    expect(withGrants(null)).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(/; who holds grants on it could not be read/),
    });
    expect(withGrants(undefined).because).not.toContain('grant');
  });

  test('that is about to be deleted: the date is stated', () => {
    const key = [{ state: 'pending-deletion', deletionDate: ago(-7 * DAY) } as const];
    const finding = judge([own], undefined, { key });
    expect(finding.status).toBe('pass');
    expect(finding.because).toMatch(/^it will be deleted on 2026-11-29 18:00 UTC; /);
  });

  test('whose policy could not be read', () => {
    expect(judgeKeyring(key9, { keyrings: [{ providerKind: 'aws-kms' }], settings: 'blind' }).status).toBe('unknown');
  });
});

describe('a key in an HSM', () => {
  const attributes = {
    class: 'secret key',
    keyType: 'AES, 256 bits',
    label: 'acme',
    id: '01',
    checkValue: null,
    startsAt: null,
    sensitive: false,
    extractable: true,
    neverExtractable: false,
    modifiable: true,
  };
  const judge = (changes: Partial<typeof attributes> | { readonly sensitive: null }) =>
    judgeKeyring(key9, {
      keyrings: [{ providerKind: 'pkcs11' }],
      settings: 'blind',
      rotation: 'blind',
      key: [{ attributes: { ...attributes, ...changes } }],
    });

  test('that is extractable and not sensitive can be read in clear', () => {
    expect(judge({})).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('whoever logs in to the token can read it in clear'),
      remediation: expect.stringContaining('CKA_EXTRACTABLE false'),
    });
  });

  test.each([{ extractable: false }, { sensitive: true }, { sensitive: null }])('with %o cannot', (changes) => {
    expect(judge(changes).status).toBe('not-applicable');
  });
});

describe('not applicable', () => {
  test.each([
    ['pkcs11', 'whoever logs in as its user may'],
    ['azure-key-vault', 'KEY-5'],
  ])('to %s, whatever is known of the key', (providerKind, why) => {
    const finding = (key: NonNullable<KeyCase['key']>) =>
      judgeKeyring(key9, { keyrings: [{ providerKind }], settings: 'blind', key });
    expect(finding([{}])).toMatchObject({ status: 'not-applicable', because: expect.stringContaining(why) });
    // Whether a key in an HSM can be read in clear, only its attributes tell.
    expect(finding('blind').status).toBe(providerKind === 'pkcs11' ? 'unknown' : 'not-applicable');
  });

  test('to a key that does not exist', () => {
    expect(judgeKeyring(key9, { key: [{ state: 'missing' }], settings: [] })).toMatchObject({
      status: 'not-applicable',
      because: 'the key does not exist in the provider',
    });
  });
});

test('a key whose kind of provider is not recorded is unknown', () => {
  expect(judgeKeyring(key9, { keyrings: [{ providerKind: null }] }).status).toBe('unknown');
});
