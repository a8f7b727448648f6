import type { Facts } from '../../src/model/facts.ts';
import { DAY, HOUR } from '../../src/model/instant.ts';
import { ago, HOST, INSTALL, INSTALL_KEYRING, ORGANIZATION, PROVIDER, TENANT_KEYRING } from '../evaluate/fixture.ts';
import { AGES, LOCATIONS, questioner } from './question.ts';

const { made, ask } = questioner();

const ADMIN = {
  principal: 'arn:aws:iam::111122223333:role/KeyAdmin',
  wholeAccount: null,
  actions: ['ScheduleKeyDeletion'],
  conditional: false,
};
const OWN_ACCOUNT = { ...ADMIN, principal: 'arn:aws:iam::111122223333:root', wholeAccount: '111122223333' };

for (const keyring of [INSTALL_KEYRING, TENANT_KEYRING]) {
  ask(
    keyring,
    'key-state',
    { latestVersion: 3, versions: shown([1, 2, 3]) },
    {
      state: ['disabled', 'pending-deletion', 'missing', 'pending-import'],
      latestVersion: [1, null],
      minDecryptionVersion: [2, null],
      minAvailableVersion: [2],
      versions: [
        null,
        shown([2, 3]),
        shown([1]),
        [{ version: 1, createdAt: ago(HOUR) }],
        [{ version: 1, createdAt: ago(DAY) }],
        [{ version: 1, createdAt: null }],
      ],
      createdAt: [null, ago(HOUR)],
      aliasSetAt: [null, ago(HOUR), ago(600 * DAY)],
      deletionDate: [ago(-5 * DAY), ago(DAY)],
      expiresAt: [ago(DAY)],
      origin: ['AWS_KMS', 'EXTERNAL', 'EXTERNAL_KEY_STORE'],
      account: ['111122223333'],
      canDecrypt: [false, null],
      namedVersions: [named([1, 2, 3]), named([1, 2], [1]), named([3], [3]), [], null],
      notBefore: [ago(-DAY)],
      recovery: [
        { level: 'Recoverable', days: 90, softDelete: true, purgeProtected: true },
        { level: 'Purgeable', days: 0, softDelete: false, purgeProtected: false },
      ],
      deletedAt: [ago(DAY)],
      keyType: ['EC'],
      attributes: [inHsm(null), inHsm(ago(-DAY)), inHsm(ago(DAY))],
    },
  );
  ask(
    keyring,
    'key-settings',
    {},
    {
      deletionAllowed: [true, null],
      plaintextBackupAllowed: [true, null],
      exportable: [true],
      account: ['111122223333'],
      destroyers: [[], [OWN_ACCOUNT], [ADMIN], [OWN_ACCOUNT, ADMIN], [{ ...ADMIN, principal: '*' }]],
    },
  );
  ask(keyring, 'key-rotation', {}, { importedMaterials: [1, 3], rotatedAt: [[ago(DAY)]] }, [0, 1]);
  ask(
    keyring,
    'snapshot-key',
    { location: 'dumps' },
    { location: ['sets', 'local'], present: [false], writtenAt: [null, ago(DAY), ago(HOUR)] },
    [0, 3],
  );
  ask(
    keyring,
    'declaration',
    { statement: 'imported-key-material-kept' },
    { statement: ['hsm-vendor-export-done'], expires: [ago(HOUR)] },
    [0, 1],
  );
  ask(
    keyring,
    'key-peer',
    {},
    { holds: [false], proof: ['check-value', 'public-key', 'attributes', 'name', null], differs: [true] },
    [0, 1],
  );
  ask(
    keyring,
    'unwrap-proof',
    {},
    { version: [null, 2, 3, 3], outcome: ['refused', 'unproven'], isOfAnotherKey: [true] },
    [0, 3],
    false,
    [{}, { version: 2 }],
  );
}

function inHsm(startsAt: string | null) {
  return {
    class: 'secret key',
    keyType: 'AES, 256 bits',
    label: 'acme',
    id: '01',
    checkValue: 'aabbcc',
    startsAt,
    sensitive: true,
    extractable: false,
    neverExtractable: true,
    modifiable: true,
  };
}

function shown(versions: readonly number[]) {
  return versions.map((version) => ({ version, createdAt: ago((700 - 100 * version) * DAY) }));
}

ask(
  PROVIDER,
  'key-state',
  { keyRef: 'unseal' },
  {
    keyRef: ['other'],
    state: ['disabled', 'missing', 'pending-import'],
    canDecrypt: [false, null],
    origin: ['EXTERNAL', 'EXTERNAL_KEY_STORE', 'AWS_KMS'],
    expiresAt: [ago(HOUR)],
  },
  [0, 1],
);
ask(PROVIDER, 'provider-peer', {}, { host: ['install-1', null], region: ['eu-central-1'] }, [0, 1]);
ask(PROVIDER, 'vault-resource', {}, { softDelete: [false], purgeProtected: [false, null], networkRules: [0] }, [0, 1]);
ask(PROVIDER, 'key-peer', { keyRef: 'unseal' }, { holds: [false], proof: ['attributes', 'name', null] }, [0, 1]);

/** Versions with names of 32 hexadecimal digits, made when those with the numbers were. */
function named(versions: readonly number[], disabled: readonly number[] = []) {
  return shown(versions).map(({ version, createdAt }) => ({
    name: nameOf(version),
    enabled: !disabled.includes(version),
    createdAt,
    notBefore: null,
    expiresAt: null,
    canDecrypt: true,
    keyType: 'RSA',
  }));
}

function nameOf(version: number): string {
  return `${version}`.repeat(32);
}

function schedule(different: Partial<NonNullable<Facts['provider-state']['automatedSnapshots']>[number]>) {
  return { name: 'daily', untold: null, lastStartedAt: null, lastEndedAt: ago(HOUR), failed: false, ...different };
}

