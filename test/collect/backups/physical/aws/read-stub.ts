import { createAsker, systemClock } from '../../../../../src/collect/ask.ts';
import { createAwsBackupSource } from '../../../../../src/collect/backups/physical/aws/aws-backup-source.ts';
import type { ManagedDatabase } from '../../../../../src/collect/backups/physical/aws/managed-databases.ts';
import {
  type AwsBackupsOptions,
  startAwsBackups,
} from '../../../../../src/collect/backups/physical/aws/read-aws-backups.ts';
import type { PhysicalContents } from '../../../../../src/collect/backups/physical/physical-copy.ts';
import { Secret } from '../../../../../src/model/secret.ts';
import { scriptedServer } from '../../../conformance/scripted-server.ts';
import { awsStub, operationOf, type Script } from './aws-stub.ts';

export const NOW = '2026-11-22T18:00:00.000Z';
export const ACCOUNT = '111122223333';

const signal = new AbortController().signal;
const asker = createAsker(systemClock, [], signal);
export const OPTIONS: AwsBackupsOptions = {
  backupVaults: null,
  volumes: [],
  signal,
  blindSpotOf: (error) => asker.blindSpotOf(error, 'AWS'),
  now: () => NOW,
};

export function sourceAt(endpoint: string, region = 'eu-central-1') {
  return createAwsBackupSource({
    region,
    endpoint,
    accessKeyId: new Secret('AKIATEST'),
    secretAccessKey: new Secret('secret'),
    timeoutMillis: 20_000,
  });
}

export interface Reading {
  readonly contents: PhysicalContents;
  /** Names of the operations that were asked for. */
  readonly asked: readonly string[];
}

/** What is read of an account that answers by a script. */
export async function readScript(
  script: Script,
  options: Partial<AwsBackupsOptions> = {},
  elsewhere: readonly ManagedDatabase[] = [],
): Promise<Reading> {
  await using server = await scriptedServer(awsStub(script));
  const source = sourceAt(server.address);
  try {
    const contents = await startAwsBackups(source, { ...OPTIONS, ...options }).contents(elsewhere);
    return { contents, asked: server.seen.map(operationOf) };
  } finally {
    source.close();
  }
}

/** An instance with automated backups, as DescribeDBInstances tells of it. */
export const ACME = {
  DBInstanceIdentifier: 'acme',
  DBInstanceArn: `arn:aws:rds:eu-central-1:${ACCOUNT}:db:acme`,
  DbiResourceId: 'db-ACME',
  Engine: 'postgres',
  EngineVersion: '16.4',
  Endpoint: { Address: 'ACME.c1x2y3.eu-central-1.rds.amazonaws.com', Port: 5432 },
  InstanceCreateTime: '2026-01-01T00:00:00Z',
  BackupRetentionPeriod: 14,
  LatestRestorableTime: '2026-11-22T17:55:00Z',
  AllocatedStorage: 100,
  StorageEncrypted: true,
} as const;
export const ACME_ENDPOINT = 'acme.c1x2y3.eu-central-1.rds.amazonaws.com';

/** A snapshot of it. */
export function snapshotOf(name: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    DBSnapshotIdentifier: name,
    DBSnapshotArn: `arn:aws:rds:eu-central-1:${ACCOUNT}:snapshot:${name}`,
    DBInstanceIdentifier: 'acme',
    DbiResourceId: 'db-ACME',
    Engine: 'postgres',
    EngineVersion: '16.4',
    SnapshotType: 'automated',
    Status: 'available',
    SnapshotCreateTime: '2026-11-22T03:00:00Z',
    OriginalSnapshotCreateTime: '2026-11-22T03:00:00Z',
    Encrypted: true,
    AllocatedStorage: 100,
    ...more,
  };
}

/** Lists of RDS with those entries. */
export function rdsLists(instances: readonly object[], snapshots: readonly object[] = []): Script {
  return {
    DescribeDBInstances: { DBInstances: { DBInstance: instances } },
    DescribeDBSnapshots: (_token, { body }) =>
      new URLSearchParams(body).has('SnapshotType') ? {} : { DBSnapshots: { DBSnapshot: snapshots } },
  };
}
