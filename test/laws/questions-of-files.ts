import type { Facts } from '../../src/model/facts.ts';
import { HOUR } from '../../src/model/instant.ts';
import { ago, fact, HOST, ORGANIZATION, PROVIDER, TENANT_DATABASE, TENANT_STORE } from '../evaluate/fixture.ts';
import { AGES, questioner, type Variants } from './question.ts';

const { made, ask } = questioner();

const FORGETTING = fact('store-lifecycle', { prefix: '', expiresAfterDays: null, noncurrentDays: 1 });

ask(
  ORGANIZATION,
  'storage-binding',
  { activatedAt: ago(50 * HOUR) },
  {
    kind: ['bundled', 'local_filesystem_dedicated', 'tape'],
    state: ['inactive'],
    activatedAt: [null, ago(5000 * HOUR)],
    prefix: ['acme/'],
    bindingId: ['binding-old'],
  },
  [1, 2],
  true,
  [{}, { bindingId: 'binding-old', state: 'inactive' }],
);
ask(ORGANIZATION, 'store-overlap', {}, { relation: ['inside', 'around'] }, [0, 2]);
ask(
  TENANT_STORE,
  'store-state',
  {},
  { kind: ['bundled', 'local_filesystem_dedicated'], exists: [false], empty: [true] },
);
ask(TENANT_STORE, 'store-versioning', {}, { state: ['off', 'suspended'] });
ask(TENANT_STORE, 'store-object-lock', {}, { enabled: [false], mode: [null, 'GOVERNANCE'], days: [1] });
ask(
  TENANT_STORE,
  'store-replication',
  {},
  { enabled: [false], prefix: ['acme/', 'logs/'], byTag: [true], existingObjects: [false], deleteMarkers: [true] },
  [0, 2],
);
ask(
  TENANT_STORE,
  'store-replica',
  {},
  {
    exists: [false],
    versioning: [null, 'off'],
    host: ['install-1'],
    region: [null, 'eu-central-1'],
    account: [null],
    lifecycle: [[FORGETTING]],
    mirror: [true, true],
    destination: ['acme-mirror'],
    untold: ['no rights'],
    lost: [{ expected: 59, missing: 1, differs: 0 }],
  },
  [0, 2],
);
ask(
  TENANT_STORE,
  'store-lifecycle',
  { prefix: 'tmp/', expiresAfterDays: 30 },
  {
    enabled: [false],
    prefix: ['', '', '', 'acme/', 'acme/', 'logs/'],
    byTag: [true],
    smallerThan: [1000],
    expiresAfterDays: [null, 365],
    expiresOn: [ago(HOUR)],
  },
  [0, 4],
);
ask(TENANT_STORE, 'store-encryption', {}, { byDefault: ['no', 'no', 'not-told'], algorithm: [null] });
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/9';
const HOLDER = { kind: 'provider', name: PROVIDER.key, key: KEY, account: null, region: null } as const;
const encryptedWith = (...heldBy: Facts['custody']['needs'][number]['heldBy']) =>
  [{ what: 'encryption-key', heldBy, origin: 'observed' }] as Facts['custody']['needs'];
