import { describe, expect, it } from 'vitest';
import { awsReading } from '../../../../../src/collect/backups/physical/aws/aws-reading.ts';
import { readManagedDatabases } from '../../../../../src/collect/backups/physical/aws/managed-databases.ts';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import { scriptedServer } from '../../../conformance/scripted-server.ts';
import { awsStub, type Script } from './aws-stub.ts';
import { ACCOUNT, ACME, ACME_ENDPOINT, OPTIONS, rdsLists, readScript, snapshotOf, sourceAt } from './read-stub.ts';

const WINDOW = {
  DBInstanceArn: ACME.DBInstanceArn,
  DBInstanceIdentifier: 'acme',
  DbiResourceId: 'db-ACME',
  DBInstanceAutomatedBackupsArn: `arn:aws:rds:eu-central-1:${ACCOUNT}:auto-backup:ab-1`,
  Engine: 'postgres',
  EngineVersion: '16.4',
  Status: 'active',
  Encrypted: true,
  AllocatedStorage: 100,
  RestoreWindow: { EarliestTime: '2026-11-08T03:00:00Z', LatestTime: '2026-11-22T17:55:00Z' },
};
const windows = (...all: readonly object[]): Script => ({
  DescribeDBInstanceAutomatedBackups: { DBInstanceAutomatedBackups: { DBInstanceAutomatedBackup: all } },
});

