import { describe, expect, it } from 'vitest';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import type { Script } from './aws-stub.ts';
import { ACCOUNT, readScript } from './read-stub.ts';

function snapshot(id: string, volumeId: string, startTime: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    snapshotId: id,
    volumeId,
    ownerId: ACCOUNT,
    status: 'completed',
    startTime,
    completionTime: startTime.replace(':00Z', ':40Z'),
    volumeSize: 100,
    encrypted: true,
    ...more,
  };
}
const volume = (volumeId: string, instanceId: string | null = 'i-1') => ({
  volumeId,
  attachmentSet: instanceId === null ? '' : { item: [{ volumeId, instanceId, status: 'attached' }] },
});
const script = (items: readonly object[], locks: readonly object[] = []): Script => ({
  DescribeVolumes: { volumeSet: { item: [volume('vol-a'), volume('vol-b')] } },
  DescribeSnapshots: { snapshotSet: { item: items } },
  DescribeLockedSnapshots: { snapshotSet: { item: locks } },
  GetCallerIdentity: { Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/u`, UserId: 'u' },
});
const one = [{ server: 'tenants', volumeIds: ['vol-a'], atomic: false }];
const two = (atomic: boolean) => [{ server: 'tenants', volumeIds: ['vol-a', 'vol-b'], atomic }];

describe('EBS snapshots, by answers of the documented shape from a local server', () => {
  it('counts completed ones of a single volume as of their start', async () => {
    const { contents } = await readScript(
      script([
        snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z'),
        snapshot('snap-2', 'vol-a', '2026-11-22T14:00:00Z', { status: 'pending', completionTime: undefined }),
        snapshot('snap-3', 'vol-a', '2026-11-21T02:00:00Z', { status: 'error' }),
        snapshot('snap-4', 'vol-x', '2026-11-22T02:00:00Z'),
      ]),
      { volumes: one },
    );
    expect(contents.blindSpot).toBeNull();
    expect(contents.copies.map(({ path, integrity }) => [path.split('/')[1], integrity])).toEqual([
      ['snap-3', 'incomplete'],
      ['snap-1', 'complete'],
    ]);
    expect(contents.copies[1]).toMatchObject({
      method: 'ebs-snapshot',
      cluster: { endpoints: [], declaredServer: 'tenants' },
      stoppedAt: '2026-11-22T02:00:00.000Z',
      encrypted: true,
      domain: { account: ACCOUNT, region: 'eu-central-1' },
    });
    expect(contents.unmatched).toMatchObject([{ what: expect.stringContaining('state pending') }]);
  });

  it('proves nothing of several volumes unless they are stated to be taken together', async () => {
    const pair = [
      snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z'),
      snapshot('snap-2', 'vol-b', '2026-11-22T02:01:00Z'),
    ];
    const apart = await readScript(script(pair), { volumes: two(false) });
    const together = await readScript(script(pair), { volumes: two(true) });
    expect(apart.contents.copies.map(({ integrity }) => integrity)).toEqual(['unproven']);
    expect(together.contents.copies.map(({ integrity }) => integrity)).toEqual(['complete']);
    expect(settleCopies(together.contents.copies, [])[0]?.moment?.notBefore).toBe('2026-11-22T02:00:00.000Z');
  });

  it('misses the volume that a set lacks', async () => {
    const { contents } = await readScript(script([snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z')]), {
      volumes: two(true),
    });
    expect(contents.copies).toMatchObject([
      { integrity: 'incomplete', integrityBecause: expect.stringContaining('vol-b') },
    ]);
  });

  it.each([
    ['that is not there', [volume('vol-b')], 'is not there'],
    ['that no machine uses', [volume('vol-a', null), volume('vol-b')], 'attached to no machine'],
    ['of another machine than the other one', [volume('vol-a'), volume('vol-b', 'i-2')], 'different machines'],
  ])('proves nothing of a volume %s', async (_, volumes, because) => {
    const pair = ['vol-a', 'vol-b'].map((id, index) => snapshot(`snap-${index}`, id, '2026-11-22T02:00:00Z'));
    const { contents } = await readScript(
      { ...script(pair), DescribeVolumes: { volumeSet: { item: volumes } } },
      { volumes: two(true) },
    );
    expect(contents.copies).toMatchObject([
      { integrity: 'unproven', integrityBecause: expect.stringContaining(because) },
    ]);
  });

  it('takes the word of the configuration where volumes may not be asked about, and says so', async () => {
    const { contents } = await readScript(
      {
        ...script([snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z')]),
        DescribeVolumes: { error: 'UnauthorizedOperation' },
      },
      { volumes: one },
    );
    expect(contents.copies).toMatchObject([{ integrity: 'complete' }]);
    expect(contents.blindSpot?.remedy).toContain('ec2:DescribeVolumes');
  });

  it('proves nothing of one in the archive tier, nor of a set with one', async () => {
    const items = [
      snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z', { storageTier: 'archive' }),
      snapshot('snap-2', 'vol-b', '2026-11-22T02:00:00Z', { storageTier: 'standard' }),
    ];
    for (const volumes of [one, two(true)]) {
      const { contents } = await readScript(script(items), { volumes });
      expect(contents.copies).toMatchObject([
        { integrity: 'unproven', integrityBecause: expect.stringContaining('the archive tier') },
      ]);
    }
    const kept = await readScript(script([{ ...items[0], storageTier: 'standard' }]), { volumes: one });
    expect(kept.contents.copies).toMatchObject([{ integrity: 'complete' }]);
  });

  it('knows a lock in compliance mode, and not one that can be lifted', async () => {
    const items = [snapshot('snap-1', 'vol-a', '2026-11-22T02:00:00Z')];
    const lock = { snapshotId: 'snap-1', lockExpiresOn: '2027-01-01T00:00:00Z' };
    const until = async (lockState: string) => {
      const { contents } = await readScript(script(items, [{ ...lock, lockState }]), { volumes: one });
      return contents.copies[0]?.lockedUntil;
    };
    expect(await until('compliance')).toBe('2027-01-01T00:00:00.000Z');
    expect(await until('governance')).toBeNull();
    expect(await until('compliance-cooloff')).toBeNull();
  });

  it('names the right that is missing', async () => {
    const { contents } = await readScript(
      { ...script([]), DescribeSnapshots: { error: 'UnauthorizedOperation' } },
      { volumes: one },
    );
    expect(contents.blindSpot).toMatchObject({
      reason: 'unauthorized',
      remedy: expect.stringContaining('ec2:DescribeSnapshots'),
    });
  });

  it('asks EC2 nothing where no volume is configured', async () => {
    const { asked } = await readScript(script([]));
    expect(asked.filter((operation) => /Snapshots$|Identity/.test(operation) && !operation.includes('DB'))).toEqual([]);
  });
});
