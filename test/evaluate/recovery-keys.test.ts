import { describe, expect, test } from 'vitest';
import type { KeyFacts } from '../../src/evaluate/recovery-key-facts.ts';
import { keyOpener } from '../../src/evaluate/recovery-keys.ts';
import { providersBack } from '../../src/evaluate/recovery-providers.ts';
import type { Observation } from '../../src/model/control.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY } from '../../src/model/instant.ts';
import type { Subject } from '../../src/model/subject.ts';
import {
  AS_OF,
  ago,
  contextOf,
  fact,
  LOCATION,
  ORGANIZATION,
  PROVIDER,
  TENANT_DATABASE,
  TENANT_KEYRING,
} from './fixture.ts';

function seen<K extends FactKind>(kind: K, about: Subject, changes: Partial<Facts[K]> = {}): Observation<K> {
  return { value: fact(kind, changes), subject: about, evidenceId: 'e', grade: 'observed', collectedAt: AS_OF };
}

const MOMENT = { notBefore: ago(DAY), notAfter: ago(DAY), origin: 'test' };
const HERE = seen('failure-domain', PROVIDER, { host: 'install-1' });
const ELSEWHERE = seen('failure-domain', PROVIDER, { host: 'vault-host' });

const VERSIONED = seen('key-state', TENANT_KEYRING, {
  latestVersion: 2,
  versions: [1, 2].map((version) => ({ version, createdAt: fact('key-state').createdAt })),
});
const ONE_VERSION = seen('key-state', TENANT_KEYRING);

/** A Vault key whose version no record tells; one good snapshot lies on another host. */
function facts(changes: Partial<KeyFacts> = {}): KeyFacts {
  return {
    keyrings: [seen('keyring', ORGANIZATION)],
    records: [seen('key-version', ORGANIZATION, { version: null })],
    createdAt: null,
    keyStates: [VERSIONED],
    snapshotKeys: [seen('snapshot-key', TENANT_KEYRING)],
    providers: [seen('provider-state', PROVIDER)],
    providerDomains: [ELSEWHERE],
    snapshots: [seen('provider-snapshot', PROVIDER)],
    keyPeers: [],
    peers: [],
    backups: [],
    material: [],
    exports: [],
    locationDomains: [seen('failure-domain', LOCATION, { host: 'backup-1' })],
    proofs: [],
    ...changes,
  };
}

const open = (changes: Partial<KeyFacts> = {}) => keyOpener(facts(changes), contextOf(ORGANIZATION))(MOMENT);
const UNVERSIONED = seen('key-state', TENANT_KEYRING, {
  latestVersion: null,
  minDecryptionVersion: null,
  minAvailableVersion: null,
  versions: null,
});

describe('a key whose version no record tells', () => {
  test('is open to question where the provider keeps versions, though the key as a whole can be used', () => {
    expect(open()).toMatchObject({ truth: 'unknown', because: expect.stringContaining('does not tell which one') });
  });

  test('opens where there only ever was one, which it can only mean; and so does a snapshot with it', () => {
    const one = { keyStates: [ONE_VERSION] };
    expect(open({ ...one, snapshots: [] }).truth).toBe('holds');
    expect(open({ ...one, providerDomains: [HERE] })).toMatchObject({
      truth: 'holds',
      because: expect.stringContaining('brings version 1 of the key back'),
    });
    const before = seen('provider-snapshot', PROVIDER, { takenAt: '2020-01-01T00:00:00.000Z' });
    expect(open({ ...one, providerDomains: [HERE], snapshots: [before] }).truth).toBe('fails');
  });

  test('opens where the provider keeps none and outlives the loss', () => {
    expect(open({ keyStates: [UNVERSIONED], snapshots: [] }).truth).toBe('holds');
  });

  test('may be in a snapshot that outlives its provider', () => {
    expect(open({ providerDomains: [HERE] })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('cannot be told whether restoring vault.snap in dumps'),
    });
  });

  test.each<[string, Partial<KeyFacts>]>([
    ['no snapshot is there', { snapshots: [] }],
    ['the only one does not hold the key', { snapshotKeys: [] }],
    ['the only one is cut short', { snapshots: [seen('provider-snapshot', PROVIDER, { complete: false })] }],
    ['the only one is lost too', { locationDomains: [seen('failure-domain', LOCATION, { host: 'install-1' })] }],
  ])('is lost with its provider where %s', (_, changes) => {
    expect(open({ providerDomains: [HERE], ...changes }).truth).toBe('fails');
  });
});

