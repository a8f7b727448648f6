import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/facts.ts';
import { type CustodyCase, held, judgeDependence, judgeInstallDependence, judgeRecoverable } from '../custody-case.ts';

const TRANSIT = { sealType: 'transit' };
const byFirst = held('unseal-key', [{ kind: 'provider', name: 'vault-1', key: 'unseal-2' }]);
const bySecond = held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: 'unseal-1' }]);
const inFirst = { kind: 'provider', name: 'vault-1' } as const;
const SAFE = { kind: 'outside', name: 'safe of the head office' } as const;

describe('nothing that opens is held by what it opens', () => {
  it('passes, and tells the order of recovery', () => {
    expect(judgeDependence()).toMatchObject({
      status: 'pass',
      grade: 'observed',
      because:
        'nothing that opens it is held by what it opens; order of recovery: vault-1, the install database, database tenant_acme, the files',
    });
    expect(judgeInstallDependence().because).toContain('order of recovery: vault-1, the install database');
  });

  it('tells of nothing to rebuild where everything outlives the loss', () => {
    const elsewhere = [{ host: 'far-away' }];
    const seen = { providerDomain: elsewhere, clusterDomain: elsewhere };
    expect(judgeInstallDependence(seen).because).toBe(
      'nothing that opens it is held by what it opens, and all of it outlives the loss',
    );
  });

  it('one Vault that another unseals, which people open, comes second', () => {
    const finding = judgeDependence({ first: TRANSIT, opens: { 'vault-1': [bySecond] } });
    expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(finding.because).toContain('order of recovery: vault-2, vault-1, the install database');
  });
});

it('does not know what opens a snapshot that was taken under another seal', () => {
  const finding = judgeDependence({ snapshots: [{ sealType: 'transit' }] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('taken before the seal was changed from transit to shamir');
  const another = { path: 'new.snap' };
  expect(judgeDependence({ snapshots: [{ sealType: 'transit' }, another] }).status).toBe('pass');
});

describe('a key that opens what must come back', () => {
  const far = { secondDomain: { host: 'far-away' } };
  const seal: CustodyCase = { ...far, first: TRANSIT, opens: { 'vault-1': [bySecond] } };
  const inSets = held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'files' }]);
  const location: CustodyCase = { ...far, opens: { dumps: [inSets] } };
  const gone = (keyRef: string) => ({ 'vault-2': [{ keyRef, state: 'missing' as const }] });

  it.each<readonly [string, CustodyCase, string]>([
    ['of a seal', seal, 'unseal-1'],
    ['of a location', location, 'files'],
  ])('%s must be there', (_, seen, key) => {
    expect(judgeDependence(seen).status).toBe('pass');
    const missing = judgeDependence({ ...seen, keys: gone(key) });
    expect(missing.status).toBe('fail');
    expect(missing.because).toContain(`key ${key} of vault-2 does not exist`);
    for (const keys of [{ 'vault-2': 'blind' }, { 'vault-2': [] }] as const) {
      const unasked = judgeDependence({ ...seen, keys });
      expect(unasked.status).toBe('unknown');
      expect(unasked.because).toContain(`it is not known whether key ${key} of vault-2 is there`);
    }
  });

  it('may be in the snapshot of its Vault, where that is lost, too', () => {
    const finding = judgeDependence({ ...seal, secondDomain: { host: 'install-1' }, keys: gone('unseal-1') });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('whether what vault-2 is restored from holds it is not known');
  });
});

it('leaves out of the order what is not taken, where there is another way', () => {
  const opens = { sets: [held('encryption-key', [{ kind: 'provider', name: 'vault-2' }])] };
  const snapshots = [{}, { location: 'sets', path: 'encrypted.snap' }];
  expect(judgeInstallDependence({ opens, snapshots }).because).toMatch(
    /order of recovery: vault-1, the install database$/,
  );
});

