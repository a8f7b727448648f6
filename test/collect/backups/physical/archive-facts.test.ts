import { expect, it } from 'vitest';
import { archiveFacts } from '../../../../src/collect/backups/physical/cluster-copies.ts';
import type { PhysicalCopy, WalArchive } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';

const cluster = { systemIdentifier: '42', endpoints: [], declaredServer: null };
const [FIRST, LAST] = ['000000010000000000000004', '000000010000000000000009'];
const BASE: PhysicalCopy = {
  label: 'base',
  path: 'base',
  method: 'pgbackrest',
  format: 'repository',
  kind: 'full',
  needs: [],
  cluster,
  timeline: 1,
  databases: null,
  startedAt: '2026-11-22T02:00:00.000Z',
  stoppedAt: '2026-11-22T02:10:00.000Z',
  timesFrom: 'backup.info',
  wal: { startLsn: null, stopLsn: null, firstSegment: FIRST, lastSegment: FIRST, inside: false },
  serverVersion: '15',
  toolVersion: null,
  bytes: 1,
  modifiedAt: '2026-11-22T02:11:00.000Z',
  integrity: 'complete',
  integrityBecause: 'its manifest agrees',
  readToEnd: false,
  encrypted: false,
  lockedUntil: null,
  domain: null,
};

const WRITTEN = '2026-11-22T11:40:00.000Z';
const STORED = '2026-11-22T15:00:00.000Z';

it.each<[string, Partial<WalArchive['timelines'][number]>, string]>([
  ['its storage time', { lastWrittenAt: WRITTEN }, STORED],
  ['what is in it, where files got new times', { lastWrittenAt: WRITTEN, isRetimed: true }, WRITTEN],
  ['its storage time, where nothing in it tells', { isRetimed: true }, STORED],
])('the end of an archive is told by %s', (_, change, expected) => {
  const line = {
    timeline: 1,
    firstSegment: FIRST,
    lastSegment: LAST,
    gaps: [],
    missing: 0,
    lastArchivedAt: STORED,
    previousArchivedAt: STORED,
    ...change,
  };
  const archive: WalArchive = {
    path: 'archive',
    method: 'pgbackrest',
    cluster,
    segmentBytes: 16 * 2 ** 20,
    timelines: [line],
    window: null,
  };
  const [fact] = archiveFacts('repository', archive, settleCopies([BASE], [archive]));
  expect(fact?.restorableTo).toBe(expected);
});