test('a version that a record tells opens in place, and from a snapshot', () => {
  const records = [seen('key-version', ORGANIZATION)];
  expect(open({ records }).truth).toBe('holds');
  expect(open({ records, providerDomains: [HERE] }).truth).toBe('holds');
});

test('a key of which its provider does not tell what it is made for is open to question', () => {
  const keyStates = [seen('key-state', TENANT_KEYRING, { canDecrypt: null })];
  expect(open({ records: [seen('key-version', ORGANIZATION)], keyStates, snapshots: [] }).truth).toBe('unknown');
});

describe('where a key of AWS KMS stands', () => {
  const OBSERVED = { host: null, site: null, region: 'eu-central-1', origin: 'observed' } as const;
  const inAccount = (account: string) => seen('failure-domain', PROVIDER, { ...OBSERVED, account });
  const losing = (account: string) =>
    contextOf(ORGANIZATION, { policy: { loss: { level: 'account', name: account } } });
  const key = (changes: Partial<Facts['key-state']>) => ({
    ...UNVERSIONED,
    value: { ...UNVERSIONED.value, ...changes },
  });
  const opens = (changes: Partial<Facts['key-state']>, domains: KeyFacts['providerDomains'], lost = '999988887777') =>
    keyOpener(facts({ keyStates: [key(changes)], providerDomains: domains, snapshots: [] }), losing(lost))(MOMENT)
      .truth;

  test('in the account it belongs to, which may be another than that of the credentials', () => {
    const domains = [inAccount('111122223333')];
    expect(opens({ account: '111122223333' }, domains)).toBe('holds');
    expect(opens({ account: '999988887777' }, domains)).toBe('fails');
    expect(opens({ account: '999988887777' }, domains, '111122223333')).toBe('holds');
  });

  test('in the key manager of an external key store only where that is stated', () => {
    const external = { origin: 'EXTERNAL_KEY_STORE', account: '111122223333' };
    expect(opens(external, [inAccount('111122223333')])).toBe('unknown');
    const stated = seen('failure-domain', PROVIDER, { ...OBSERVED, account: '111122223333', origin: 'stated' });
    expect(opens(external, [stated, inAccount('111122223333')])).toBe('holds');
  });
});