describe('a loop', () => {
  it('of two Vaults that unseal each other', () => {
    const seen = { first: TRANSIT, second: TRANSIT, opens: { 'vault-1': [bySecond], 'vault-2': [byFirst] } };
    for (const finding of [judgeDependence(seen), judgeInstallDependence(seen)]) {
      expect(finding).toMatchObject({
        status: 'fail',
        because:
          'recovery runs in a circle: vault-1 is unsealed by key unseal-1 of vault-2, and vault-2 is unsealed by key unseal-2 of vault-1',
      });
    }
    // One that outlives the loss is up, sealed by whomever.
    expect(judgeDependence({ ...seen, secondDomain: { host: 'far-away' } }).status).toBe('pass');
    expect(judgeDependence({ ...seen, secondDomain: { host: null, site: 'site-1' } }).status).toBe('unknown');
  });

  it('of a Vault that unseals itself with a key of its own', () => {
    const own = held('unseal-key', [{ ...inFirst, key: 'own' }]);
    expect(judgeDependence({ first: TRANSIT, opens: { 'vault-1': [own] } })).toMatchObject({
      status: 'fail',
      because: 'recovery runs in a circle: vault-1 is unsealed by key own of vault-1',
    });
  });

  it('of snapshots in a place that the same Vault encrypts', () => {
    const opens = { dumps: [held('encryption-key', [{ ...inFirst, key: 'bucket' }])] };
    const finding = judgeDependence({ opens });
    expect(finding).toMatchObject({
      status: 'fail',
      because:
        'recovery runs in a circle: the snapshots of vault-1 lie in dumps, and what lies in dumps is encrypted with key bucket of vault-1',
    });
    // A second snapshot that nothing encrypts breaks it.
    const snapshots = [{}, { location: 'sets', path: 'plain.snap' }];
    expect(judgeDependence({ opens, snapshots }).status).toBe('pass');
  });

  it('of a passphrase kept only in the Vault that it restores', () => {
    const finding = judgeDependence({ opens: { dumps: [held('passphrase', [inFirst])] } });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('the passphrase of dumps is kept in vault-1');
    const also = { dumps: [held('passphrase', [inFirst, SAFE])] };
    expect(judgeDependence({ opens: also }).status).toBe('pass');
  });

  it('of a passphrase kept in the copies that it opens', () => {
    const finding = judgeDependence({ opens: { dumps: [held('passphrase', [{ kind: 'location', name: 'dumps' }])] } });
    expect(finding).toMatchObject({ status: 'fail' });
    expect(finding.because).toContain('the passphrase of dumps is kept in what is backed up in dumps');
  });

  it('is one only where all copies lie behind it', () => {
    const opens = { sets: [held('passphrase', [{ kind: 'location', name: 'sets' }])] };
    expect(judgeInstallDependence({ opens }).status).toBe('pass');
    // The organization's files lie in sets alone.
    expect(judgeDependence({ opens }).status).toBe('fail');
  });
});

