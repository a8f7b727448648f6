import { describe, expect, test } from 'vitest';
import { key8 } from '../../../src/evaluate/controls/key-8.ts';
import { type CustodyCase, held, providerScope } from '../custody-case.ts';
import { judge, node, PROVIDER } from '../fixture.ts';
import { judgeProvider } from '../key-case.ts';

test('shares that somebody attests', () => {
  const finding = judgeProvider(key8, { attested: ['unseal-shares-held'] });
  expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
  expect(finding.because).toContain('operations attests that the unseal shares are held');
});

test('shares that nobody attests, with how many are needed', () => {
  const finding = judgeProvider(key8);
  expect(finding).toMatchObject({ status: 'fail', because: 'nobody attests that the 3 of 5 unseal shares are held' });
  expect(judgeProvider(key8, { attested: ['recovery-shares-held'] }).status).toBe('fail');
});

describe('a Vault that unseals itself', () => {
  const TRANSIT = { sealType: 'transit' };
  const by = (name: string) => held('unseal-key', [{ kind: 'provider', name, key: 'unseal' }]);
  const judged = (seen: CustodyCase, attested: readonly string[] = ['recovery-shares-held']) =>
    judge(key8, node(PROVIDER), providerScope({ ...seen, attestedOfFirst: attested }));

  test('needs its recovery shares, the other to answer, and no loop', () => {
    const seen = { first: TRANSIT, opens: { 'vault-1': [by('vault-2')] } };
    expect(judged(seen)).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(judged(seen).because).toContain('vault-2, which holds key unseal that unseals it, answers');
    expect(judged(seen, [])).toMatchObject({
      status: 'fail',
      because: 'nobody attests that the recovery shares are held',
    });
    expect(judged(seen, ['unseal-shares-held']).status).toBe('fail');
  });

  test.each<readonly [string, CustodyCase, string, string]>([
    ['nobody is named', {}, 'unknown', 'nothing tells who holds the key for it: state seal of provider vault-1'],
    [
      'the other is sealed',
      { second: { sealed: true }, opens: { 'vault-1': [by('vault-2')] } },
      'fail',
      'vault-2 holds key unseal that unseals it and is sealed',
    ],
    [
      'the other does not answer',
      { second: 'blind', opens: { 'vault-1': [by('vault-2')] } },
      'unknown',
      'vault-2 holds key unseal that unseals it and did not answer',
    ],
    [
      'the key is gone',
      { opens: { 'vault-1': [by('vault-2')] }, keys: { 'vault-2': [{ keyRef: 'unseal', state: 'missing' }] } },
      'fail',
      'key unseal of vault-2 does not exist, and it unseals vault-1: after a restart it stays sealed',
    ],
    [
      'the key waits for its deletion',
      {
        opens: { 'vault-1': [by('vault-2')] },
        keys: {
          'vault-2': [{ keyRef: 'unseal', state: 'pending-deletion', deletionDate: '2026-12-01T00:00:00.000Z' }],
        },
      },
      'fail',
      'key unseal of vault-2 will be deleted on ',
    ],
    [
      'the key cannot decrypt',
      { opens: { 'vault-1': [by('vault-2')] }, keys: { 'vault-2': [{ keyRef: 'unseal', canDecrypt: false }] } },
      'fail',
      'key unseal of vault-2 cannot decrypt',
    ],
    [
      'nobody asked about the key',
      { opens: { 'vault-1': [by('vault-2')] }, keys: { 'vault-2': [{ keyRef: 'other' }] } },
      'unknown',
      'it is not known whether key unseal of vault-2 is there: its provider did not show it',
    ],
    [
      'the key was not shown',
      { opens: { 'vault-1': [by('vault-2')] }, keys: { 'vault-2': 'blind' } },
      'unknown',
      'it is not known whether key unseal of vault-2 is there',
    ],
    [
      'which key is not stated',
      { opens: { 'vault-1': [held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: null }])] } },
      'unknown',
      'state which key of vault-2 it is',
    ],
    [
      'each unseals the other',
      { second: TRANSIT, opens: { 'vault-1': [by('vault-2')], 'vault-2': [by('vault-1')] } },
      'fail',
      'each waits for the next: vault-1 is unsealed by key unseal of vault-2, and vault-2 is unsealed by key unseal of vault-1',
    ],
    [
      'it unseals itself with a key of its own',
      { opens: { 'vault-1': [by('vault-1')] } },
      'fail',
      'it waits for itself: vault-1 is unsealed by key unseal of vault-1',
    ],
    [
      'who unseals the other is not told',
      { second: TRANSIT, opens: { 'vault-1': [by('vault-2')] } },
      'unknown',
      'vault-2 unseals itself (seal transit), and nothing tells who holds the key for it',
    ],
    [
      'a key that no provider asks about',
      {
        opens: { 'vault-1': [held('unseal-key', [{ kind: 'service', name: 'AWS KMS' }])] },
        first: { sealType: 'awskms' },
      },
      'unknown',
      'no provider of the configuration asks whether that answers',
    ],
    [
      'somebody outside unseals it',
      { opens: { 'vault-1': [held('unseal-key', [{ kind: 'outside', name: 'HCP Vault' }])] } },
      'unknown',
      'HCP Vault unseals it, and no provider of the configuration asks whether that answers',
    ],
    [
      'the other is no provider for such a seal',
      { first: { sealType: 'awskms' }, opens: { 'vault-1': [by('vault-2')] } },
      'unknown',
      'is of another kind',
    ],
  ])('%s', (_, seen, status, because) => {
    const finding = judged({ first: TRANSIT, ...seen });
    expect(finding.status).toBe(status);
    expect(finding.because).toContain(because);
  });

  test('that is sealed now although the key is there shows that this does not work', () => {
    const finding = judged({ first: { ...TRANSIT, sealed: true }, opens: { 'vault-1': [by('vault-2')] } });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('vault-1 is sealed all the same: that it unseals itself does not work now');
  });

  test('a snapshot from before the key was made may need another key', () => {
    const made = (createdAt: string) => ({ 'vault-2': [{ keyRef: 'unseal', versions: [{ version: 1, createdAt }] }] });
    const seen = { first: TRANSIT, opens: { 'vault-1': [by('vault-2')] } };
    const finding = judged({ ...seen, keys: made('2026-11-22T01:30:00.000Z') });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('is older than all that there is of key unseal of vault-2');
    expect(judged({ ...seen, keys: made('2026-11-22T00:30:00.000Z') }).status).toBe('pass');
  });

  test('a snapshot from before the versions that may decrypt may need one that is kept from it', () => {
    const versions = [{ version: 3, createdAt: '2026-11-22T01:30:00.000Z' }];
    const key = { keyRef: 'unseal', versions, minDecryptionVersion: 3 };
    const seen = { first: TRANSIT, opens: { 'vault-1': [by('vault-2')] } };
    const finding = judged({ ...seen, keys: { 'vault-2': [key] } });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('a version below 3, which min_decryption_version keeps from decrypting');
    const trimmed = judged({ ...seen, keys: { 'vault-2': [{ ...key, minAvailableVersion: 3 }] } });
    expect(trimmed.because).toContain('is older than all that there is of key unseal of vault-2');
  });

  test('a statement that Vault itself contradicts is told, and what Vault says counts', () => {
    const finding = judged({ opens: { 'vault-1': [by('vault-2')] } }, ['unseal-shares-held']);
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('people open it with their shares, although vault-2 is stated to unseal it');
    expect(finding.because.match(/people open it/g)).toHaveLength(1);
    const ofOther = judged({ opens: { 'vault-2': [by('vault-1')] } }, ['unseal-shares-held']);
    expect(ofOther.because).not.toContain('is stated to unseal it');
  });

  test('a key of AWS KMS whose provider answers', () => {
    const seen = {
      first: { sealType: 'awskms' },
      second: { kind: 'aws-kms', sealType: null },
      opens: { 'vault-1': [by('vault-2')] },
    };
    expect(judged(seen).status).toBe('pass');
  });
});