describe('a key whose versions have names', () => {
  const A = 'a'.repeat(32);
  const B = 'b'.repeat(32);
  const named = (name: string, days: number, enabled = true) => ({
    name,
    enabled,
    createdAt: ago(days * DAY),
    notBefore: null,
    expiresAt: null,
    canDecrypt: true,
    keyType: 'RSA',
  });
  const keyrings = [seen('keyring', ORGANIZATION, { providerKind: 'azure-key-vault', keyRef: 'acme' })];
  const record = (changes: Partial<Facts['key-version']>) =>
    seen('key-version', ORGANIZATION, { keyRef: 'acme', version: null, createdAt: ago(90 * DAY), ...changes });
  const state = (...namedVersions: ReturnType<typeof named>[]) => [
    { ...UNVERSIONED, value: { ...UNVERSIONED.value, createdAt: ago(500 * DAY), namedVersions } },
  ];
  const azure = (changes: Partial<KeyFacts>, days = 1) =>
    keyOpener(
      facts({ keyrings, snapshots: [], ...changes }),
      contextOf(ORGANIZATION),
    )({
      notBefore: ago(days * DAY),
      notAfter: ago(days * DAY),
      origin: 'test',
    });

  test('opens by the version that a record names, and not by another', () => {
    const records = [record({ keyRef: `acme/${A}` })];
    expect(azure({ records, keyStates: state(named(A, 500), named(B, 100)) }).truth).toBe('holds');
    expect(azure({ records, keyStates: state(named(B, 100)) }).truth).toBe('fails');
  });

  test('opens whichever of usable and blocked versions is meant, as blocked is not lost', () => {
    const keyStates = state(named(A, 500, false), named(B, 100));
    expect(azure({ records: [record({})], keyStates })).toMatchObject({ truth: 'holds' });
  });

  test('is not known to open a copy from before the first record, unless that is of the first version', () => {
    const keyStates = state(named(A, 500), named(B, 100));
    expect(azure({ records: [record({ keyRef: `acme/${B}` })], keyStates }, 200).truth).toBe('unknown');
    expect(azure({ records: [record({})], keyStates }, 200).truth).toBe('unknown');
    expect(azure({ records: [record({ keyRef: `acme/${A}` })], keyStates }, 200).truth).toBe('holds');
    expect(azure({ records: [record({})], keyStates: state(named(A, 500)) }, 200).truth).toBe('holds');
    expect(azure({ records: [record({ version: 1 })], keyStates }, 200).truth).toBe('holds');
  });

  test('that records name and no keyring does is unknown', () => {
    const records = [record({ keyRef: `globex/${A}` })];
    expect(azure({ records, keyStates: state(named(A, 500)) }).truth).toBe('unknown');
  });
});

describe('a key in an HSM that is lost with the host', () => {
  const peers = [seen('provider-peer', PROVIDER)];
  const keyPeers = [seen('key-peer', TENANT_KEYRING)];
  const hsm: Partial<KeyFacts> = {
    providers: [seen('provider-state', PROVIDER, { kind: 'pkcs11', sealed: null, mounts: null })],
    providerDomains: [HERE],
    keyStates: [UNVERSIONED],
    snapshots: [],
    snapshotKeys: [],
  };

  test('is served by a peer that holds it and outlives the loss', () => {
    expect(open({ ...hsm, peers, keyPeers })).toMatchObject({
      truth: 'holds',
      because: expect.stringContaining('holds the key: both tokens show the same check value'),
    });
  });

  test.each<[string, Partial<KeyFacts>]>([
    ['there is no peer', {}],
    ['the peer is lost, too', { peers: [seen('provider-peer', PROVIDER, { host: 'install-1' })], keyPeers }],
    [
      'the peer does not hold it',
      { peers, keyPeers: [seen('key-peer', TENANT_KEYRING, { holds: false, proof: null })] },
    ],
  ])('is lost where %s', (_, changes) => {
    expect(open({ ...hsm, ...changes }).truth).toBe('fails');
  });

  test.each<[string, Partial<KeyFacts>]>([
    ['where the peer stands', { peers: [seen('provider-peer', PROVIDER, { host: null })], keyPeers }],
    ['whether a namesake there is the key', { peers, keyPeers: [seen('key-peer', TENANT_KEYRING, { proof: 'name' })] }],
  ])('is open to question where it is not known %s', (_, changes) => {
    expect(open({ ...hsm, ...changes }).truth).toBe('unknown');
  });

  test('is open to question where the peer holds another key: which of the two wrapped the data, neither tells', () => {
    const because = 'the key of that name there has another check value, so it is another key';
    const other = {
      peers,
      keyPeers: [seen('key-peer', TENANT_KEYRING, { holds: false, proof: null, because, differs: true })],
    };
    expect(open({ ...hsm, ...other }).truth).toBe('unknown');
    expect(open({ ...hsm, ...other, providerDomains: [ELSEWHERE] })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('one of two tokens does not hold the key that wrapped the data'),
    });
    // A peer that lacks the key says nothing of the one that is here.
    const without = { peers, keyPeers: [seen('key-peer', TENANT_KEYRING, { holds: false, proof: null })] };
    expect(open({ ...hsm, ...without, providerDomains: [ELSEWHERE] }).truth).toBe('holds');
  });

  test('the dates of the key on the peer are told, as what must be undone first', () => {
    const dated = (dates: Partial<Facts['key-peer']>) =>
      open({ ...hsm, peers, keyPeers: [seen('key-peer', TENANT_KEYRING, dates)] });
    expect(dated({ expiresAt: ago(DAY) })).toMatchObject({
      truth: 'holds',
      because: expect.stringMatching(/; there it expired on .*, and a later end date of the same key brings it back$/),
    });
    expect(dated({ startsAt: ago(-DAY) }).because).toContain('; there it may not be used before');
    expect(dated({ startsAt: ago(DAY), expiresAt: ago(-DAY) }).because).toBe(dated({}).because);
  });

  test('peers are no business of other kinds of provider', () => {
    expect(open({ ...hsm, providers: [seen('provider-state', PROVIDER)], peers, keyPeers }).truth).toBe('fails');
  });
});

