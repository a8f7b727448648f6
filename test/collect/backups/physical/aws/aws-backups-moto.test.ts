import {
  BackupClient,
  CreateBackupPlanCommand,
  CreateBackupVaultCommand,
  PutBackupVaultLockConfigurationCommand,
} from '@aws-sdk/client-backup';
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, DisableKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import {
  CopyDBSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAsker, systemClock } from '../../../../../src/collect/ask.ts';
import {
  type AwsBackupSource,
  createAwsBackupSource,
} from '../../../../../src/collect/backups/physical/aws/aws-backup-source.ts';
import { AWS_BACKUP_READ_OPERATIONS } from '../../../../../src/collect/backups/physical/aws/aws-operations.ts';
import { awsReading } from '../../../../../src/collect/backups/physical/aws/aws-reading.ts';
import { vaultSchema } from '../../../../../src/collect/backups/physical/aws/backup-answers.ts';
import { onlyReads } from '../../../../../src/collect/backups/physical/aws/client-settings.ts';
import {
  type AwsBackupsOptions,
  readAwsBackups,
  startAwsBackups,
} from '../../../../../src/collect/backups/physical/aws/read-aws-backups.ts';
import { ForbiddenRequestError } from '../../../../../src/collect/guard/forbidden-request-error.ts';
import { Secret } from '../../../../../src/model/secret.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../../../../services/moto.ts';

const signal = new AbortController().signal;
const asker = createAsker(systemClock, [], signal);
const OPTIONS: AwsBackupsOptions = {
  backupVaults: null,
  volumes: [],
  signal,
  blindSpotOf: (error) => asker.blindSpotOf(error, 'AWS'),
  now: systemClock,
};

