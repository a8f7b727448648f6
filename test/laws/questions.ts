import fc from 'fast-check';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY, HOUR, MINUTE } from '../../src/model/instant.ts';
import type { Subject } from '../../src/model/subject.ts';
import {
  ACME,
  ago,
  CLUSTER,
  fact,
  HOST,
  INSTALL,
  INSTALL_DATABASE,
  INSTALL_KEYRING,
  LOCATION,
  ORGANIZATION,
  PROVIDER,
  subject,
  TENANT_DATABASE,
  TENANT_KEYRING,
  TENANT_STORE,
} from '../evaluate/fixture.ts';

/** Something a collector asks about one subject, with what may be answered. */
export interface Question {
  readonly part: 'install' | 'organization';
  readonly subject: Subject;
  readonly kind: FactKind;
  readonly item: fc.Arbitrary<Facts[FactKind]>;
  readonly items: fc.Arbitrary<readonly Facts[FactKind][]>;
  readonly mayBeDeclared?: boolean;
}

export const LOCATIONS = [LOCATION, subject('location', 'sets'), subject('location', 'local')];

type Variants<K extends FactKind> = { readonly [F in keyof Facts[K]]?: readonly Facts[K][F][] };

/** A plausible fact, often with some fields changed to one of the values given. */
function varied<K extends FactKind>(kind: K, base: Partial<Facts[K]>, variants: Variants<K>): fc.Arbitrary<Facts[K]> {
  const usual = fact(kind, base);
  const changes = Object.fromEntries(
    Object.entries(variants).map(([field, values]) => [
      field,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(usual[field as keyof Facts[K]]) },
        { weight: 2, arbitrary: fc.constantFrom(...(values as readonly unknown[])) },
      ),
    ]),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.record(changes).map((some) => ({ ...usual, ...some }) as Facts[K]) },
  );
}

const made: Question[] = [];

function ask<K extends FactKind>(
  of: Subject,
  kind: K,
  base: Partial<Facts[K]>,
  variants: Variants<K>,
  count: readonly [number, number] = [1, 1],
  mayBeDeclared = false,
): void {
  const item = varied(kind, base, variants);
  const several = fc.array(item, { minLength: count[0], maxLength: count[1] });
  made.push({
    part: of.organizationId === null ? 'install' : 'organization',
    subject: of,
    kind,
    item,
    items: fc.oneof({ weight: 10, arbitrary: several }, { weight: 1, arbitrary: fc.constant([]) }),
    mayBeDeclared,
  });
}

const AGES = [ago(2 * HOUR), ago(20 * HOUR), ago(30 * HOUR), ago(10 * DAY), ago(100 * DAY), ago(-2 * HOUR)];
const moment = (at: string, width = 0) => ({
  notBefore: at,
  notAfter: new Date(Date.parse(at) + width).toISOString(),
  origin: 'fixture',
});