describe('a copy whose own key-version rows were read', () => {
  const row = (changes: Partial<Facts['key-version']> = {}) => fact('key-version', changes);
  const copyOf = (...versions: Facts['key-version'][]) =>
    seen('copy', TENANT_DATABASE, { keyVersionsInside: { versions, because: null } });
  const opens = (copy: Observation<'copy'>, changes: Partial<KeyFacts> = {}) =>
    keyOpener(facts(changes), contextOf(ORGANIZATION))(MOMENT, copy);
  const trimmed = [
    seen('key-state', TENANT_KEYRING, {
      latestVersion: 2,
      minAvailableVersion: 2,
      versions: [{ version: 2, createdAt: ago(30 * DAY) }],
    }),
  ];
  const second = [seen('key-version', ORGANIZATION, { version: 2, createdAt: ago(30 * DAY) })];

  test('opens by what they name, whatever the records of the live database leave open', () => {
    expect(opens(seen('copy', TENANT_DATABASE)).truth).toBe('unknown');
    expect(opens(copyOf(row())).truth).toBe('holds');
    expect(opens(copyOf(row()), { records: [] }).truth).toBe('holds');
  });

  test('does not open where a version that only they name is lost', () => {
    const lost = { records: second, keyStates: trimmed, snapshots: [] };
    expect(opens(copyOf(row({ version: 2, createdAt: ago(30 * DAY) })), lost).truth).toBe('holds');
    expect(opens(copyOf(row({ version: 1 }), row({ version: 2, createdAt: ago(30 * DAY) })), lost)).toMatchObject({
      truth: 'fails',
      because: expect.stringContaining('version 1 of the key was trimmed'),
    });
    expect(keyOpener(facts(lost), contextOf(ORGANIZATION))(MOMENT).truth).toBe('holds');
  });

  test('is open to question where a keyring has no use on record, neither inside nor in the live database', () => {
    const other = seen('keyring', ORGANIZATION, { keyringId: 'second', keyRef: 'transit/second' });
    const [own] = facts().keyrings;
    if (own === undefined) throw new Error('no keyring');
    expect(opens(copyOf(row()), { keyrings: [own, other] })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('transit/second'),
    });
    const used = seen('key-version', ORGANIZATION, { keyRef: 'transit/second' });
    expect(opens(copyOf(row()), { keyrings: [own, other], records: [used] }).truth).toBe('holds');
  });

  test('is open to question where they name a key that no keyring does', () => {
    expect(opens(copyOf(row(), row({ keyRef: 'transit/gone' })))).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining(
        'rows inside the copy use 1 key that no keyring names, so nothing tells where it is',
      ),
    });
  });

  test('says whose key it is where another organization has it, and does not open where all rows are such', () => {
    const another = (keyRef: string) => row({ keyRef, ofAnotherOrganization: true });
    expect(opens(copyOf(another('transit/beta')))).toMatchObject({
      truth: 'fails',
      because: 'key-version rows inside the copy use 1 key that belongs to another organization of this install',
    });
    expect(opens(copyOf(row(), another('transit/beta'), row({ keyRef: 'transit/gone' })))).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('1 key that belongs to another organization of this install, and 1 key that no'),
    });
    const records = ['transit/beta', 'transit/gamma'].map((keyRef) =>
      seen('key-version', ORGANIZATION, another(keyRef)),
    );
    expect(open({ records })).toMatchObject({
      truth: 'unknown',
      because: 'key-version records use 2 keys that belong to another organization of this install',
    });
  });

  test('goes by creation dates where they could not be read', () => {
    const unread = seen('copy', TENANT_DATABASE, { keyVersionsInside: { versions: null, because: 'encrypted' } });
    expect(opens(unread)).toEqual(opens(seen('copy', TENANT_DATABASE)));
  });

  test('needs no key where all of them were destroyed by then', () => {
    expect(opens(copyOf(row({ state: 'destroyed' }))).truth).toBe('holds');
  });
});