describe('a key that is lost with the host', () => {
  const onHost = { dumps: [held('passphrase', [{ kind: 'host', name: 'install-1' }])] };

  it('a passphrase that only the lost host has', () => {
    expect(judgeDependence({ opens: onHost })).toMatchObject({
      status: 'fail',
      because:
        'the snapshots of vault-1 lie in dumps, the passphrase of dumps is kept on host install-1, and host install-1 is lost, and nothing that outlives the loss brings it back',
    });
  });

  it('may be in a backup set of that host, which nobody looked into', () => {
    const finding = judgeDependence({ opens: onHost, hostCopies: [{ location: 'sets' }] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('it is not known whether the copies of its files hold it');
  });

  it('a Vault without a snapshot that must unseal the other', () => {
    const seen = { first: TRANSIT, opens: { 'vault-1': [bySecond] }, secondSnapshots: [] };
    expect(judgeDependence(seen)).toMatchObject({
      status: 'fail',
      because:
        'vault-1 is unsealed by key unseal-1 of vault-2, and vault-2 is lost, and nothing that outlives the loss brings it back',
    });
  });
});

describe('what nobody tells', () => {
  it.each<readonly [string, CustodyCase, string]>([
    [
      'who unseals a Vault that does so by itself',
      { first: TRANSIT },
      'nothing tells who holds the key for it: state seal',
    ],
    ['what seals a Vault', { first: { sealType: null } }, 'it is not known what seals vault-1'],
    [
      'a key server of another kind than the seal',
      { first: { sealType: 'awskms' }, opens: { 'vault-1': [bySecond] } },
      'vault-1 says that awskms unseals it, and vault-2, which is named for it, is of another kind',
    ],
    [
      'who holds the key of a bucket',
      { opens: { dumps: [held('encryption-key', [], 'observed')] } },
      'nothing tells who holds the key that opens dumps: state encryptedBy',
    ],
    [
      'where a passphrase is kept',
      { opens: { dumps: [held('passphrase', [], 'observed')] } },
      'nothing tells who holds the passphrase that opens dumps: state passphraseKeptIn',
    ],
  ])('%s is unknown', (_, seen, because) => {
    const finding = judgeDependence(seen);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
    expect(finding.remediation).toContain('State in the configuration who holds');
  });

  it('who holds the key of copies that are encrypted themselves is unknown until somebody tells', () => {
    const copies = [{ encrypted: true }];
    const finding = judgeDependence({ copies });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('copies in dumps are encrypted themselves, and nothing tells who holds the key');
    expect(judgeDependence({ copies, attested: true }).status).toBe('pass');
    expect(judgeDependence({ copies, opens: { dumps: [held('passphrase', [SAFE])] } }).status).toBe('pass');
    // One beside it that is not needs no key, and what a service keeps, it opens itself.
    expect(judgeDependence({ copies: [...copies, { path: 'plain.dump' }] }).status).toBe('pass');
    const kept = { account: '111122223333', region: 'eu-central-1' };
    expect(judgeDependence({ copies: [{ encrypted: true, kept }] }).status).toBe('pass');
  });

  it('somebody’s word that credentials are outside the host answers for passphrases', () => {
    const opens = { dumps: [held('passphrase', [], 'observed')] };
    expect(judgeDependence({ opens, attested: true }).status).toBe('pass');
    // It says nothing of a site that is lost.
    const policy = { loss: { level: 'site', name: 'site-1' } } as const;
    const stands = [{ host: 'backup-1', site: 'site-2' }];
    const seen = { opens, attested: true, policy, locationDomain: stands, setsDomain: stands };
    expect(judgeDependence(seen).status).toBe('unknown');
  });

  it('the provider of the key that a live bucket elsewhere is encrypted with is needed for its files', () => {
    const bucket: CustodyCase = {
      storeDomain: [{ host: 'other-1' }],
      fileCopies: [],
      keysOfStore: [{ needs: [held('encryption-key', [{ kind: 'provider', name: 'vault-2' }], 'observed')] }],
      statesOfStoreKeys: [{ keyRef: 'kept' }],
    };
    const finding = judgeDependence(bucket);
    expect(finding.status).toBe('pass');
    expect(finding.because).toMatch(/order of recovery: .*vault-2, .*the files/);
    // That provider is unsealed by a key which is kept in itself alone.
    const loop = held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: 'own' }]);
    const circle = judgeDependence({ ...bucket, second: TRANSIT, opens: { 'vault-2': [loop] } });
    expect(circle).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('the files are encrypted with key kept of vault-2'),
    });
  });

  it('a key that is stated to be outside is there', () => {
    const outside = held('unseal-key', [{ kind: 'outside', name: 'HCP Vault' }]);
    expect(judgeDependence({ first: TRANSIT, opens: { 'vault-1': [outside] } })).toMatchObject({
      status: 'pass',
      grade: 'declared',
    });
  });

  it('a key of AWS in a region that outlives the host is there', () => {
    const key = { kind: 'service', name: 'AWS KMS', key: 'arn:aws:kms:eu-central-1:111122223333:key/1' } as const;
    const place = { account: '111122223333', region: 'eu-central-1' };
    const opens = { dumps: [held('encryption-key', [{ ...key, ...place }], 'observed')] };
    expect(judgeDependence({ opens }).status).toBe('pass');
  });

  it('what could not be asked of what is needed', () => {
    expect(judgeDependence({ opens: { dumps: 'blind' } }).status).toBe('unknown');
    expect(judgeDependence({ first: 'blind' }).status).toBe('unknown');
    expect(judgeDependence({ snapshots: 'blind', opens: { dumps: [held('passphrase', [inFirst])] } }).status).toBe(
      'unknown',
    );
  });

  it('what could not be asked of what is not needed changes nothing', () => {
    expect(judgeDependence({ second: 'blind', secondSnapshots: 'blind', opens: { 'vault-2': 'blind' } }).status).toBe(
      'pass',
    );
    const loop: CustodyCase = {
      first: TRANSIT,
      opens: { 'vault-1': [held('unseal-key', [{ ...inFirst, key: 'own' }])], 'vault-2': 'blind' },
    };
    expect(judgeDependence({ ...loop, second: 'blind' }).status).toBe('fail');
  });

  it('a provider on which nothing leans, whatever could not be asked of it', () => {
    const nothingOfSecond: CustodyCase = {
      second: 'blind',
      secondSnapshots: 'blind',
      secondPeers: 'blind',
      secondKeysOnPeers: 'blind',
      keys: { 'vault-2': 'blind' },
    };
    const itself: NonNullable<CustodyCase['opens']> = {
      'vault-2': 'blind',
      dumps: [held('passphrase', [{ kind: 'location', name: 'dumps' }])],
    };
    for (const providerDomain of [[{ host: 'install-1' }], [{ host: 'far-away' }]]) {
      const finding = judgeDependence({ ...nothingOfSecond, providerDomain, opens: itself });
      expect(finding).toMatchObject({ status: 'fail' });
      expect(finding.because).toContain('recovery runs in a circle');
      expect(judgeRecoverable({ ...nothingOfSecond, providerDomain, opens: itself }).status).toBe('fail');
    }
    // One on which something leans is another matter, and is named.
    const leaning = { dumps: [held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'files' }])] };
    expect(judgeDependence({ ...nothingOfSecond, opens: leaning }).status).toBe('unknown');
  });
});

