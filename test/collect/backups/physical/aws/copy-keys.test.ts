import { describe, expect, it } from 'vitest';
import type { Reply, Script } from './aws-stub.ts';
import { ACCOUNT, ACME, rdsLists, readScript, snapshotOf } from './read-stub.ts';

const keyOf = (account: string, id = '1') => `arn:aws:kms:eu-central-1:${account}:key/${id}`;
const OWN = keyOf(ACCOUNT);
const FOREIGN = keyOf('444455556666');
const IDENTITY: Script = { GetCallerIdentity: { Account: ACCOUNT } };

async function keysWith(reply: Reply, keyId = OWN, identity: Script = IDENTITY) {
  const { contents, asked } = await readScript({
    ...rdsLists(
      [{ ...ACME, BackupRetentionPeriod: 0 }],
      [snapshotOf('one', { KmsKeyId: keyId }), snapshotOf('two', { KmsKeyId: keyId })],
    ),
    ...identity,
    DescribeKey: reply,
  });
  expect(contents.blindSpot).toBeNull();
  const [one, two] = contents.copies.map(({ keys }) => keys);
  expect(one).toEqual(two);
  return { keys: one, asked: asked.filter((operation) => operation === 'DescribeKey') };
}

const described = (KeyState: string, more: object = {}): Reply => ({
  KeyMetadata: { KeyId: '1', Arn: OWN, KeyState, ...more },
});

describe('keys of copies, by answers of the documented shape from a local server', () => {
  it.each([
    ['Enabled', 'enabled'],
    ['Disabled', 'disabled'],
    ['PendingImport', 'pending-import'],
    ['PendingDeletion', 'pending-deletion'],
    ['Unavailable', 'unavailable'],
  ])('in state %s are %s, and are asked about once', async (state, known) => {
    const { keys, asked } = await keysWith(described(state));
    expect(keys).toMatchObject([{ key: OWN, state: known, deletionDate: null }]);
    expect(asked).toHaveLength(1);
  });

  it('tell when they will be deleted', async () => {
    const { keys } = await keysWith(described('PendingDeletion', { DeletionDate: 1_800_000_000 }));
    expect(keys).toMatchObject([{ deletionDate: '2027-01-15T08:00:00.000Z' }]);
  });

  it('are missing only where the account of the credentials is theirs', async () => {
    const gone: Reply = { error: 'NotFoundException' };
    expect((await keysWith(gone)).keys).toMatchObject([{ key: OWN, state: 'missing' }]);
    expect((await keysWith(gone, FOREIGN)).keys).toMatchObject([
      { state: null, because: 'the key did not answer, and it is of account 444455556666' },
    ]);
    const nobody: Script = { GetCallerIdentity: { error: 'AccessDenied' } };
    expect((await keysWith(gone, OWN, nobody)).keys).toMatchObject([{ state: null }]);
  });

  it.each<readonly [string, Reply]>([
    ['a refusal', { error: 'AccessDeniedException' }],
    ['an answer of another shape', { KeyMetadata: { KeyId: '1' } }],
  ])('are not told by %s, which leaves the copies as they are', async (_, reply) => {
    const { keys } = await keysWith(reply);
    expect(keys).toMatchObject([{ key: OWN, state: null, because: expect.stringContaining('DescribeKey') }]);
  });

  it('are none where the copy is not encrypted, and nobody asks', async () => {
    const plain = snapshotOf('plain', { Encrypted: false });
    const { contents, asked } = await readScript(rdsLists([{ ...ACME, BackupRetentionPeriod: 0 }], [plain]));
    expect(contents.copies).toHaveLength(1);
    expect(contents.copies[0]).not.toHaveProperty('keys');
    expect(asked).not.toContain('DescribeKey');
    expect(asked).not.toContain('GetCallerIdentity');
  });

  it('of automated backups are those of the instance', async () => {
    const { contents } = await readScript({ ...rdsLists([{ ...ACME, KmsKeyId: OWN }]), ...IDENTITY });
    expect(contents.copies.map(({ keys }) => keys?.map(({ key }) => key))).toEqual([[OWN]]);
  });

  it('of recovery points and volumes are told, too', async () => {
    const volumes = [{ server: 'db-1', volumeIds: ['vol-a', 'vol-b'], atomic: true }];
    const point = {
      RecoveryPointArn: `arn:aws:backup:eu-central-1:${ACCOUNT}:recovery-point:1`,
      ResourceArn: ACME.DBInstanceArn,
      ResourceType: 'RDS',
      Status: 'COMPLETED',
      CreationDate: 1_795_000_000,
      IsEncrypted: true,
      EncryptionKeyArn: keyOf(ACCOUNT, 'vault'),
    };
    const snapshot = (volume: string) => ({
      snapshotId: `snap-${volume}`,
      volumeId: volume,
      ownerId: ACCOUNT,
      status: 'completed',
      startTime: '2026-11-22T03:00:00.000Z',
      completionTime: '2026-11-22T03:10:00.000Z',
      volumeSize: 8,
      encrypted: true,
      kmsKeyId: keyOf(ACCOUNT, volume),
    });
    const { contents } = await readScript(
      {
        ...rdsLists([{ ...ACME, BackupRetentionPeriod: 0 }]),
        ...IDENTITY,
        ListBackupVaults: { BackupVaultList: [{ BackupVaultName: 'vault' }] },
        ListRecoveryPointsByBackupVault: { RecoveryPoints: [point] },
        DescribeSnapshots: { snapshotSet: { item: ['vol-a', 'vol-b'].map(snapshot) } },
        DescribeKey: described('Enabled'),
      },
      { volumes },
    );
    expect(contents.copies.map(({ method, keys }) => [method, keys?.map(({ key }) => key)])).toEqual([
      ['aws-backup', [keyOf(ACCOUNT, 'vault')]],
      ['ebs-snapshot', [keyOf(ACCOUNT, 'vol-a'), keyOf(ACCOUNT, 'vol-b')]],
    ]);
  });
});
