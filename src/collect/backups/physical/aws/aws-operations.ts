/**
 * The only operations that are ever sent to the services that copy databases in an AWS account, by service; none
 * changes anything. Sources: Amazon RDS API Reference (2014-10-31), AWS Backup API Reference (2018-11-15), Amazon EC2
 * API Reference (2016-11-15), AWS KMS API Reference (2014-11-01), AWS STS API Reference (2011-06-15); the Service Authorization Reference for the actions.
 * `volumes` marks those that are sent only where volumes are configured; an action of null needs no permission.
 */
export const AWS_BACKUP_READ_OPERATIONS = {
  rds: {
    DescribeDBInstances: { action: 'rds:DescribeDBInstances', volumes: false },
    DescribeDBClusters: { action: 'rds:DescribeDBClusters', volumes: false },
    DescribeDBSnapshots: { action: 'rds:DescribeDBSnapshots', volumes: false },
    DescribeDBClusterSnapshots: { action: 'rds:DescribeDBClusterSnapshots', volumes: false },
    DescribeDBInstanceAutomatedBackups: { action: 'rds:DescribeDBInstanceAutomatedBackups', volumes: false },
    DescribeDBClusterAutomatedBackups: { action: 'rds:DescribeDBClusterAutomatedBackups', volumes: false },
  },
  backup: {
    ListBackupVaults: { action: 'backup:ListBackupVaults', volumes: false },
    ListRecoveryPointsByBackupVault: { action: 'backup:ListRecoveryPointsByBackupVault', volumes: false },
    ListBackupPlans: { action: 'backup:ListBackupPlans', volumes: false },
    GetBackupPlan: { action: 'backup:GetBackupPlan', volumes: false },
    ListBackupSelections: { action: 'backup:ListBackupSelections', volumes: false },
    GetBackupSelection: { action: 'backup:GetBackupSelection', volumes: false },
  },
  ec2: {
    DescribeVolumes: { action: 'ec2:DescribeVolumes', volumes: true },
    DescribeSnapshots: { action: 'ec2:DescribeSnapshots', volumes: true },
    DescribeLockedSnapshots: { action: 'ec2:DescribeLockedSnapshots', volumes: true },
  },
  kms: {
    DescribeKey: { action: 'kms:DescribeKey', volumes: false },
  },
  sts: {
    GetCallerIdentity: { action: null, volumes: false },
  },
} as const satisfies Record<
  string,
  Readonly<Record<string, { readonly action: string | null; readonly volumes: boolean }>>
>;

export type AwsService = keyof typeof AWS_BACKUP_READ_OPERATIONS;

/** As people know the services. */
export const AWS_SERVICE_NAMES: Readonly<Record<AwsService, string>> = {
  rds: 'Amazon RDS',
  backup: 'AWS Backup',
  ec2: 'Amazon EC2',
  kms: 'AWS KMS',
  sts: 'AWS STS',
};

/** The IAM action that an operation needs; null where it needs none, or is on no list. */
export function actionOf(service: AwsService, operation: string): string | null {
  const operations: Readonly<Record<string, { readonly action: string | null }>> = AWS_BACKUP_READ_OPERATIONS[service];
  return operations[operation]?.action ?? null;
}

/**
 * The least IAM policy (JSON) under which {@link AWS_BACKUP_READ_OPERATIONS} answer. Lists are of a whole account and
 * region, so that the resource is `*`: a narrower one hides copies without an error. The statement about keys is
 * optional: without it, whether the keys of encrypted copies are usable stays unknown, and nothing else.
 */
export function awsBackupsReadPolicy({ volumes }: { readonly volumes: boolean }): string {
  const actions = ({ of, except }: { readonly of?: AwsService; readonly except?: AwsService }) =>
    Object.entries(AWS_BACKUP_READ_OPERATIONS)
      .filter(([service]) => service !== except && (of === undefined || service === of))
      .flatMap(([, operations]): readonly { readonly action: string | null; readonly volumes: boolean }[] =>
        Object.values(operations),
      )
      .filter((operation) => volumes || !operation.volumes)
      .flatMap(({ action }) => action ?? []);
  const allow = (Sid: string, Action: readonly string[]) => ({ Sid, Effect: 'Allow', Action, Resource: '*' });
  const statements = [
    allow('RecoverageListsManagedBackups', actions({ except: 'kms' })),
    allow('RecoverageReadsKeysOfCopies', actions({ of: 'kms' })),
  ];
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`;
}