describe('a key of an HSM that is lost', () => {
  const hsm: CustodyCase = {
    first: { sealType: 'pkcs11' },
    second: { kind: 'pkcs11', sealType: null },
    secondSnapshots: [],
    secondPeers: [{ host: 'hsm-2' }],
    secondKeysOnPeers: [{ keyRef: 'unseal-1' }],
    opens: { 'vault-1': [bySecond] },
  };

  it('comes back by a peer that is shown to hold it and outlives the loss', () => {
    expect(judgeDependence(hsm)).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(judgeInstallDependence(hsm).status).toBe('pass');
    const opens = { dumps: [held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'bucket' }])] };
    const bucket = { ...hsm, first: {}, opens };
    expect(judgeInstallDependence({ ...bucket, secondKeysOnPeers: [{ keyRef: 'bucket' }] }).status).toBe('pass');
    // The key of something else is not this one.
    expect(judgeInstallDependence(bucket).status).toBe('unknown');
  });

  it.each<readonly [string, CustodyCase, string]>([
    [
      'a peer of which nobody says where it stands',
      { secondPeers: [{ host: null }] },
      'its peer, may be lost with it: state failureDomain of the peer',
    ],
    ['a namesake', { secondKeysOnPeers: [{ keyRef: 'unseal-1', proof: 'name' }] }, 'nothing shows that it holds'],
    [
      'another key of that name on the peer',
      { secondKeysOnPeers: [{ keyRef: 'unseal-1', holds: false, differs: true }] },
      'nothing shows that it holds',
    ],
    [
      'a peer without it, where somebody attests an export',
      { secondKeysOnPeers: [{ keyRef: 'unseal-1', holds: false }], attestedOfSecond: ['hsm-vendor-export-done'] },
      'nothing shows that it holds',
    ],
    ['another key on the peer', { secondKeysOnPeers: [{ keyRef: 'other' }] }, 'nothing shows that it holds'],
    [
      'no peer, where somebody attests an export',
      { secondPeers: [], attestedOfSecond: ['hsm-vendor-export-done'] },
      'key unseal-1 of vault-2 is lost with it; no peer of it is declared',
    ],
    ['a peer that did not answer', { secondPeers: 'blind', secondKeysOnPeers: 'blind' }, ''],
  ])('does not certainly come back by %s', (_, changes, because) => {
    const finding = judgeDependence({ ...hsm, ...changes });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
    expect(judgeRecoverable({ ...hsm, ...changes }).status).toBe('unknown');
  });

  it.each<readonly [string, CustodyCase, string]>([
    ['its peer is lost with it', { secondPeers: [{ host: 'install-1' }] }, 'its peer, is lost with it'],
    ['it has no peer', { secondPeers: [] }, 'key unseal-1 of vault-2 is lost with it; no peer of it is declared'],
  ])('is gone where %s, and nobody attests an export', (_, changes, because) => {
    for (const judge of [judgeDependence, judgeRecoverable]) {
      const finding = judge({ ...hsm, ...changes });
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain(because);
    }
  });

  it('is gone where its peer lacks it, whether it opens a Vault or a location', () => {
    const opens = { dumps: [held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'unseal-1' }])] };
    const because = 'it has no key of that name';
    const secondKeysOnPeers = [{ keyRef: 'unseal-1', holds: false, proof: null, because }];
    for (const seen of [hsm, { ...hsm, first: {}, opens }]) {
      for (const judge of [judgeDependence, judgeRecoverable]) {
        const finding = judge({ ...seen, secondKeysOnPeers });
        expect(finding.status).toBe('fail');
        expect(finding.because).toContain(`nothing shows that it holds the key: ${because}`);
        expect(judge(seen).status).toBe('pass');
      }
    }
  });

  it('is no way out of a loop among others', () => {
    const own = held('unseal-key', [{ ...inFirst, key: 'own' }]);
    const seen = { ...hsm, first: TRANSIT, opens: { 'vault-1': [own] } };
    expect(judgeDependence(seen).status).toBe('fail');
    expect(judgeDependence({ ...seen, secondPeers: 'blind', secondKeysOnPeers: 'blind' }).status).toBe('fail');
  });
});