describe('what a snapshot tells of its seal', () => {
  const attested = ['unseal-shares-held'];
  const OTHER = { sealType: 'transit', path: 'old.snap', takenAt: '2026-11-20T01:00:00.000Z' };

  test.each([
    ['another seal', { sealType: 'transit' }, 'taken before the seal was changed from transit to shamir'],
    ['other shares', { sealShares: 3, sealThreshold: 2 }, 'opens with 2 of 3 unseal shares of before the rekeying'],
  ])('%s than the live one leaves it open', (_, changes, because) => {
    const finding = judgeProvider(key8, { attested, snapshots: [changes] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
    expect(finding.because).toContain('take another snapshot');
  });

  test('recovery shares of before a rekeying as well', () => {
    const finding = judge(
      key8,
      node(PROVIDER),
      providerScope({
        first: { sealType: 'transit' },
        snapshots: [{ sealShares: 3, sealThreshold: 2 }],
        opens: { 'vault-1': [held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: 'unseal' }])] },
        attestedOfFirst: ['recovery-shares-held'],
      }),
    );
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('its recovery shares are 2 of 3 of before the rekeying');
  });

  test('decides nothing of one that a newer one replaces, that is not good, or that nobody took', () => {
    expect(judgeProvider(key8, { attested, snapshots: [{}, OTHER] }).status).toBe('pass');
    expect(judgeProvider(key8, { attested, snapshots: [{}, { ...OTHER, takenAt: null }] }).status).toBe('unknown');
    expect(judgeProvider(key8, { attested, snapshots: [{ ...OTHER, complete: false }] }).status).toBe('pass');
    expect(judgeProvider(key8, { attested, snapshots: [] }).status).toBe('pass');
    expect(judgeProvider(key8, { attested, snapshots: 'blind' }).status).toBe('unknown');
    expect(judgeProvider(key8, { snapshots: 'blind' }).status).toBe('fail');
  });
});

test('the seal must be known, and only Vault has one', () => {
  const attested = ['unseal-shares-held'];
  expect(judgeProvider(key8, { provider: [{ sealType: null }], attested }).status).toBe('unknown');
  expect(judgeProvider(key8, { provider: [{ kind: 'aws-kms' }] }).status).toBe('not-applicable');
});