describe('what is attested to be kept of a lost provider', () => {
  const word = (statement: string) => ({
    ...seen('declaration', PROVIDER, { statement, owner: 'key team' }),
    grade: 'declared' as const,
  });
  const lost = (state: Partial<Facts['provider-state']>, ...statements: readonly string[]): Partial<KeyFacts> => ({
    providers: [seen('provider-state', PROVIDER, { sealed: null, mounts: null, ...state })],
    providerDomains: [HERE],
    keyStates: [UNVERSIONED],
    snapshots: [],
    snapshotKeys: [],
    backups: statements.map(word),
  });
  const both = ['security-domain-backed-up', 'hsm-vendor-export-done'];

  test.each<readonly [string, Partial<KeyFacts>, string]>([
    ['a Managed HSM', lost({ kind: 'azure-key-vault', service: 'managed-hsm' }, ...both), 'unknown'],
    [
      'half of a Managed HSM',
      lost({ kind: 'azure-key-vault', service: 'managed-hsm' }, 'hsm-vendor-export-done'),
      'fails',
    ],
    ['a vault', lost({ kind: 'azure-key-vault', service: 'key-vault' }, 'hsm-vendor-export-done'), 'unknown'],
    ['nothing of a vault', lost({ kind: 'azure-key-vault', service: 'key-vault' }), 'fails'],
    ['an HSM', lost({ kind: 'pkcs11' }, 'hsm-vendor-export-done'), 'unknown'],
    ['nothing of an HSM', lost({ kind: 'pkcs11' }), 'fails'],
    ['a Vault, which is restored from snapshots', lost({ kind: 'vault-transit' }, ...both), 'fails'],
  ])('of %s leaves open at most whether it comes back', (_, changes, truth) => {
    expect(open(changes).truth).toBe(truth);
    expect(providersBack(facts(changes), contextOf(ORGANIZATION)).truth).toBe(truth);
  });

  test('says who attested it, and that nobody saw it', () => {
    const { because } = open(lost({ kind: 'pkcs11' }, 'hsm-vendor-export-done'));
    expect(because).toContain('key team attested that what key provider vault-1 is made anew from is kept');
  });

  describe('of one key of an HSM', () => {
    const keyrings = [seen('keyring', ORGANIZATION, { providerKind: 'pkcs11' })];
    const exported = {
      value: fact('declaration', { statement: 'hsm-vendor-export-done', owner: 'key team' }),
      subject: TENANT_KEYRING,
      evidenceId: 'e',
      grade: 'declared',
      collectedAt: AS_OF,
    } as const;
    const of = (changes: Partial<KeyFacts>): Partial<KeyFacts> => ({
      ...lost({ kind: 'pkcs11' }),
      keyrings,
      ...changes,
    });

    test('leaves open whether key and provider come back, as of the whole HSM', () => {
      const attested = of({ exports: [exported] });
      expect(open(attested)).toMatchObject({
        truth: 'unknown',
        because: expect.stringContaining('key team attested that the key was exported'),
      });
      expect(providersBack(facts(attested), contextOf(ORGANIZATION)).truth).toBe('unknown');
    });

    test('says nothing of another key, of another kind of provider, or of a key that was lost before', () => {
      const ofAnother = of({ exports: [{ ...exported, subject: { ...TENANT_KEYRING, key: 'keyring-other' } }] });
      expect(open(ofAnother).truth).toBe('fails');
      expect(providersBack(facts(ofAnother), contextOf(ORGANIZATION)).truth).toBe('fails');
      expect(open({ ...lost({ kind: 'aws-kms' }), exports: [exported] }).truth).toBe('fails');
      const gone = { ...UNVERSIONED, value: { ...UNVERSIONED.value, state: 'missing' as const } };
      expect(open(of({ exports: [exported], keyStates: [gone] })).truth).toBe('fails');
    });

    test('that nobody attests says no word of snapshots, which no HSM has', () => {
      expect(open(of({})).because).toBe(
        'key tenant-acme of vault-1: no peer of key provider vault-1 holds the key, and nobody attests that its keys were exported',
      );
      expect(providersBack(facts(of({})), contextOf(ORGANIZATION)).because).toContain(
        'no peer of it outlives the loss',
      );
      const kms = {
        ...lost({ kind: 'aws-kms' }),
        keyrings: [seen('keyring', ORGANIZATION, { providerKind: 'aws-kms' })],
      };
      expect(open(kms).because).toContain('nothing brings the key back');
      expect(providersBack(facts(kms), contextOf(ORGANIZATION)).because).not.toContain('snapshot');
    });
  });

  test('brings no key back that the provider had lost before', () => {
    const gone = { ...UNVERSIONED, value: { ...UNVERSIONED.value, state: 'missing' as const } };
    expect(open({ ...lost({ kind: 'pkcs11' }, 'hsm-vendor-export-done'), keyStates: [gone] }).truth).toBe('fails');
    const lives = { ...lost({ kind: 'pkcs11' }, 'hsm-vendor-export-done'), providerDomains: [ELSEWHERE] };
    expect(open({ ...lives, keyStates: [gone] }).truth).toBe('fails');
    expect(open(lives).truth).toBe('holds');
  });
});

