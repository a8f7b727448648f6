import { type ClientSettings, onlyReads, type ReadPage } from './client-settings.ts';

/** Volumes and EBS snapshots that the account owns in one region, a page at a time. Rejects with what the AWS SDK throws. */
export interface Ec2Reads {
  readonly volumes: (volumeIds: readonly string[]) => ReadPage;
  readonly snapshotsOf: (volumeIds: readonly string[]) => ReadPage;
  readonly locks: ReadPage;
  close(): void;
}

/** Loads the AWS SDK of the service. */
export async function openEc2({ config, clock, limit }: ClientSettings): Promise<Ec2Reads> {
  const sdk = await import('@aws-sdk/client-ec2');
  const client = new sdk.EC2Client(config);
  client.middlewareStack.add(onlyReads('ec2'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  return {
    volumes: (volumeIds) => async (NextToken) => {
      const Filters = [{ Name: 'volume-id', Values: [...volumeIds] }];
      const answer = await client.send(
        new sdk.DescribeVolumesCommand({ Filters, NextToken, MaxResults: 500 }),
        limit(),
      );
      return { items: answer.Volumes, next: answer.NextToken };
    },
    snapshotsOf: (volumeIds) => async (NextToken) => {
      const Filters = [{ Name: 'volume-id', Values: [...volumeIds] }];
      const command = new sdk.DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters, NextToken, MaxResults: 1000 });
      const answer = await client.send(command, limit());
      return { items: answer.Snapshots, next: answer.NextToken };
    },
    async locks(NextToken) {
      const answer = await client.send(
        new sdk.DescribeLockedSnapshotsCommand({ NextToken, MaxResults: 1000 }),
        limit(),
      );
      return { items: answer.Snapshots, next: answer.NextToken };
    },
    close: () => client.destroy(),
  };
}