for (const database of [INSTALL_DATABASE, TENANT_DATABASE]) {
  const name = database === INSTALL_DATABASE ? 'novantra' : 'tenant_acme';
  ask(
    database,
    'copy',
    { path: `${name}.dump`, foundName: name, claimedName: name },
    {
      location: ['sets', 'local'],
      path: ['a.dump', 'b.dump'],
      bytes: [0, 300_000, 5_000_000],
      foundName: [null, 'tenant_other'],
      claimedName: [null, 'tenant_other'],
      nameAgrees: [null, false],
      sameNameDatabases: [2],
      databaseOid: [null, 99],
      tableOids: [null, [], [16_402], [77]],
      tableNames: [null, [], ['public.items']],
      tablesComplete: [false],
      tablesWithoutRows: [['public.items']],
      scope: ['schema-only', 'partial', 'unknown'],
      moment: [null, ...AGES.map((at) => moment(at)), moment(ago(30 * HOUR), 8 * HOUR), moment(ago(700 * DAY))],
      serverVersion: [null, '16.2', '19.1'],
      integrity: ['incomplete', 'unproven'],
      sha256: ['aa'],
      encrypted: [true],
    },
    [0, 3],
  );
  ask(database, 'database-state', {}, { exists: [false], databaseOid: [null, 99], sizeBytes: [null, 0, 900_000_000] });
  ask(
    database,
    'catalogue',
    {},
    { tables: [[], [{ oid: 16_401, name: 'public.items' }], [{ oid: 5, name: 'public.x' }]] },
  );
  ask(
    database,
    'backup-run',
    { artifactUri: `file:///dumps/${name}.dump` },
    {
      runId: ['run-2', 'run-3'],
      planId: [null, 'plan-2'],
      status: ['failed', 'running', 'skipped'],
      startedAt: [...AGES, ago(16 * HOUR)],
      finishedAt: [null, ago(15 * HOUR)],
      artifactUri: [null, 'file:///dumps/other.dump', 'file:///sets/a.dump'],
      artifactBytes: [null, 5],
      sha256: ['aa', 'bb'],
    },
    [0, 4],
  );
  ask(database, 'declaration', { statement: 'database-recreated' }, { date: [ago(DAY)], expires: [ago(HOUR)] }, [0, 1]);
}

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
        [{ version: 1, createdAt: null }],
      ],
      createdAt: [null, ago(HOUR)],
      deletionDate: [ago(-5 * DAY), ago(DAY)],
      expiresAt: [ago(DAY)],
      origin: ['AWS_KMS', 'EXTERNAL'],
      canDecrypt: [false, null],
    },
  );
  ask(keyring, 'snapshot-key', { location: 'dumps' }, { location: ['sets', 'local'], present: [false] }, [0, 3]);
  ask(keyring, 'declaration', { statement: 'imported-key-material-kept' }, { expires: [ago(HOUR)] }, [0, 1]);
}

function shown(versions: readonly number[]) {
  return versions.map((version) => ({ version, createdAt: ago((700 - 100 * version) * DAY) }));
}

const KINDS = ['aws-kms', 'pkcs11'];
ask(
  INSTALL,
  'keyring',
  { keyringId: INSTALL_KEYRING.key, keyRef: 'install', rotatedAt: ago(500 * DAY) },
  { providerKind: [null, ...KINDS], currentVersion: [null, 2, 4], rotatedAt: [null, ago(3 * HOUR)] },
);
ask(
  ORGANIZATION,
  'keyring',
  {},
  { providerKind: [null, ...KINDS, 'aws-kms'], keyRef: ['other'], keyringId: ['keyring-other'] },
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
    keyRef: ['other'],
  },
  [1, 3],
);

ask(
  PROVIDER,
  'provider-state',
  {},
  {
    kind: KINDS,
    initialized: [false],
    sealed: [true, null],
    sealType: ['awskms', 'transit', null],
    mounts: [null, [], [{ path: 'transit/', uuid: 'mount-9' }]],
    account: ['111122223333'],
    region: ['eu-central-1'],
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
  },
  [0, 3],
);
ask(
  PROVIDER,
  'declaration',
  { statement: 'unseal-shares-held' },
  { statement: ['recovery-shares-held'], expires: [ago(HOUR)] },
  [0, 2],
);

const DOMAINS: Variants<'failure-domain'> = {
  host: [null, 'install-1', 'backup-2'],
  site: ['site-1'],
  account: ['111122223333'],
  region: ['eu-central-1'],
  origin: ['observed'],
};
const ELSEWHERE = LOCATIONS.filter(({ key }) => key !== 'local');
for (const place of ELSEWHERE) ask(place, 'failure-domain', { host: 'backup-1' }, DOMAINS, [1, 2], true);
for (const place of [PROVIDER, CLUSTER, HOST, TENANT_STORE, ...LOCATIONS.filter(({ key }) => key === 'local')]) {
  ask(place, 'failure-domain', { host: 'install-1' }, DOMAINS, [1, 2], true);
}
for (const place of LOCATIONS) ask(place, 'location', {}, { purposes: [[]], timezone: [null] }, [1, 1], true);
ask(CLUSTER, 'cluster', {}, { majorVersion: [16, 19], systemIdentifier: [null] });