test('a key that was made anew fails, and the snapshot that holds the one of before is named', () => {
  const records = [seen('key-version', ORGANIZATION, { createdAt: ago(60 * DAY) })];
  const anew = { createdAt: ago(10 * DAY), versions: [{ version: 1, createdAt: ago(10 * DAY) }] };
  const at = (takenAt: string) =>
    open({
      records,
      keyStates: [seen('key-state', TENANT_KEYRING, anew)],
      snapshots: [seen('provider-snapshot', PROVIDER, { takenAt })],
    });
  const before = at(ago(20 * DAY));
  expect(before.truth).toBe('fails');
  expect(before.because).toContain(
    'the key of before is lost in the provider, and recoverable from vault.snap in dumps',
  );
  expect(at(ago(5 * DAY))).toMatchObject({ truth: 'fails', because: expect.not.stringContaining('recoverable') });
});

test('a key of a type that cannot decrypt is lost, and a snapshot holds no other', () => {
  const signing = (changes: Partial<Facts['key-state']> = {}) =>
    open({
      keyStates: [seen('key-state', TENANT_KEYRING, { canDecrypt: false, ...changes })],
      records: [seen('key-version', ORGANIZATION)],
    });
  expect(signing()).toMatchObject({
    truth: 'fails',
    because: expect.stringContaining('of a type that cannot decrypt'),
  });
  // Where nothing shows that it is the same key still, the snapshot may hold the one that wrapped the data.
  expect(signing({ createdAt: null, versions: [] }).truth).toBe('unknown');
});

