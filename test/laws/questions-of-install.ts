import { DAY, HOUR } from '../../src/model/instant.ts';
import { ACME, ago, INSTALL, ORGANIZATION } from '../evaluate/fixture.ts';
import { AGES, questioner } from './question.ts';

const { made, ask } = questioner();

ask(
  INSTALL,
  'install',
  {},
  {
    productVersion: ['4.1.9', '5.0.0'],
    profile: [null, 'no-training'],
    packageKind: ['msi'],
    mode: ['cloud'],
    lastUpgradedAt: [null, ago(2 * DAY)],
    previousVersion: [null, '4.1.0'],
  },
);
ask(
  INSTALL,
  'organization-list',
  {},
  {
    counted: [2],
    idsDifferingInCase: [['org_a']],
    rowsUnlisted: [[{ dataset: 'keyrings', rows: 1 }], [{ dataset: 'backup_runs', rows: 1 }]],
  },
);
ask(
  INSTALL,
  'license',
  {},
  {
    state: ['expired', null],
    validUntil: [ago(-10 * DAY), ago(DAY)],
    maxOrganizations: [0, null],
    organizationsNotCovered: [[ACME]],
    organizationsNotInstalled: [undefined, ['org_gone']],
    organizationsInstalled: [20],
  },
);
const lists = { orphans: [1], possible: [1], missingCount: [2] } as const;
ask(
  INSTALL,
  'database-list',
  {},
  {
    ...lists,
    server: ['db2:5432'],
    unrecorded: [[{ name: 'tenant_left', is: 'orphan' }], [{ name: 'tenant_gone', is: 'possible' }]],
    missing: [
      [{ databaseName: 'tenant_new', createdAt: ago(HOUR) }],
      [{ databaseName: 'tenant_lost', createdAt: null }],
    ],
  },
  [1, 2],
);
for (const owner of [INSTALL, ORGANIZATION]) {
  ask(
    owner,
    'backup-plan',
    {
      planId: owner === INSTALL ? 'plan-1' : 'plan-2',
      covers: owner === INSTALL ? 'all' : 'tenant-database',
      retentionDays: 3,
    },
    {
      covers: ['install-database', 'tenant-database', 'cluster'],
      enabled: [false],
      schedule: [null, 'PT1H', 'continuous', 'often', '0 2 * * 0', '0 0 31 2 *'],
      timezone: [null, 'Europe/Berlin'],
      retentionDays: [null, 1, 30],
      method: ['pgbackrest', 'streaming replication'],
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
      organizationId: [null, ACME, ACME],
      performedAt: AGES,
      outcome: ['failed'],
      productVersion: [null, '4.1.9'],
      keyProviderUsed: [false, null],
      chainVerified: [false],
      signInConfirmed: [null],
      durationSeconds: [null, ...Array<number>(7).fill(60_000)],
      cleanedUp: [false, false, null],
    },
    [0, 3],
    false,
    owner === INSTALL ? [{}, { organizationId: ACME }] : [{}],
  );
}
ask(
  INSTALL,
  'declaration',
  { statement: 'infrastructure-credentials-outside-host' },
  {
    statement: ['scratch-copies-removed', 'runbook-reviewed', 'roles-in-code'],
    date: [ago(DAY)],
    expires: [ago(HOUR)],
  },
  [0, 2],
);

ask(
  INSTALL,
  'runbook',
  {},
  {
    exists: [false],
    bytes: [0],
    searched: [0],
    missing: [['dumps']],
    modifiedAt: [ago(HOUR), null],
    digest: ['digest-0', null],
    place: [{ host: 'install-1', site: null, account: null, region: null, origin: 'observed' }, null],
    notOn: ['install-1'],
  },
);
ask(
  INSTALL,
  'file-copy',
  { sourcePath: '/etc/recoverage/runbook.md' },
  { digest: ['digest-0', null], complete: [false], present: [false], sourcePath: ['/etc/novantra/license.json'] },
  [0, 2],
);
ask(
  INSTALL,
  'declaration',
  { statement: 'runbook-reviewed' },
  { date: [ago(DAY), ago(500 * DAY)], expires: [ago(HOUR)] },
  [0, 2],
);
ask(
  INSTALL,
  'secret-source',
  {},
  { kind: ['file'], path: ['/etc/recoverage/password'], onInstallHost: [false] },
  [0, 2],
  true,
);

ask(
  ORGANIZATION,
  'organization',
  { createdAt: ago(600 * DAY) },
  {
    state: ['provisioning', 'provisioning', 'suspended'],
    createdAt: [ago(2 * HOUR), ago(25 * HOUR), ago(30 * HOUR)],
    allowedRegions: [null, ['us-east-1'], ['eu-central-1', 'us-east-1']],
  },
);
ask(ORGANIZATION, 'tenant-database', {}, { databaseName: ['tenant_two'] }, [1, 2]);
ask(ORGANIZATION, 'database-overlap', {}, { of: ['install'] }, [0, 1]);

/** What is asked about the install, its organization, plans and restore tests. */
export const INSTALL_QUESTIONS = made;
