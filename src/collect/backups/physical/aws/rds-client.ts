import { type ClientSettings, onlyReads, type ReadPage } from './client-settings.ts';

/** Amazon RDS in one region: its lists, a page at a time. Rejects with what the AWS SDK throws. */
export interface RdsReads {
  readonly instances: ReadPage;
  readonly clusters: ReadPage;
  /** @param type `awsbackup`, or undefined for automated and manual ones */
  readonly snapshots: (type?: 'awsbackup') => ReadPage;
  readonly clusterSnapshots: (type?: 'awsbackup') => ReadPage;
  readonly automatedBackups: ReadPage;
  readonly clusterAutomatedBackups: ReadPage;
  close(): void;
}

/** Loads the AWS SDK of the service. */
export async function openRds({ config, clock, limit }: ClientSettings): Promise<RdsReads> {
  const sdk = await import('@aws-sdk/client-rds');
  const client = new sdk.RDSClient(config);
  client.middlewareStack.add(onlyReads('rds'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  return {
    async instances(Marker) {
      const answer = await client.send(new sdk.DescribeDBInstancesCommand({ Marker, MaxRecords: 100 }), limit());
      return { items: answer.DBInstances, next: answer.Marker };
    },
    async clusters(Marker) {
      const answer = await client.send(new sdk.DescribeDBClustersCommand({ Marker, MaxRecords: 100 }), limit());
      return { items: answer.DBClusters, next: answer.Marker };
    },
    snapshots: (SnapshotType) => async (Marker) => {
      const command = new sdk.DescribeDBSnapshotsCommand({ Marker, MaxRecords: 100, SnapshotType });
      const answer = await client.send(command, limit());
      return { items: answer.DBSnapshots, next: answer.Marker };
    },
    clusterSnapshots: (SnapshotType) => async (Marker) => {
      const command = new sdk.DescribeDBClusterSnapshotsCommand({ Marker, MaxRecords: 100, SnapshotType });
      const answer = await client.send(command, limit());
      return { items: answer.DBClusterSnapshots, next: answer.Marker };
    },
    async automatedBackups(Marker) {
      const command = new sdk.DescribeDBInstanceAutomatedBackupsCommand({ Marker, MaxRecords: 100 });
      const answer = await client.send(command, limit());
      return { items: answer.DBInstanceAutomatedBackups, next: answer.Marker };
    },
    async clusterAutomatedBackups(Marker) {
      const command = new sdk.DescribeDBClusterAutomatedBackupsCommand({ Marker, MaxRecords: 100 });
      const answer = await client.send(command, limit());
      return { items: answer.DBClusterAutomatedBackups, next: answer.Marker };
    },
    close: () => client.destroy(),
  };
}
