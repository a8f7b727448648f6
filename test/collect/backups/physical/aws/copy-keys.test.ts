import { describe, expect, it } from 'vitest';
import { epoch, type Script } from './aws-stub.ts';
import { ACCOUNT, ACME, rdsLists, readScript, snapshotOf } from './read-stub.ts';

const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
const QUIET = { ...ACME, BackupRetentionPeriod: 0 };
const encrypted = snapshotOf('s', { KmsKeyId: KEY });
const keyIn = (KeyState: string): Script => ({ DescribeKey: { KeyMetadata: { KeyId: 'k', KeyState } } });

describe('a copy that is encrypted', () => {
  it('counts while its key is enabled, which is asked about once', async () => {
    const both = [encrypted, snapshotOf('t', { KmsKeyId: KEY })];
    const { contents, asked } = await readScript({ ...rdsLists([QUIET], both), ...keyIn('Enabled') });
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies.map(({ integrity }) => integrity)).toEqual(['complete', 'complete']);
    expect(asked.filter((operation) => operation === 'DescribeKey')).toHaveLength(1);
  });

  it.each(['Disabled', 'PendingDeletion', 'PendingImport', 'Unavailable'])(
    'is unproven while its key is %s',
    async (state) => {
      const { contents } = await readScript({ ...rdsLists([QUIET], [encrypted]), ...keyIn(state) });
      expect(contents.copies).toMatchObject([
        { integrity: 'unproven', integrityBecause: expect.stringContaining(`(state ${state})`) },
      ]);
    },
  );

  it('restores nothing where its key is gone', async () => {
    const gone: Script = { DescribeKey: { error: 'NotFoundException' } };
    const { contents } = await readScript({ ...rdsLists([QUIET], [encrypted]), ...gone });
    expect(contents).toMatchObject({
      blindSpot: null,
      copies: [{ integrity: 'incomplete', integrityBecause: expect.stringContaining('does not exist any more') }],
    });
  });

  it('is unproven where its key may not be asked about, and the right is named', async () => {
    const denied: Script = { DescribeKey: { error: 'AccessDeniedException' } };
    const { contents } = await readScript({ ...rdsLists([QUIET], [encrypted, snapshotOf('open')]), ...denied });
    expect(contents.copies.map(({ integrity }) => integrity)).toEqual(['unproven', 'complete']);
    expect(contents.blindSpot).toMatchObject({
      reason: 'unauthorized',
      remedy: expect.stringContaining('kms:DescribeKey'),
    });
  });

  it('is looked at likewise as a window, a recovery point and a set of volumes', async () => {
    const disabled = keyIn('Disabled');
    const window = await readScript({ ...rdsLists([{ ...ACME, KmsKeyId: KEY }]), ...disabled });
    expect(window.contents.copies).toMatchObject([{ method: 'rds-automated-backup', integrity: 'unproven' }]);
    const point = await readScript({
      ...rdsLists([QUIET]),
      ...disabled,
      ListBackupVaults: { BackupVaultList: [{ BackupVaultName: 'v' }] },
      ListRecoveryPointsByBackupVault: {
        RecoveryPoints: [
          {
            RecoveryPointArn: `arn:aws:backup:eu-central-1:${ACCOUNT}:recovery-point:1`,
            ResourceArn: ACME.DBInstanceArn,
            Status: 'COMPLETED',
            CreationDate: epoch('2026-11-22T05:00:00Z'),
            EncryptionKeyArn: KEY,
          },
        ],
      },
    });
    expect(point.contents.copies).toMatchObject([{ method: 'aws-backup', integrity: 'unproven' }]);
    const volume = {
      snapshotId: 'snap-1',
      volumeId: 'vol-a',
      status: 'completed',
      startTime: '2026-11-22T02:00:00Z',
      volumeSize: 8,
      kmsKeyId: KEY,
    };
    const volumes = await readScript(
      {
        ...disabled,
        DescribeVolumes: {
          volumeSet: {
            item: [{ volumeId: 'vol-a', attachmentSet: { item: [{ instanceId: 'i-1', status: 'attached' }] } }],
          },
        },
        DescribeSnapshots: { snapshotSet: { item: [volume] } },
        GetCallerIdentity: { Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/u`, UserId: 'u' },
      },
      { volumes: [{ server: 'tenants', volumeIds: ['vol-a'], atomic: false }] },
    );
    expect(volumes.contents.copies).toMatchObject([{ method: 'ebs-snapshot', integrity: 'unproven' }]);
  });
});