describe('a key in Azure that is lost with its region', () => {
  const here = { host: null, region: 'westeurope' };
  const there = { host: null, region: 'northeurope' };
  const azure: CustodyCase = {
    policy: { loss: { level: 'region', name: 'westeurope' } },
    first: { sealType: 'azurekeyvault' },
    second: { kind: 'azure-key-vault', service: 'managed-hsm', sealType: null },
    secondSnapshots: [],
    secondDomain: here,
    providerDomain: [here],
    clusterDomain: [there],
    locationDomain: [there],
    setsDomain: [there],
    opens: { 'vault-1': [bySecond] },
  };

  it('comes back with a Managed HSM whose security domain and full backup somebody attests', () => {
    const attestedOfSecond = ['security-domain-backed-up', 'hsm-vendor-export-done'];
    expect(judgeInstallDependence({ ...azure, attestedOfSecond })).toMatchObject({ status: 'pass', grade: 'declared' });
    for (const half of attestedOfSecond) {
      const finding = judgeInstallDependence({ ...azure, attestedOfSecond: [half] });
      expect(finding.status).toBe('unknown');
      expect(finding.because).toContain('nobody attests that');
    }
  });

  it('comes back with backups of the keys of a vault, but not in another subscription', () => {
    const vault: CustodyCase = { ...azure, second: { kind: 'azure-key-vault', service: 'key-vault', sealType: null } };
    const attestedOfSecond = ['hsm-vendor-export-done'];
    expect(judgeInstallDependence({ ...vault, attestedOfSecond })).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(judgeInstallDependence(vault).because).toContain('nobody attests that backups of its keys are kept');
    const account = 'subscription-1';
    const elsewhere = [{ host: null, account: 'subscription-2' }];
    const lost: CustodyCase = {
      ...vault,
      attestedOfSecond,
      policy: { loss: { level: 'account', name: account } },
      secondDomain: { host: null, account },
      providerDomain: [{ host: null, account }],
      clusterDomain: elsewhere,
      locationDomain: elsewhere,
      setsDomain: elsewhere,
    };
    const finding = judgeInstallDependence(lost);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('restored in its own subscription only');
  });
});

describe('a passphrase that is kept in an HSM', () => {
  const inHsm: CustodyCase = {
    second: { kind: 'pkcs11', sealType: null },
    secondSnapshots: [],
    secondPeers: [],
    opens: { dumps: [held('passphrase', [{ kind: 'provider', name: 'vault-2' }])] },
  };
  const both = (seen: CustodyCase) => [judgeDependence(seen).status, judgeRecoverable(seen).status];

  it('is lost with it where nothing else is known of it', () => {
    expect(both(inHsm)).toEqual(['fail', 'fail']);
    expect(judgeRecoverable(inHsm).because).toContain(
      'vault-2 is lost, and nothing that outlives the loss brings it back',
    );
    expect(both({ ...inHsm, secondPeers: [{ host: 'install-1' }] })).toEqual(['fail', 'fail']);
  });

  it('may be in a peer of it, or in an export, and nobody looked', () => {
    for (const changes of [
      { secondPeers: [{ host: 'hsm-2' }] },
      { secondPeers: [{ host: null }] },
      { attestedOfSecond: ['hsm-vendor-export-done'] },
      { secondPeers: 'blind' },
      { second: 'blind' },
    ] as const) {
      expect(both({ ...inHsm, ...changes })).toEqual(['unknown', 'unknown']);
    }
    expect(both({ ...inHsm, secondDomain: { host: null } })).toEqual(['unknown', 'unknown']);
    expect(both({ ...inHsm, secondDomain: { host: 'far-away' } })).toEqual(['pass', 'pass']);
  });
});