const KINDS = ['aws-kms', 'pkcs11', 'azure-key-vault'];
ask(
  INSTALL,
  'keyring',
  { keyringId: INSTALL_KEYRING.key, keyRef: 'install', rotatedAt: ago(500 * DAY) },
  {
    providerKind: [null, ...KINDS, 'aws-kms'],
    keyRef: ['alias/install'],
    currentVersion: [null, 2, 4],
    rotatedAt: [null, ago(3 * HOUR)],
  },
);
ask(
  ORGANIZATION,
  'keyring',
  {},
  {
    providerKind: [null, ...KINDS, 'aws-kms'],
    keyRef: ['other', 'alias/acme', `tenant-acme/${nameOf(2)}`],
    keyringId: ['keyring-other'],
    currentVersion: [null, 2, 40],
  },
  [1, 2],
);
ask(
  ORGANIZATION,
  'key-version',
  { createdAt: ago(590 * DAY) },
  {
    version: [null, 2, 3, 4],
    state: ['retired', 'destroyed'],
    createdAt: [ago(3 * HOUR), ago(650 * DAY), ago(200 * DAY)],
    retiredAt: [ago(2 * DAY), ago(40 * DAY)],
    keyRef: ['other', `tenant-acme/${nameOf(1)}`, `tenant-acme/${nameOf(2)}`],
    ofAnotherOrganization: [true],
  },
  [1, 3],
);

ask(
  PROVIDER,
  'provider-state',
  {},
  {
    kind: KINDS,
    service: ['key-vault', 'managed-hsm'],
    initialized: [false],
    sealed: [true, null],
    sealType: ['awskms', 'transit', null],
    mounts: [null, [], [{ path: 'transit/', uuid: 'mount-9' }]],
    raftServers: [null, [{ id: 'node-9', address: 'vault9:8201' }]],
    raftAppliedIndex: [null, 800],
    raftTerm: [3],
    account: ['111122223333'],
    region: ['eu-central-1'],
    automatedSnapshots: [[schedule({})], [schedule({ failed: true })]],
  },
);
ask(
  PROVIDER,
  'provider-snapshot',
  { takenAt: ago(17 * HOUR) },
  {
    location: ['sets', 'local'],
    path: ['b.snap'],
    takenAt: [null, ...AGES],
    complete: [false],
    checksumsMatch: [false],
    mountUuids: [[], ['mount-9']],
    sealKeyId: ['arn:aws:kms:eu-central-1:111122223333:key/1', 'transit/v1'],
    raftServers: [[{ id: 'node-1', address: 'elsewhere:8201' }]],
    raftServerIds: [[], ['node-9']],
    raftIndex: [1001],
    raftTerm: [2, 4],
    keyHeldBy: [
      [],
      [{ kind: 'provider', name: PROVIDER.key, key: null, account: null, region: null }],
      [{ kind: 'service', name: 'AWS KMS', key: 'k', account: '111122223333', region: null }],
    ],
    sealKeyHeldBy: [
      {
        kind: 'provider',
        name: PROVIDER.key,
        key: 'arn:aws:kms:eu-central-1:111122223333:key/1',
        account: null,
        region: null,
      },
    ],
    indexBehind: [{ location: 'local', path: 'b.snap', raftIndex: 950 }],
    storage: ['consul', 'file'],
  },
  [0, 3],
);
ask(
  PROVIDER,
  'declaration',
  { statement: 'unseal-shares-held' },
  {
    statement: [
      'recovery-shares-held',
      'key-policy-in-code',
      'security-domain-backed-up',
      'hsm-vendor-export-done',
      'imported-key-material-kept',
      ...Array<string>(4).fill('key-policy-in-code'),
    ],
    date: [ago(650 * DAY)],
    expires: [ago(HOUR)],
  },
  [0, 3],
);
type Held = Facts['custody']['needs'][number];
const held = (
  what: Held['what'],
  origin: Held['origin'],
  ...kinds: readonly Held['heldBy'][number]['kind'][]
): Held => ({
  what,
  origin,
  heldBy: kinds.map((kind) => {
    const names = {
      provider: PROVIDER.key,
      location: 'sets',
      place: 'local',
      host: HOST.key,
      service: 'AWS KMS',
      outside: 'a safe',
    };
    const region = kind === 'service' ? 'eu-central-1' : null;
    const key = kind === 'provider' ? 'unseal' : null;
    return { kind, name: names[kind], key, account: null, region };
  }),
});
ask(
  PROVIDER,
  'custody',
  {},
  {
    needs: [
      [held('unseal-key', 'stated', 'provider')],
      [held('unseal-key', 'observed', 'service')],
      [held('unseal-key', 'stated', 'outside')],
    ],
  },
  [1, 1],
  true,
);
for (const place of LOCATIONS) {
  ask(
    place,
    'custody',
    {},
    {
      needs: [
        ...Array<Held[]>(6).fill([held('encryption-key', 'stated', 'provider')]),
        [{ ...held('encryption-key', 'stated', 'provider'), perObject: true as const }],
        [held('encryption-key', 'observed', 'service')],
        [held('encryption-key', 'observed')],
        [held('passphrase', 'stated', 'provider')],
        [held('passphrase', 'stated', 'location', 'host')],
        [held('passphrase', 'stated', 'host')],
        [held('passphrase', 'observed', 'place')],
        [held('passphrase', 'observed')],
        [held('passphrase', 'stated', 'outside', 'provider')],
      ],
    },
    [1, 1],
    true,
  );
}
ask(ORGANIZATION, 'key-overlap', {}, {}, [0, 1]);

/** What is asked about keyrings, key versions and the provider. */
export const KEY_QUESTIONS = made;