describe('a key without its imported material', () => {
  const kept = {
    ...seen('declaration', TENANT_KEYRING, { statement: 'imported-key-material-kept', owner: 'key team' }),
    grade: 'declared' as const,
  };
  const changes = { state: 'pending-import', origin: 'EXTERNAL', latestVersion: null, versions: null } as const;
  const opens = (material: KeyFacts['material'], key: Partial<Facts['key-state']> = {}) =>
    open({ keyStates: [seen('key-state', TENANT_KEYRING, { ...changes, ...key })], material, snapshots: [] });

  test('is lost where nobody attests that it is kept', () => {
    expect(opens([])).toMatchObject({
      truth: 'fails',
      because:
        'key tenant-acme of vault-1: the key has no key material, and nobody attests that the same material is kept',
    });
    expect(opens([], { state: 'enabled', expiresAt: ago(DAY) }).truth).toBe('fails');
    expect(opens([], { state: 'enabled', expiresAt: ago(-DAY) }).truth).toBe('holds');
  });

  test('is open where somebody does: only importing it shows that it is there', () => {
    expect(opens([kept])).toMatchObject({
      truth: 'unknown',
      because:
        'key tenant-acme of vault-1: the key has no key material; importing the same material again, which key team attests to be kept, brings it back',
      cites: expect.arrayContaining([kept]),
    });
    expect(opens([kept], { state: 'enabled', expiresAt: ago(DAY) }).truth).toBe('unknown');
    expect(opens([kept], { state: 'missing' }).truth).toBe('fails');
    expect(opens([], { state: 'missing', isLostAlias: true })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('an alias that points to no key'),
    });
    const deleted = { state: 'pending-deletion', namedVersions: null, deletionDate: ago(DAY) } as const;
    expect(opens([], { ...deleted, isPurgeOverdue: true })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('is still shown among the deleted keys'),
    });
    expect(opens([], deleted).truth).toBe('fails');
  });

  test('is open where another region had the same', () => {
    expect(opens([], { replicas: ['arn:aws:kms:eu-west-1:1:key/mrk-1'] })).toMatchObject({
      truth: 'unknown',
      because: expect.stringContaining('whether arn:aws:kms:eu-west-1:1:key/mrk-1, which had the same, holds it still'),
    });
  });
});

describe('a version that the keyring states as current, and its provider does not have', () => {
  const stated = (rotatedAt: string | null, currentVersion = 2) => ({
    keyrings: [seen('keyring', ORGANIZATION, { currentVersion, rotatedAt })],
    records: [seen('key-version', ORGANIZATION)],
    keyStates: [ONE_VERSION],
    snapshots: [],
  });

  test('may have wrapped what was made since the rotation, though no record names it yet', () => {
    for (const rotatedAt of [ago(2 * DAY), null]) {
      expect(open(stated(rotatedAt))).toMatchObject({
        truth: 'unknown',
        because:
          'key tenant-acme of vault-1: the keyring states version 2 as current, which no record names yet: version 2 of the key does not exist: the newest version in the provider is 1',
      });
    }
    const missing = seen('key-state', TENANT_KEYRING, { state: 'missing', latestVersion: null, versions: [] });
    const before = seen('provider-snapshot', PROVIDER, { takenAt: ago(30 * DAY) });
    const deleted = { ...stated(ago(2 * DAY)), keyStates: [missing], snapshots: [before] };
    expect(open({ ...deleted, keyrings: [seen('keyring', ORGANIZATION)] }).truth).toBe('holds');
    expect(open(deleted).truth).toBe('unknown');
  });

  test('is not needed by what is older than the rotation, nor where the provider has it or records name it', () => {
    expect(open(stated(ago(DAY / 2))).truth).toBe('holds');
    expect(open(stated(ago(2 * DAY), 1)).truth).toBe('holds');
    expect(open({ ...stated(ago(2 * DAY)), keyStates: [VERSIONED] }).truth).toBe('holds');
  });
});

