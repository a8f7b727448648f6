import { expect, test } from 'vitest';
import { snapshotsBehind, withIndexBehind } from '../../../src/collect/keys/snapshots-behind.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, MINUTE } from '../../../src/model/instant.ts';
import { ago, fact } from '../../evaluate/fixture.ts';

type Snapshot = Facts['provider-snapshot'];

function told(...list: readonly Partial<Snapshot>[]): readonly Snapshot['indexBehind'][] {
  const snapshots = list.map((changes, index) => fact('provider-snapshot', { path: `${index}.snap`, ...changes }));
  const behind = snapshotsBehind(snapshots);
  return snapshots.map((one) => withIndexBehind(one, behind).indexBehind);
}
const taken = (millisAgo: number, raftIndex: number | null, changes: Partial<Snapshot> = {}) => ({
  takenAt: ago(millisAgo),
  raftIndex,
  ...changes,
});

test('a raft that only rose tells nothing, in whatever order its snapshots are found', () => {
  expect(told(taken(DAY, 30), taken(3 * DAY, 10), taken(2 * DAY, 10))).toEqual([undefined, undefined, undefined]);
});

test('one that is younger and behind names the older one, next above it', () => {
  const { location } = fact('provider-snapshot');
  expect(told(taken(3 * DAY, 900), taken(2 * DAY, 700), taken(DAY, 600))).toEqual([
    undefined,
    { location, path: '0.snap', raftIndex: 900 },
    { location, path: '1.snap', raftIndex: 700 },
  ]);
});

test.each([
  ['servers of another raft', taken(DAY, 600, { raftServerIds: ['node-9'] })],
  ['a time within the tolerance of clocks', taken(2 * DAY - 4 * MINUTE, 600)],
  ['no index', taken(DAY, null)],
  ['damage', taken(DAY, 600, { checksumsMatch: false })],
])('one with %s is not compared', (_, second) => {
  expect(told(taken(2 * DAY, 700), second)).toEqual([undefined, undefined]);
});
