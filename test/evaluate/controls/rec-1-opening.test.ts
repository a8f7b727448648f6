import { describe, expect, it } from 'vitest';
import { type CustodyCase, held, judgeInstallRecoverable, judgeRecoverable } from '../custody-case.ts';

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
  const gone: CustodyCase = { ...BY_SECOND, keys: { 'vault-2': [{ keyRef: 'unseal', state: 'missing' }] } };
  const finding = judgeRecoverable({ ...gone, secondSnapshots: [] });
  expect(finding.status).toBe('fail');
  // A snapshot of its Vault may hold it, and nobody looked.
  expect(judgeRecoverable(gone).status).toBe('unknown');
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

describe('the places in which its copies lie', () => {
  const far = [{ host: 'far-away' }];
  const byKey = held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'files' }]);
  /** The Vault of its keys outlives the loss, and needs no snapshot. */
  const alive: CustodyCase = { providerDomain: far, secondDomain: { host: 'far-away' }, secondSnapshots: [] };
  const closed = (state: 'missing' | 'disabled' | 'pending-deletion', opens = 'dumps'): CustodyCase => ({
    ...alive,
    opens: { [opens]: [byKey] },
    keys: { 'vault-2': [{ keyRef: 'files', state }] },
  });

  it('must open: it does not come back where the key of all of them is gone', () => {
    expect(judgeRecoverable({ ...alive, opens: { dumps: [byKey] } }).status).toBe('pass');
    const finding = judgeRecoverable(closed('missing'));
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('key files of vault-2 does not exist');
    expect(judgeRecoverable(closed('missing', 'sets')).status).toBe('fail');
    expect(judgeInstallRecoverable(closed('missing')).status).toBe('fail');
  });

  it('may hold what is older than the default of their bucket', () => {
    const byDefault = { ...byKey, origin: 'observed' as const };
    const finding = judgeRecoverable({ ...closed('missing'), opens: { dumps: [byDefault] } });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('key files of vault-2 does not exist');
  });

  it('do not open with a passphrase that is kept in them', () => {
    const itself = held('passphrase', [{ kind: 'location', name: 'dumps' }]);
    const finding = judgeRecoverable({ ...alive, opens: { dumps: [itself] } });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('recovery runs in a circle');
    const twice = {
      dumps: [
        held('passphrase', [
          { kind: 'location', name: 'dumps' },
          { kind: 'outside', name: 'safe' },
        ]),
      ],
    };
    expect(judgeRecoverable({ ...alive, opens: twice }).status).toBe('pass');
  });

  it('are not certain to stay closed where somebody attests that passphrases are kept elsewhere, too', () => {
    const itself = held('passphrase', [{ kind: 'location', name: 'dumps' }]);
    const finding = judgeRecoverable({ ...alive, opens: { dumps: [itself] }, attested: true });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(
      'operations attests that the passphrases are kept outside the install host: state that place in passphraseKeptIn of dumps',
    );
  });

  it('do not open with a passphrase that is kept on the lost host alone, whose copies lie in them', () => {
    const onHost = held('passphrase', [{ kind: 'host', name: 'install-1' }]);
    const seen: CustodyCase = { ...alive, opens: { sets: [onHost] }, hostCopies: [{ location: 'sets' }] };
    expect(judgeRecoverable(seen).status).toBe('fail');
    expect(judgeRecoverable(seen).because).toContain('recovery runs in a circle');
    const contradicted = judgeRecoverable({ ...seen, attested: true });
    expect(contradicted.status).toBe('unknown');
    expect(contradicted.because).toContain('attests that the passphrases are kept outside the install host');
  });

  it('do not matter where a good copy lies elsewhere', () => {
    const copies = [{}, { location: 'sets', path: 'second.dump' }];
    expect(judgeRecoverable({ ...closed('missing'), copies, installCopies: copies }).status).toBe('pass');
    expect(judgeRecoverable({ ...closed('missing'), copies }).status).toBe('fail');
  });

  it('open again where their key is only blocked, which is told', () => {
    for (const state of ['disabled', 'pending-deletion'] as const) {
      const finding = judgeRecoverable(closed(state));
      expect(finding.status).toBe('pass');
      expect(finding.because).toContain('once this is undone');
    }
  });

  it('are not known to open where nobody could tell of their key, or a snapshot may hold it', () => {
    expect(judgeRecoverable({ ...closed('missing'), keys: { 'vault-2': 'blind' } }).status).toBe('unknown');
    expect(judgeRecoverable({ ...closed('missing'), keys: { 'vault-2': [] } }).status).toBe('unknown');
    expect(judgeRecoverable({ ...closed('missing'), secondSnapshots: [{}] }).status).toBe('unknown');
    expect(judgeRecoverable({ ...closed('missing'), secondDomain: { host: null } }).status).not.toBe('pass');
    expect(judgeRecoverable({ ...alive, opens: { dumps: [held('passphrase', [], 'observed')] } }).status).toBe('pass');
  });
});