ask(
  INSTALL,
  'install',
  {},
  { productVersion: ['4.1.9', '5.0.0'], lastUpgradedAt: [null, ago(2 * DAY)], previousVersion: [null, '4.1.0'] },
);
ask(INSTALL, 'organization-list', {}, { counted: [2], idsDifferingInCase: [['org_a']] });
ask(
  INSTALL,
  'license',
  {},
  {
    state: ['expired', null],
    validUntil: [ago(-10 * DAY), ago(DAY)],
    maxOrganizations: [0, null],
    organizationsNotCovered: [[ACME]],
    organizationsInstalled: [20],
  },
);
for (const owner of [INSTALL, ORGANIZATION]) {
  ask(
    owner,
    'backup-plan',
    { planId: owner === INSTALL ? 'plan-1' : 'plan-2', covers: owner === INSTALL ? 'all' : 'tenant-database' },
    {
      covers: ['install-database', 'tenant-database', 'cluster'],
      enabled: [false],
      schedule: [null, 'PT1H', 'continuous', 'often', '0 2 * * 0'],
      timezone: [null, 'Europe/Berlin'],
      retentionDays: [null, 1],
      createdAt: [null, ago(HOUR)],
    },
    [0, 2],
    true,
  );
  ask(
    owner,
    'restore-test',
    { organizationId: owner === INSTALL ? null : ACME },
    {
      organizationId: [null, ACME],
      performedAt: AGES,
      outcome: ['failed'],
      productVersion: [null, '4.1.9'],
      keyProviderUsed: [false, null],
      chainVerified: [false],
      signInConfirmed: [null],
      durationSeconds: [null, 60_000],
      cleanedUp: [false, null],
    },
    [0, 3],
  );
}
ask(
  INSTALL,
  'declaration',
  { statement: 'infrastructure-credentials-outside-host' },
  { statement: ['scratch-copies-removed', 'runbook-reviewed'], date: [ago(DAY)], expires: [ago(HOUR)] },
  [0, 2],
);

ask(
  ORGANIZATION,
  'organization',
  { createdAt: ago(600 * DAY) },
  { state: ['provisioning', 'suspended'], createdAt: [ago(2 * HOUR), ago(25 * HOUR), ago(30 * HOUR)] },
);
ask(ORGANIZATION, 'tenant-database', {}, { databaseName: ['tenant_two'] }, [1, 2]);
ask(
  ORGANIZATION,
  'storage-binding',
  {},
  {
    kind: ['bundled', 'local_filesystem_dedicated', 'tape'],
    state: ['inactive'],
    prefix: ['acme/'],
    bindingId: ['binding-old'],
  },
  [1, 2],
  true,
);
ask(ORGANIZATION, 'store-overlap', {}, { relation: ['inside', 'around'] }, [0, 2]);
ask(TENANT_STORE, 'store-state', {}, { kind: ['bundled', 'local_filesystem_dedicated'], exists: [false] });
ask(TENANT_STORE, 'store-versioning', {}, { state: ['off', 'suspended'] });
ask(TENANT_STORE, 'store-object-lock', {}, { enabled: [false] });
ask(TENANT_STORE, 'store-replication', {}, { enabled: [false], prefix: ['acme/', 'logs/'] }, [0, 2]);
const FILE_COPIES: Variants<'file-copy'> = {
  location: ['dumps', 'local'],
  moment: AGES,
  complete: [false],
  present: [false],
  digest: [null, 'digest-2'],
};
ask(TENANT_STORE, 'file-copy', {}, FILE_COPIES, [0, 3]);
ask(HOST, 'host-file', {}, { role: ['state-directory'], exists: [false], digest: [null] }, [1, 2]);
ask(
  HOST,
  'file-copy',
  { sourcePath: '/etc/novantra/bootstrap.env', digest: 'digest-1' },
  { ...FILE_COPIES, sourcePath: ['/tmp/x'] },
  [0, 3],
);

for (const audited of [
  INSTALL,
  INSTALL_DATABASE,
  TENANT_DATABASE,
  CLUSTER,
  PROVIDER,
  TENANT_STORE,
  HOST,
  ...LOCATIONS,
]) {
  ask(audited, 'access-rights', {}, { canWrite: [true] }, [0, 2]);
  ask(audited, 'clock', {}, { offsetMillis: [20 * MINUTE, -20 * MINUTE], uncertaintyMillis: [10 * MINUTE] }, [0, 2]);
}

/** Everything that collectors ask in the worlds of the laws. */
export const QUESTIONS: readonly Question[] = made;