describe('a key of an HSM that is past its end date', () => {
  const DATED = { class: 'secret-key', startsAt: null } as unknown as NonNullable<Facts['key-state']['attributes']>;
  const seen = (key: Partial<Facts['key-state']>): CustodyCase => ({
    second: { kind: 'pkcs11', sealType: null },
    secondDomain: { host: 'far-away' },
    secondSnapshots: [],
    secondPeers: [],
    opens: { dumps: [held('encryption-key', [{ kind: 'provider', name: 'vault-2', key: 'disk' }])] },
    keys: { 'vault-2': [{ keyRef: 'disk', attributes: DATED, ...key }] },
  });

  it.each([
    [{ expiresAt: '2024-01-02T00:00:00.000Z' }, 'expired on 2024-01-02'],
    [{ attributes: { ...DATED, startsAt: '2027-01-01T00:00:00.000Z' } }, 'may not be used before 2027-01-01'],
  ])('is blocked, as a keyring’s is: %o', (key, because) => {
    expect(judgeDependence(seen(key)).status).toBe('fail');
    expect(judgeDependence(seen(key)).because).toContain(because);
    expect(judgeRecoverable(seen(key)).status).toBe('pass');
    expect(judgeRecoverable(seen(key)).because).toContain('once this is undone');
    expect(judgeRecoverable({ ...seen(key), secondDomain: { host: 'install-1' } }).status).toBe('fail');
  });

  it('and is there before that', () => {
    expect(judgeDependence(seen({ expiresAt: '2027-01-01T00:00:00.000Z' })).status).toBe('pass');
  });
});

it('tells what may not be back whatever opens it, which is no loop', () => {
  const finding = judgeDependence({
    snapshots: [{ location: 'sets' }],
    setsDomain: [{ host: null }],
    fileCopies: [{ location: 'dumps' }],
  });
  expect(finding.status).toBe('pass');
  expect(finding.because).toMatch(/; that vault-1 would be back is not certain$/);
});

it('what no copy brings back at all is no loop', () => {
  const finding = judgeDependence({ copies: [] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain(
    'the install database, the files; without database tenant_acme, which nothing brings back',
  );
  expect(judgeDependence({ keyrings: [], copies: [] }).status).toBe('pass');
});

describe('an object that is encrypted with another key than its bucket', () => {
  const by = (...keyHeldBy: readonly Partial<NonNullable<Facts['provider-snapshot']['keyHeldBy']>[number]>[]) => ({
    keyHeldBy: keyHeldBy.map((one) => ({
      kind: 'provider' as const,
      name: 'vault-2',
      key: 'arn:1',
      account: null,
      region: null,
      ...one,
    })),
  });
  const ofService = { kind: 'service', name: 'AWS KMS', account: '111122223333' } as const;

  it('does not open where the holder of that key is lost with what it restores', () => {
    const seen = { snapshots: [by({ name: 'vault-1' })] };
    expect(judgeInstallDependence(seen)).toMatchObject({
      status: 'fail',
      because: expect.stringMatching(
        /^recovery runs in a circle: the snapshots of vault-1 lie in \S+, and object \S+ there is encrypted with key arn:1 of vault-1$/,
      ),
    });
    expect(judgeDependence(seen).status).toBe('fail');
  });

  it('opens where the holder outlives the loss, and is unknown where that or the holder is not known', () => {
    expect(judgeDependence({ snapshots: [by(ofService)] }).status).toBe('pass');
    expect(judgeDependence({ snapshots: [by({ ...ofService, account: null })] }).status).toBe('unknown');
    const untold = judgeDependence({ snapshots: [by()] });
    expect(untold.status).toBe('unknown');
    expect(untold.because).toContain('nothing tells who holds the key that opens object');
  });

  it('is one way beside another snapshot that needs no such key', () => {
    expect(judgeDependence({ snapshots: [by({ name: 'vault-1' }), { path: 'plain.snap' }] }).status).toBe('pass');
  });
});
