import { expect, it } from 'vitest';
import { readSnapshotLocation } from '../../../src/collect/keys/vault-snapshots.ts';
import { s3BucketTree } from '../../../src/collect/trees/s3-bucket.ts';
import { raftSnapshot } from '../../../src/demo/raft-snapshot.ts';
import { readClient } from '../trees/read-client.ts';
import { fullSha256, type SummedObject, summedBucket } from '../trees/summed-bucket.ts';

const UUID = '7c1f3b1e-5a0a-4d0e-9a55-0d9f6c7f3a10';
const SNAPSHOT = raftSnapshot({
  takenAt: '2026-11-22T02:00:00.000Z',
  raftIndex: 7,
  serverId: 'node1',
  mountUuid: UUID,
  keyNames: ['tenant-acme'],
  vaultVersion: '1.21.2',
});

async function locationWith(object: SummedObject) {
  await using server = await summedBucket({ 'one.snap': object });
  const client = readClient(server.address);
  const tree = s3BucketTree({ client, bucket: 'b', prefix: '' });
  const location = await readSnapshotLocation(
    { name: 'vaults', tree, copiedWhileStopped: false, keepsFileTimes: false },
    (error) => ({ reason: 'malformed', detail: String(error), remedy: '' }),
    new AbortController().signal,
  );
  client.close();
  return location;
}

it('a snapshot of Vault that is not what the store keeps the checksum of is damaged, and no blind spot', async () => {
  const sound = await locationWith({ body: SNAPSHOT, sums: fullSha256(SNAPSHOT) });
  expect(sound).toMatchObject({ blindSpot: null, snapshots: [{ fact: { complete: true, checksumsMatch: true } }] });
  const { blindSpot, snapshots } = await locationWith({ body: SNAPSHOT, sums: fullSha256(Buffer.from('other bytes')) });
  expect(blindSpot).toBeNull();
  expect(snapshots).toMatchObject([
    {
      fact: {
        checksumsMatch: false,
        because: 'the bytes do not match the checksum that the store keeps',
        mountUuids: [UUID],
      },
    },
  ]);
  expect(snapshots[0]?.holds(UUID, 'tenant-acme')).toBe(true);
});
