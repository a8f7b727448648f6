import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { PhysicalLocation } from '../../../src/collect/backups/physical/cluster-copies.ts';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { bucketPointSets } from '../../../src/collect/file-sets/bucket-point-set.ts';
import { fileCopyEvidence } from '../../../src/collect/hosts/file-copies.ts';
import { bucketEvidence } from '../../../src/collect/stores/bucket-evidence.ts';
import { Secret } from '../../../src/model/secret.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { epoch } from '../backups/physical/aws/aws-stub.ts';
import { ACCOUNT, rdsLists, readScript } from '../backups/physical/aws/read-stub.ts';
import { scriptedServer } from '../conformance/scripted-server.ts';
import { bucketBinding, emptyPart, NO_ESTATE, storeCollection } from '../stores/store-collection.ts';

const signal = new AbortController().signal;
const POINT = {
  RecoveryPointArn: `arn:aws:backup:eu-central-1:${ACCOUNT}:recovery-point:acme-1`,
  ResourceArn: 'arn:aws:s3:::acme-files',
  ResourceType: 'S3',
  Status: 'COMPLETED',
  CreationDate: epoch('2026-11-22T05:00:00Z'),
  CompletionDate: epoch('2026-11-22T05:20:00Z'),
};

/** Copies of buckets where the vault holds these points. */
async function pointSets(...points: readonly object[]) {
  const { contents } = await readScript({
    ...rdsLists([]),
    ListBackupVaults: { BackupVaultList: [{ BackupVaultName: 'nightly' }] },
    ListRecoveryPointsByBackupVault: { RecoveryPoints: points },
  });
  const config = { name: 'aws', kind: 'aws', purposes: ['managed-backups'] };
  const location = { config, tree: null, blindSpot: null } as unknown as OpenLocation;
  const physical = [{ name: 'aws', purpose: 'managed-backups', contents } as unknown as PhysicalLocation];
  return { contents, sets: bucketPointSets([location], physical) };
}

/** What is told of copies of /acme-files/acme/ in them. */
async function told(...points: readonly object[]) {
  const { contents, sets } = await pointSets(...points);
  const collection = { asker: createAsker(systemClock, [], signal), signal, digestKey: new Secret('key') };
  const source = { path: '/acme-files/acme/', digest: 'none', isBucket: true } as const;
  const [record] = await fileCopyEvidence(collection, sets, TENANT_STORE, source);
  return { items: record?.items, blindSpot: record?.blindSpot, unmatched: contents.unmatched };
}

describe('recovery points of AWS Backup that hold a bucket', () => {
  it('are copies of what lies in it as of when they were begun, and no leftovers of databases', async () => {
    expect(await told(POINT)).toMatchObject({
      items: [{ copy: POINT.RecoveryPointArn, moment: '2026-11-22T05:00:00.000Z', complete: true, present: true }],
      blindSpot: null,
      unmatched: [],
    });
  });

  it.each(['PARTIAL', 'EXPIRED', 'CREATING'])('in state %s are not complete', async (Status) => {
    expect((await told({ ...POINT, Status })).items).toMatchObject([
      { complete: false, because: expect.stringContaining(Status) },
    ]);
  });

  it.each([
    ['whose entry names their location', ['aws'], [expect.objectContaining({ location: 'aws', present: true })]],
    ['whose entry names another one', ['elsewhere'], []],
  ])('are told of a live bucket %s', async (_, copies, items) => {
    await using server = await scriptedServer(
      (_request, response) =>
        void response.end(
          '<ListBucketResult><Name>acme-files</Name><IsTruncated>false</IsTruncated></ListBucketResult>',
        ),
    );
    const { sets } = await pointSets(POINT);
    const access = { endpoint: server.address, forcePathStyle: true, accessKeyId: 'env:a', secretAccessKey: 'env:b' };
    const collection = storeCollection({ s3: [{ ...access, bucket: 'acme-files', copies }] });
    const part = emptyPart();
    const binding = bucketBinding('acme-files', server.address, 'acme/');
    await bucketEvidence(collection, { ...NO_ESTATE, fileCopies: sets }, part, TENANT_STORE, binding);
    const records = part.evidence.filter(({ kind }) => kind === 'file-copy');
    expect(records.flatMap((record): readonly unknown[] => record.items)).toEqual(items);
    expect(records.every(({ subject }) => subject === TENANT_STORE)).toBe(true);
  });

  it('of another bucket, even one whose name begins alike, hold nothing of it', async () => {
    const { items } = await told({ ...POINT, ResourceArn: 'arn:aws:s3:::acme-files-old' });
    expect(items).toMatchObject([{ present: false }]);
  });

  it('that go on tell no moment, which is a blind spot and no gap', async () => {
    const RecoveryPointArn = `arn:aws:backup:eu-central-1:${ACCOUNT}:recovery-point:continuous:acme-2`;
    const seen = await told({ ...POINT, RecoveryPointArn, Status: 'AVAILABLE' });
    expect(seen).toMatchObject({ items: [], blindSpot: { reason: 'unsupported' } });
    expect(seen.blindSpot?.detail).toContain('acme-files');
  });
});
