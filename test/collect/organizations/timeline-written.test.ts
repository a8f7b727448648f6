import { expect, test } from 'vitest';
import { timelineWritten } from '../../../src/collect/organizations/archiver.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { SourceError } from '../../../src/model/source-error.ts';

const facts: Facts['archiver'] = {
  mode: 'on',
  lastArchivedWal: '000000010000000000000002',
  lastArchivedAt: null,
  lastFailedWal: null,
  lastFailedAt: null,
  failedCount: 0,
  currentWal: '0000000A0000000000000003',
  segmentBytes: 16 * 1024 * 1024,
  statisticsSince: null,
  checkpointWal: '000000090000000000000003',
};

test('a server writes the timeline of its current segment, whatever it archived or checkpointed last', () => {
  expect(timelineWritten({ facts })).toBe(10);
});

test('a standby writes none, and of a server that does not tell none is known', () => {
  expect(timelineWritten({ facts: { ...facts, currentWal: null } })).toBeNull();
  expect(timelineWritten({ blind: new SourceError('unauthorized', 'refused', 'grant it') })).toBeNull();
});