describe.skipIf(motoUnavailable())('RDS, AWS Backup and EBS as moto plays them', () => {
  let moto: MotoServer;
  let source: AwsBackupSource;
  let rds: RDSClient;
  let backup: BackupClient;
  let ec2: EC2Client;

  const sourceIn = (region: string) =>
    createAwsBackupSource({
      region,
      endpoint: moto.endpoint,
      accessKeyId: new Secret('AKIATEST'),
      secretAccessKey: new Secret('secret'),
      timeoutMillis: 20_000,
    });

  beforeAll(async () => {
    moto = await startMoto();
    source = sourceIn(moto.region);
    const connection = {
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    };
    rds = new RDSClient(connection);
    backup = new BackupClient(connection);
    ec2 = new EC2Client(connection);
  });
  beforeEach(() => moto.reset());

  afterAll(async () => {
    source?.close();
    for (const client of [rds, backup, ec2]) client?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  async function createInstance(name: string, input: object = {}) {
    const created = await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: name,
        DBInstanceClass: 'db.t3.micro',
        Engine: 'postgres',
        AllocatedStorage: 20,
        BackupRetentionPeriod: 7,
        StorageEncrypted: true,
        ...input,
      }),
    );
    return created.DBInstance;
  }

  it('tells of an instance, its automated snapshot, one by hand, its window and its plan', async () => {
    const instance = await createInstance('acme');
    await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'acme', DBSnapshotIdentifier: 'by-hand' }));
    const contents = await readAwsBackups(source, OPTIONS);
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies.map(({ method, format }) => `${method}: ${format}`)).toEqual([
      'rds-snapshot: instance snapshot, automated',
      'rds-snapshot: instance snapshot, manual',
      'rds-automated-backup: automated backups of an instance',
    ]);
    for (const copy of contents.copies) {
      expect(copy.cluster.endpoints).toEqual([instance?.Endpoint?.Address?.toLowerCase()]);
      expect(copy).toMatchObject({
        integrity: 'complete',
        encrypted: true,
        databases: null,
        domain: { account: '123456789012', region: moto.region },
      });
      expect(Math.abs(Date.parse(copy.stoppedAt ?? '') - Date.now())).toBeLessThan(60_000);
    }
    expect(contents.archives).toMatchObject([{ path: contents.copies[2]?.path, window: { from: null } }]);
    expect(contents.plans.map(({ plan }) => [plan.planId, plan.retentionDays])).toEqual([
      ['RDS automated backups of acme', 7],
    ]);
    expect(contents.unmatched).toEqual([]);
  });

  it('tells of the key of a snapshot what it is now', async () => {
    const kms = new KMSClient({
      region: moto.region,
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
    await createInstance('acme', { KmsKeyId: key?.Arn, BackupRetentionPeriod: 0 });
    await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'acme', DBSnapshotIdentifier: 'by-hand' }));
    const keysNow = async () => {
      const { copies, blindSpot } = await readAwsBackups(source, OPTIONS);
      expect(blindSpot).toBeNull();
      return copies.find(({ path }) => path.endsWith('by-hand'))?.keys;
    };
    expect(await keysNow()).toEqual([{ key: key?.Arn, state: 'enabled', deletionDate: null, because: null }]);
    await kms.send(new DisableKeyCommand({ KeyId: key?.KeyId }));
    expect(await keysNow()).toMatchObject([{ state: 'disabled' }]);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key?.KeyId, PendingWindowInDays: 7 }));
    const [pending] = (await keysNow()) ?? [];
    expect(pending).toMatchObject({ state: 'pending-deletion' });
    const days = (Date.parse(pending?.deletionDate ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6);
    expect(days).toBeLessThan(8);
    kms.destroy();
  });

  it('knows no plan and no window where automated backups are off', async () => {
    await createInstance('off', { BackupRetentionPeriod: 0 });
    const contents = await readAwsBackups(source, OPTIONS);
    expect(contents.plans).toEqual([]);
    expect(contents.archives).toEqual([]);
    expect(contents.copies.filter(({ method }) => method === 'rds-automated-backup')).toEqual([]);
  });

  it('tells of an empty account that there is nothing, without a blind spot', async () => {
    expect(await readAwsBackups(source, OPTIONS)).toEqual({
      copies: [],
      archives: [],
      bucketPoints: [],
      plans: [],
      unmatched: [],
      blindSpot: null,
    });
  });

  it('takes the snapshot of a deleted instance for a copy of none that is there', async () => {
    await createInstance('acme', { BackupRetentionPeriod: 0 });
    await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'acme', DBSnapshotIdentifier: 'before' }));
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'acme', SkipFinalSnapshot: true }));
    const gone = await readAwsBackups(source, OPTIONS);
    expect(gone.copies).toEqual([]);
    expect(gone.unmatched.map(({ path }) => path.split(':').at(-1))).toContain('before');
  });

  it('knows every address of an Aurora cluster; what moto does not answer is a blind spot', async () => {
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'globex',
        Engine: 'aurora-postgresql',
        MasterUsername: 'postgres',
        MasterUserPassword: 'irrelevant',
      }),
    );
    await createInstance('globex-1', { Engine: 'aurora-postgresql', DBClusterIdentifier: 'globex' });
    await rds.send(
      new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'globex', DBClusterSnapshotIdentifier: 'by-hand' }),
    );
    const contents = await readAwsBackups(source, OPTIONS);
    const copies = contents.copies.filter(({ format }) => format.includes('cluster'));
    expect(copies.map(({ format }) => format)).toEqual([
      'cluster snapshot, automated',
      'cluster snapshot, manual',
      'automated backups of a cluster',
    ]);
    for (const { cluster } of copies) {
      expect(cluster.endpoints).toHaveLength(3);
      expect(cluster.endpoints).toContainEqual(expect.stringMatching(/^globex\.cluster-ro-/));
      expect(cluster.endpoints).toContainEqual(expect.stringMatching(/^globex-1\./));
    }
    expect(contents.blindSpot).toMatchObject({
      reason: 'malformed',
      detail: expect.stringContaining('DescribeDBClusterAutomatedBackups'),
    });
  });

  it('reads vaults with their locks; recovery points and selections, which moto lacks, are blind spots', async () => {
    await createInstance('acme');
    await backup.send(new CreateBackupVaultCommand({ BackupVaultName: 'nightly' }));
    await backup.send(
      new PutBackupVaultLockConfigurationCommand({
        BackupVaultName: 'nightly',
        MinRetentionDays: 7,
        ChangeableForDays: 3,
      }),
    );
    await backup.send(
      new CreateBackupPlanCommand({
        BackupPlan: {
          BackupPlanName: 'databases',
          Rules: [{ RuleName: 'daily', TargetBackupVaultName: 'nightly', ScheduleExpression: 'cron(0 5 ? * * *)' }],
        },
      }),
    );
    const vaults = await awsReading(source, OPTIONS.blindSpotOf, signal).list(
      'backup',
      'ListBackupVaults',
      vaultSchema,
      async () => (await source.backup()).vaults,
    );
    expect(vaults).toMatchObject([{ BackupVaultName: 'nightly', Locked: true, MinRetentionDays: 7 }]);
    expect(Date.parse(vaults[0]?.LockDate ?? '')).toBeGreaterThan(Date.now());
    const contents = await readAwsBackups(source, OPTIONS);
    expect(contents.blindSpot?.reason).toBe('malformed');
    expect(contents.blindSpot?.detail).toContain('ListRecoveryPointsByBackupVault');
    expect(contents.blindSpot?.detail).toContain('ListBackupSelections');
    expect(contents.copies.length).toBeGreaterThan(0);
    expect(contents.plans.map(({ plan }) => plan.method)).toEqual(['rds-automated-backup, continuous']);
  });

  it('tells of snapshots of the volumes that are configured', async () => {
    const volume = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8 }));
    const other = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 8 }));
    const taken = await ec2.send(new CreateSnapshotCommand({ VolumeId: volume.VolumeId }));
    await ec2.send(new CreateSnapshotCommand({ VolumeId: other.VolumeId }));
    const volumes = [{ server: 'tenants', volumeIds: [volume.VolumeId ?? ''], atomic: false }];
    const idle = await readAwsBackups(source, { ...OPTIONS, volumes });
    expect(idle.copies).toMatchObject([
      { integrity: 'unproven', integrityBecause: expect.stringContaining('attached to no machine') },
    ]);
    const { Images } = await ec2.send(new DescribeImagesCommand({ MaxResults: 5 }));
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: Images?.[0]?.ImageId ?? '', MinCount: 1, MaxCount: 1 }),
    );
    const InstanceId = Instances?.[0]?.InstanceId ?? '';
    await ec2.send(new AttachVolumeCommand({ VolumeId: volume.VolumeId ?? '', InstanceId, Device: '/dev/sdf' }));
    const { copies } = await readAwsBackups(source, { ...OPTIONS, volumes });
    expect(copies).toMatchObject([
      {
        path: `arn:aws:ec2:us-east-1::snapshot/${taken.SnapshotId}`,
        cluster: { declaredServer: 'tenants' },
        integrity: 'complete',
      },
    ]);
  });

  it('matches a snapshot that was copied to another region with its instance', async () => {
    await createInstance('acme', { BackupRetentionPeriod: 0 });
    const { DBSnapshot } = await rds.send(
      new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'acme', DBSnapshotIdentifier: 'original' }),
    );
    const away = new RDSClient({
      region: 'us-west-2',
      endpoint: moto.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await away.send(
      new CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: DBSnapshot?.DBSnapshotArn ?? '',
        TargetDBSnapshotIdentifier: 'copied',
      }),
    );
    away.destroy();
    const there = sourceIn('us-west-2');
    const alone = await readAwsBackups(there, OPTIONS);
    expect(alone.copies).toEqual([]);
    const databases = await startAwsBackups(source, OPTIONS).databases();
    const { copies } = await startAwsBackups(there, OPTIONS).contents(databases);
    there.close();
    expect(copies).toMatchObject([
      { domain: { region: 'us-west-2' }, cluster: { endpoints: databases[0]?.endpoints } },
    ]);
  });

  it('sends nothing but what is on the list, as its recorder shows', async () => {
    await createInstance('acme');
    await backup.send(new CreateBackupVaultCommand({ BackupVaultName: 'nightly' }));
    const volumes = [{ server: 'tenants', volumeIds: ['vol-0123456789abcdef0'], atomic: false }];
    const calls = await moto.recordCalls(() => readAwsBackups(source, { ...OPTIONS, volumes }));
    const query = new Set<string>(
      Object.entries(AWS_BACKUP_READ_OPERATIONS).flatMap(([service, operations]) =>
        service === 'backup' ? [] : Object.keys(operations),
      ),
    );
    const others = calls.filter(
      ({ service, operation }) => !(service === 'backup' ? operation.startsWith('GET /backup') : query.has(operation)),
    );
    expect(others).toEqual([]);
    const names = new Set(calls.map(({ operation }) => operation));
    for (const name of ['DescribeDBInstances', 'DescribeDBSnapshots', 'DescribeSnapshots', 'GetCallerIdentity']) {
      expect(names).toContain(name);
    }
  });

  it('refuses to send an operation that is on no list', async () => {
    const context = { commandName: 'DeleteDBInstanceCommand' };
    const sent = vi.fn(async () => ({}));
    await expect(onlyReads('rds')(sent, context)({})).rejects.toBeInstanceOf(ForbiddenRequestError);
    expect(sent).not.toHaveBeenCalled();
  });
});