describe('RDS, by answers of the documented shape from a local server', () => {
  it('tells of a restore window as a copy as of its end, and as a range', async () => {
    const { contents } = await readScript({ ...rdsLists([ACME]), ...windows(WINDOW) });
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies).toHaveLength(1);
    expect(contents.copies[0]).toMatchObject({
      method: 'rds-automated-backup',
      kind: 'snapshot',
      path: WINDOW.DBInstanceAutomatedBackupsArn,
      cluster: { systemIdentifier: null, endpoints: [ACME_ENDPOINT], port: 5432, declaredServer: null },
      stoppedAt: '2026-11-22T17:55:00.000Z',
      databases: null,
      integrity: 'complete',
      encrypted: true,
      domain: { account: ACCOUNT, region: 'eu-central-1' },
    });
    expect(contents.archives.map(({ window }) => window)).toEqual([
      { from: '2026-11-08T03:00:00.000Z', to: '2026-11-22T17:55:00.000Z' },
    ]);
    expect(settleCopies(contents.copies, contents.archives).map(({ kind }) => kind)).toEqual(['continuous']);
    expect(contents.plans.map(({ plan }) => [plan.planId, plan.schedule, plan.retentionDays])).toEqual([
      ['RDS automated backups of acme', 'continuous', 14],
    ]);
  });

  it('tells of a window that stands still as of then', async () => {
    const stale = { ...WINDOW, RestoreWindow: { ...WINDOW.RestoreWindow, LatestTime: '2026-11-19T04:00:00Z' } };
    const { contents } = await readScript({ ...rdsLists([ACME]), ...windows(stale) });
    expect(contents.copies.map(({ stoppedAt }) => stoppedAt)).toEqual(['2026-11-19T04:00:00.000Z']);
  });

  it('knows neither plan nor window where automated backups are off', async () => {
    const off = { ...ACME, BackupRetentionPeriod: 0 };
    const { contents } = await readScript({
      ...rdsLists([off]),
      ...windows({ ...WINDOW, RestoreWindow: undefined, Status: 'creating' }),
    });
    expect(contents.plans).toEqual([]);
    expect(contents.copies).toEqual([]);
    expect(contents.archives).toEqual([]);
  });

  it('takes retained automated backups of a deleted instance for no copy of a live one', async () => {
    const retained = { ...WINDOW, DbiResourceId: 'db-BEFORE', Status: 'retained' };
    const { contents } = await readScript({ ...rdsLists([ACME]), ...windows(WINDOW, retained) });
    expect(contents.copies).toHaveLength(1);
    expect(contents.unmatched).toMatchObject([{ what: expect.stringContaining('state retained') }]);
  });

  it('counts snapshots that are available, of the instance itself and not of its name', async () => {
    const { contents } = await readScript(
      rdsLists(
        [{ ...ACME, BackupRetentionPeriod: 0 }],
        [
          snapshotOf('rds:good'),
          snapshotOf('making', { Status: 'creating' }),
          snapshotOf('broken', { Status: 'failed' }),
          snapshotOf('namesake', { DbiResourceId: 'db-BEFORE' }),
          snapshotOf('orders', { Engine: 'mysql' }),
        ],
      ),
    );
    expect(contents.copies.map(({ path, integrity }) => [path.split(':snapshot:')[1], integrity])).toEqual([
      ['rds:good', 'complete'],
      ['broken', 'incomplete'],
    ]);
    expect(contents.unmatched.map(({ path, what }) => [path.split(':').at(-1), what])).toEqual([
      ['making', 'snapshot that is not finished, or is being deleted (state creating)'],
      ['namesake', 'snapshot of a database instance that is not there, or was not seen'],
      ['orders', 'snapshot of a database that is not PostgreSQL'],
    ]);
  });

  it('dates a copied snapshot by what it was copied from, or not at all', async () => {
    const copied = { SnapshotCreateTime: '2026-11-22T12:00:00Z', SourceDBSnapshotIdentifier: 'arn:aws:rds:x' };
    const { contents } = await readScript(
      rdsLists(
        [{ ...ACME, BackupRetentionPeriod: 0 }],
        [
          snapshotOf('known', { ...copied, OriginalSnapshotCreateTime: '2026-10-01T03:00:00Z' }),
          snapshotOf('unknown', { ...copied, OriginalSnapshotCreateTime: undefined }),
        ],
      ),
    );
    expect(settleCopies(contents.copies, []).map(({ moment }) => moment?.notAfter ?? null)).toEqual([
      '2026-10-01T03:00:00.000Z',
      null,
    ]);
  });

  it('knows every address of an Aurora cluster, and its own window', async () => {
    const cluster = {
      DBClusterIdentifier: 'globex',
      DBClusterArn: `arn:aws:rds:eu-central-1:${ACCOUNT}:cluster:globex`,
      DbClusterResourceId: 'cluster-GLOBEX',
      Engine: 'aurora-postgresql',
      EngineVersion: '16.4',
      Endpoint: 'globex.cluster-c1.eu-central-1.rds.amazonaws.com',
      ReaderEndpoint: 'globex.cluster-ro-c1.eu-central-1.rds.amazonaws.com',
      CustomEndpoints: { member: ['reports.cluster-custom-c1.eu-central-1.rds.amazonaws.com'] },
      ClusterCreateTime: '2026-01-01T00:00:00Z',
      BackupRetentionPeriod: 7,
      EarliestRestorableTime: '2026-11-15T03:00:00Z',
      LatestRestorableTime: '2026-11-22T17:58:00Z',
      StorageEncrypted: true,
    };
    const member = {
      ...ACME,
      DBInstanceIdentifier: 'globex-1',
      DBClusterIdentifier: 'globex',
      Engine: 'aurora-postgresql',
    };
    const { contents, asked } = await readScript({
      ...rdsLists([member]),
      DescribeDBClusters: { DBClusters: { DBCluster: [cluster] } },
    });
    expect(contents.copies).toMatchObject([{ stoppedAt: '2026-11-22T17:58:00.000Z', encrypted: true }]);
    expect(contents.copies[0]?.cluster.endpoints).toEqual([
      'globex.cluster-c1.eu-central-1.rds.amazonaws.com',
      'globex.cluster-ro-c1.eu-central-1.rds.amazonaws.com',
      'reports.cluster-custom-c1.eu-central-1.rds.amazonaws.com',
      ACME_ENDPOINT,
    ]);
    expect(contents.archives[0]?.window?.from).toBe('2026-11-15T03:00:00.000Z');
    expect(asked).toContain('DescribeDBClusterAutomatedBackups');
  });

  it('matches what was replicated to another region with the databases there', async () => {
    await using home = await scriptedServer(awsStub(rdsLists([ACME])));
    const source = sourceAt(home.address);
    const elsewhere = await readManagedDatabases(source, awsReading(source, OPTIONS.blindSpotOf, OPTIONS.signal));
    source.close();
    const arn = `arn:aws:rds:eu-west-1:${ACCOUNT}:auto-backup:ab-2`;
    const { contents } = await readScript(
      {
        ...rdsLists([], [snapshotOf('copied')]),
        ...windows({ ...WINDOW, DBInstanceAutomatedBackupsArn: arn, Status: 'replicating' }),
      },
      {},
      elsewhere,
    );
    expect(contents.copies.map(({ cluster }) => cluster.endpoints)).toEqual([[ACME_ENDPOINT], [ACME_ENDPOINT]]);
    expect(contents.copies[1]?.domain).toEqual({ account: ACCOUNT, region: 'eu-west-1' });
  });

  it('reads every page of a list', async () => {
    const page = (token: string | null) => Number(token ?? 0);
    const { contents, asked } = await readScript({
      ...rdsLists([{ ...ACME, BackupRetentionPeriod: 0 }]),
      DescribeDBSnapshots: (token, { body }) =>
        new URLSearchParams(body).has('SnapshotType')
          ? {}
          : {
              DBSnapshots: { DBSnapshot: [snapshotOf(`page-${page(token)}`)] },
              ...(page(token) < 3 ? { Marker: String(page(token) + 1) } : {}),
            },
    });
    expect(contents.copies.map(({ path }) => path.split(':').at(-1))).toEqual(['page-0', 'page-1', 'page-2', 'page-3']);
    expect(asked.filter((one) => one === 'DescribeDBSnapshots')).toHaveLength(5);
  });

  it('gives up a list without an end, keeps what it saw, and says so', async () => {
    const { contents } = await readScript({
      ...rdsLists([{ ...ACME, BackupRetentionPeriod: 0 }]),
      DescribeDBSnapshots: { DBSnapshots: { DBSnapshot: [snapshotOf('again')] }, Marker: 'same' },
    });
    expect(contents.copies).toHaveLength(1);
    expect(contents.blindSpot).toMatchObject({ reason: 'malformed', detail: expect.stringContaining('no end') });
  });

  it.each([
    ['DescribeDBInstances', 'rds:DescribeDBInstances'],
    ['DescribeDBSnapshots', 'rds:DescribeDBSnapshots'],
    ['DescribeDBInstanceAutomatedBackups', 'rds:DescribeDBInstanceAutomatedBackups'],
    ['ListBackupVaults', 'backup:ListBackupVaults'],
    ['ListBackupPlans', 'backup:ListBackupPlans'],
  ])('names the right that %s lacks, and keeps the other answers', async (operation, action) => {
    const denied = operation.startsWith('List') ? 'AccessDeniedException' : 'AccessDenied';
    const { contents } = await readScript({
      ...rdsLists([ACME], [snapshotOf('good')]),
      ...windows(WINDOW),
      [operation]: { error: denied },
    });
    expect(contents.blindSpot).toMatchObject({ reason: 'unauthorized', remedy: expect.stringContaining(action) });
    const methods = contents.copies.map(({ method }) => method);
    if (operation === 'DescribeDBInstances') expect(methods).toEqual([]);
    else if (operation === 'DescribeDBSnapshots') expect(methods).toEqual(['rds-automated-backup']);
    else expect(methods).toContain('rds-snapshot');
  });

  it('drops an entry that is none, and says so', async () => {
    const { contents } = await readScript(
      rdsLists([{ ...ACME, BackupRetentionPeriod: 0 }], [snapshotOf('good'), { DBSnapshotIdentifier: 'no arn' }]),
    );
    expect(contents.copies).toHaveLength(1);
    expect(contents.blindSpot).toMatchObject({
      reason: 'malformed',
      detail: expect.stringContaining('documented form'),
    });
  });
});