ask(
  TENANT_STORE,
  'custody',
  { needs: encryptedWith(HOLDER) },
  {
    needs: [
      [],
      encryptedWith(),
      encryptedWith({ ...HOLDER, key: null }),
      encryptedWith({ ...HOLDER, kind: 'outside', name: 'somebody' }),
      encryptedWith({ ...HOLDER, kind: 'service', name: 'AWS KMS', account: '111122223333', region: 'eu-central-1' }),
    ],
  },
);
ask(
  TENANT_STORE,
  'key-state',
  { keyRef: KEY },
  { state: ['missing', 'missing', 'disabled', 'pending-deletion'], canDecrypt: [false] },
);
ask(TENANT_STORE, 'store-access-block', {}, { ignorePublicAcls: [false], restrictPublicBuckets: [false] });
ask(
  TENANT_STORE,
  'store-policy',
  {},
  {
    calledPublic: [true, null],
    callIsReliable: [false],
    lets: ['everybody', 'everybody', 'everybody-on-conditions', 'not-read'],
  },
);
ask(TENANT_STORE, 'store-acl', {}, { everybody: [['READ']] });
ask(
  TENANT_STORE,
  'file-sample',
  { fromBefore: { drawn: 20, found: 3 } },
  {
    missing: [1],
    refused: [2],
    unchecked: [3],
    drawn: [0, 5000],
    population: [0],
    copied: [59, 10],
    notCopied: [0, 3],
    locked: [10],
    locks: [
      { earliestEnd: ago(-HOUR), shortestSeconds: 60, governance: 3 },
      { earliestEnd: ago(-HOUR), shortestSeconds: null, governance: 0 },
    ],
    unlocked: [
      { files: 49, newest: ago(HOUR) },
      { files: 49, newest: ago(5000 * HOUR) },
    ],
    fromBefore: [
      { drawn: 20, found: 20 },
      { drawn: 0, found: 0 },
    ],
    keys: ([null, 'enabled', 'disabled', 'missing'] as const).map((state) => [
      { key: 'arn:aws:kms:eu-central-1:111122223333:key/1', state, deletionDate: null, because: null },
    ]),
  },
  [1, 2],
);
ask(
  TENANT_STORE,
  'file-copy-sample',
  {},
  {
    location: ['local', 'acme-mirror', 'acme-mirror'],
    method: ['replica', 'restic', 'mirror', 'mirror'],
    missing: [1],
    sizeDiffers: [1],
    refused: [2],
    unchecked: [3],
    expected: [0, 59],
    population: [0],
  },
  [0, 2],
);
ask(
  TENANT_STORE,
  'file-copy-sample',
  {},
  {
    location: ['local'],
    method: ['replica', 'restic'],
    missing: [1],
    sizeDiffers: [1],
    refused: [2],
    unchecked: [3],
    expected: [0, 59],
    population: [0],
  },
  [0, 2],
);
ask(TENANT_STORE, 'file-inventory', {}, { unnamed: [0], missing: [3] }, [0, 2]);
ask(TENANT_DATABASE, 'artifact-prefix', {}, { prefix: ['logs/', 'acme/'], count: [4] }, [0, 2]);
ask(
  ORGANIZATION,
  'former-store',
  { exists: false },
  {
    bindingId: ['binding-older'],
    empty: [true],
    account: [null],
    region: [null],
    host: ['install-1', 'install-1'],
    copies: [
      [
        {
          location: 'sets',
          copy: '2026-11-22',
          moment: ago(15 * HOUR),
          complete: true,
          present: true,
          because: 'its completion marker is there',
        },
      ],
    ],
  },
  [0, 3],
  false,
  [{ exists: true }],
);
for (const place of [TENANT_STORE, HOST]) {
  ask(
    place,
    'declaration',
    { statement: 'encryption-at-rest' },
    { statement: ['offline-copy-kept'], expires: [ago(HOUR)] },
    [0, 2],
    false,
    [],
  );
}
const FILE_COPIES: Variants<'file-copy'> = {
  location: ['dumps', 'local'],
  moment: AGES,
  complete: [false],
  present: [false],
  files: [1, 5],
  bytes: [0, 90],
  digest: [null, 'digest-2'],
};
const COMPARED = { files: 5, missing: 0, emptied: 0, sizeDiffers: 0 };
ask(
  TENANT_STORE,
  'file-copy',
  {},
  {
    ...FILE_COPIES,
    compared: [COMPARED, { ...COMPARED, emptied: 2 }, { ...COMPARED, missing: 5 }],
    shared: [true],
  },
  [0, 3],
);
const DIRECTORY = '/var/lib/novantra/onprem';
ask(
  HOST,
  'host-file',
  {},
  {
    role: ['state-directory'],
    path: [DIRECTORY],
    exists: [false],
    digest: [null],
    mode: [null, '0644', '0750'],
    files: [0, 3],
    bytes: [0],
    link: [true],
    modifiedAt: [null, ...AGES],
    digestOfModes: ['modes-1', 'modes-2'],
    links: [0, 2],
  },
  [1, 3],
  false,
  [{}, { role: 'state-directory', path: DIRECTORY, digest: 'digest-3', files: 3 }],
);
const BOOTSTRAP = { sourcePath: '/etc/novantra/bootstrap.env', digest: 'digest-1' };
ask(
  HOST,
  'file-copy',
  BOOTSTRAP,
  { ...FILE_COPIES, digest: [null, 'digest-2', 'digest-3'], sourcePath: ['/tmp/x', DIRECTORY], links: [0, 2] },
  [0, 3],
  false,
  [{}, { sourcePath: DIRECTORY, digest: 'digest-3' }],
);

ask(HOST, 'host-system', {}, { family: [null, 'debian'], version: [null], architecture: ['arm64'] });
ask(
  HOST,
  'installer-package',
  {},
  {
    location: ['sets', 'local'],
    version: ['4.2.0'],
    profile: ['no-training'],
    kind: ['msi'],
    bytes: [0],
    sha256: [null],
    checksumAgrees: [null, false],
    formatAgrees: [false],
    damage: ['it is cut off'],
    checksumOfOther: ['other.deb'],
    control: [
      null,
      { package: 'novantra-onprem', version: '4.2.1', architecture: 'all' },
      { package: 'novantra-agent', version: '4.2.1', architecture: 'amd64' },
    ],
  },
  [0, 3],
);

/** What is asked about stores and the host. */
export const FILE_QUESTIONS = made;