test('nothing tells what a copy needs from when every version on record had been retired or destroyed', () => {
  const one = { keyStates: [ONE_VERSION] };
  const records = (state: 'retired' | 'destroyed', days: number) => [
    seen('key-version', ORGANIZATION, { state, retiredAt: ago(days * DAY) }),
  ];
  expect(open({ ...one, records: records('retired', 2) })).toMatchObject({
    truth: 'unknown',
    because: expect.stringContaining('no key-version record in use names a key'),
  });
  expect(open({ ...one, records: records('destroyed', 2) }).truth).toBe('unknown');
  expect(open({ ...one, records: records('retired', 0.5) }).truth).toBe('holds');
});

describe('snapshots that cannot bring a version back', () => {
  test('are told to hold a key that cannot decrypt', () => {
    const signing = seen('key-state', TENANT_KEYRING, { canDecrypt: false });
    const records = [seen('key-version', ORGANIZATION)];
    expect(open({ keyStates: [signing], records, providerDomains: [HERE] })).toMatchObject({
      truth: 'fails',
      because: expect.stringMatching(
        /^key tenant-acme of vault-1: restoring .* brings version 1 of the key back, which is of a type that cannot decrypt$/,
      ),
    });
  });

  test('are not told to bring back one that does not exist', () => {
    const records = [seen('key-version', ORGANIZATION, { version: 5, createdAt: ago(30 * DAY) })];
    const { truth, because } = open({ keyStates: [ONE_VERSION], records });
    expect(truth).toBe('unknown');
    expect(because).toMatch(
      /^key tenant-acme of vault-1: version 5 of the key does not exist: .*; whether a snapshot brings it back cannot be told$/,
    );
  });
});

test('a record of a version that there cannot be tells of none that is needed', () => {
  const records = [seen('key-version', ORGANIZATION, { version: 0 })];
  for (const providerDomains of [[ELSEWHERE], [HERE]]) {
    expect(open({ keyStates: [ONE_VERSION], records, providerDomains })).toMatchObject({
      truth: 'unknown',
      because:
        'key tenant-acme of vault-1: version 0 of the key is none that its provider can have, which numbers them from 1: the record is malformed and does not tell which one is used',
    });
  }
});

test('what keeps a key from opening a copy is told with the key and its provider, and cites the keyring that names them', () => {
  const keyrings = [seen('keyring', ORGANIZATION)];
  const lost = [seen('key-state', TENANT_KEYRING, { state: 'missing', versions: [], latestVersion: null })];
  const records = [seen('key-version', ORGANIZATION)];
  const opens = keyOpener(facts({ keyrings, records, keyStates: lost, snapshots: [] }), contextOf(ORGANIZATION));
  const row = { ...fact('key-version') };
  const inside = seen('copy', TENANT_DATABASE, { keyVersionsInside: { versions: [row], because: null } });
  for (const { truth, because, cites } of [opens(MOMENT), opens(MOMENT, inside)]) {
    expect(truth).toBe('fails');
    expect(because).toBe('key tenant-acme of vault-1: version 1 of the key does not exist in the provider');
    expect(cites).toContain(keyrings[0]);
  }
});

test('a copy of a moment that nothing tells may need a version of which no record is left', () => {
  const records = [seen('key-version', ORGANIZATION, { version: 2, createdAt: ago(30 * DAY) })];
  const opens = (changes: Partial<KeyFacts>) => keyOpener(facts(changes), contextOf(ORGANIZATION))(null);
  expect(opens({ records })).toMatchObject({
    truth: 'unknown',
    because: expect.stringContaining('the copy may be older than every record of the key'),
  });
  const first = seen('key-version', ORGANIZATION, { version: 1, createdAt: ago(60 * DAY) });
  expect(opens({ records: [first, ...records] }).truth).toBe('holds');
});
