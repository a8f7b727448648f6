import { describe, expect, test } from 'vitest';
import { db14 } from '../../../src/evaluate/controls/db-14.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, MINUTE } from '../../../src/model/instant.ts';
import { ago, CLUSTER, evidence, judge, node, scopeOf } from '../fixture.ts';

interface Seen {
  readonly archiver?: Partial<Facts['archiver']> | 'blind' | 'none';
  readonly archives?: readonly Partial<Facts['wal-archive']>[] | 'blind';
}

const segment = (number: number, timeline = 1) =>
  `0000000${timeline}00000000000000${number.toString(16).toUpperCase().padStart(2, '0')}`;

/** Last archived segment 9 two minutes ago, segment 10 being written. */
const BUSY = {
  lastArchivedWal: segment(9),
  lastArchivedAt: ago(2 * MINUTE),
  currentWal: segment(10),
};

function judgeArchiver(seen: Seen) {
  const { archiver = {}, archives = [] } = seen;
  const records = [
    ...(archiver === 'none'
      ? []
      : [
          archiver === 'blind'
            ? evidence('archiver', CLUSTER, [], { blind: true })
            : evidence('archiver', CLUSTER, [{ ...BUSY, ...archiver }]),
        ]),
    archives === 'blind'
      ? evidence('wal-archive', CLUSTER, [], { blind: true })
      : evidence('wal-archive', CLUSTER, archives),
  ];
  return judge(db14, node(CLUSTER), scopeOf({ install: { evidence: records } }));
}

test('an archiver that keeps up', () => {
  const finding = judgeArchiver({});
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('no place that was read shows its WAL, so this is by its own word alone');
  expect(judgeArchiver({ archives: 'blind' }).status).toBe('unknown');
});

describe('a segment that the server reports as archived', () => {
  const reported = { lastArchivedWal: segment(9), lastArchivedAt: ago(16 * MINUTE) };

  test('and that is not in the archive', () => {
    const archiver = reported;
    const finding = judgeArchiver({ archiver, archives: [{ lastSegment: segment(6) }] });
    expect(finding).toMatchObject({ status: 'fail', limit: { value: 15 } });
    expect(finding.because).toBe(
      `the server reports that ${segment(9)} was archived at 2026-11-22 17:44 UTC, and the WAL in archive/main/18-1 in repository ends at ${segment(6)} of 2026-11-22 11:55 UTC`,
    );
    const backup = { ...reported, lastArchivedWal: `${segment(9)}.00000028.backup` };
    expect(judgeArchiver({ archiver: backup, archives: [{ lastSegment: segment(6) }] }).status).toBe('fail');
  });

  test('and that is in one of two places, which one more that is hidden cannot change', () => {
    const archives = [{ lastSegment: segment(6), path: 'old' }, { lastSegment: segment(9) }];
    expect(judgeArchiver({ archiver: reported, archives }).status).toBe('pass');
    const without = [{ lastSegment: segment(6), path: 'old' }, { lastSegment: segment(7) }];
    const finding = judgeArchiver({ archiver: reported, archives: without });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(`ends at ${segment(7)}`);
    expect(finding.because).toContain('farthest of 2 places');
  });

  test('and that may be on its way still', () => {
    const archiver = { ...reported, lastArchivedAt: ago(14 * MINUTE) };
    const restorableTo = ago(40 * MINUTE);
    const finding = judgeArchiver({ archiver, archives: [{ lastSegment: segment(7), restorableTo }] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain(`the WAL in archive/main/18-1 in repository ends at ${segment(7)} so far`);
    const stands = (last: number) => [{ lastSegment: segment(last), restorableTo: ago(90 * MINUTE) }];
    expect(judgeArchiver({ archiver, archives: stands(7) }).status).toBe('fail');
    // A server that writes little archives its next segment hours after the one before.
    expect(judgeArchiver({ archiver, archives: stands(8) }).status).toBe('pass');
  });

  test('of a timeline that no place shows', () => {
    const archiver = { lastArchivedWal: segment(9, 2), lastArchivedAt: ago(16 * MINUTE), currentWal: segment(10, 2) };
    const finding = judgeArchiver({ archiver, archives: [{ lastSegment: segment(9) }] });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('no place that was read shows WAL of its timeline 2');
    const both = [{ lastSegment: segment(8) }, { timeline: 2, lastSegment: segment(9, 2) }];
    expect(judgeArchiver({ archiver, archives: both }).status).toBe('pass');
  });

  test('of a service that tells a range of time', () => {
    const window = { timeline: null, firstSegment: null, lastSegment: null };
    expect(judgeArchiver({ archiver: reported, archives: [window] }).status).toBe('pass');
  });
});

test('an idle server is healthy, however long ago it archived the last segment', () => {
  const finding = judgeArchiver({ archiver: { lastArchivedAt: ago(20 * DAY) } });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('no segment was completed since');
});

test.each([
  ['archive_mode off', { mode: 'off' as const }, 'archive_mode is off'],
  ['a standby', { currentWal: null }, 'it is a standby'],
])('%s is not applicable', (_, archiver, because) => {
  const finding = judgeArchiver({ archiver });
  expect(finding.status).toBe('not-applicable');
  expect(finding.because).toContain(because);
});

test('a server that did not tell is unknown', () => {
  expect(judgeArchiver({ archiver: 'blind' }).status).toBe('unknown');
  expect(judgeArchiver({ archiver: 'none' }).status).toBe('unknown');
});

describe('a completed segment', () => {
  const waiting = (archived: number, changes: Partial<Facts['archiver']> = {}) =>
    judgeArchiver({ archiver: { lastArchivedAt: ago(archived), currentWal: segment(13), ...changes } });

  test('waits while nothing was archived for longer than the limit', () => {
    const finding = waiting(16 * MINUTE);
    expect(finding).toMatchObject({ status: 'fail', limit: { value: 15, origin: 'default' } });
    expect(finding.because).toContain('3 completed segments wait');
    expect(waiting(15 * MINUTE).status).toBe('pass');
    expect(waiting(16 * MINUTE, { currentWal: segment(11) }).status).toBe('fail');
    expect(waiting(16 * MINUTE, { currentWal: segment(10) }).status).toBe('pass');
  });

  test('was completed before the checkpoint: that long it waits, though the archiver works on', () => {
    const changes = { checkpointWal: segment(12), checkpointAt: ago(20 * MINUTE) };
    expect(waiting(MINUTE, changes).status).toBe('fail');
    expect(waiting(MINUTE, { ...changes, checkpointAt: ago(10 * MINUTE) }).status).toBe('pass');
  });

  test('was completed after the checkpoint: longer than that it cannot wait', () => {
    const changes = { checkpointWal: segment(10), checkpointAt: ago(5 * MINUTE) };
    expect(waiting(3 * DAY, changes).status).toBe('pass');
    // An idle server makes no checkpoints: the segment may have waited since, or for a second.
    expect(waiting(3 * DAY, { ...changes, checkpointAt: ago(2 * DAY) }).status).toBe('unknown');
  });

  test('was complete a minute ago and nothing was archived for longer than the limit', () => {
    const changes = { checkpointWal: segment(12), checkpointAt: ago(3 * MINUTE) };
    expect(waiting(2 * DAY, changes).status).toBe('fail');
    expect(waiting(2 * DAY, { ...changes, checkpointAt: ago(10_000) }).status).toBe('unknown');
  });

  test('counts on beyond the low part of its name, and by the size of segments', () => {
    const archiver = {
      lastArchivedAt: ago(DAY),
      lastArchivedWal: '0000000100000001000000FF',
      currentWal: '000000010000000200000000',
    };
    expect(judgeArchiver({ archiver }).status).toBe('pass');
    expect(judgeArchiver({ archiver: { ...archiver, segmentBytes: 1_048_576 } }).status).toBe('fail');
    expect(judgeArchiver({ archiver: { ...archiver, currentWal: '000000010000000200000001' } }).status).toBe('fail');
  });
});

describe('a failed segment', () => {
  const failed = { lastFailedWal: segment(10), lastFailedAt: ago(MINUTE), failedCount: 12, currentWal: segment(11) };

  test('waits, even for a minute, and whether or not the archive can be read', () => {
    const finding = judgeArchiver({ archiver: failed, archives: 'blind' });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(`${segment(10)} waits: archiving it failed`);
    expect(finding.because).toContain('12 failed attempts');
  });

  test('that was archived since is none', () => {
    const archiver = { ...failed, lastFailedAt: ago(DAY), lastArchivedWal: segment(10), currentWal: segment(11) };
    expect(judgeArchiver({ archiver }).status).toBe('pass');
  });

  test('waits where nothing was ever archived', () => {
    const archiver = { ...failed, lastArchivedWal: null, lastArchivedAt: null };
    expect(judgeArchiver({ archiver }).status).toBe('fail');
  });

  test('waits where it was archived once and is archived again, and where it is the file of a timeline', () => {
    expect(judgeArchiver({ archiver: { ...failed, lastFailedWal: segment(9) } }).status).toBe('fail');
    expect(judgeArchiver({ archiver: { ...failed, lastFailedWal: '00000002.history' } }).status).toBe('fail');
  });

  test('from before the last success is not known to wait', () => {
    expect(judgeArchiver({ archiver: { ...failed, lastFailedWal: segment(3) } }).status).toBe('unknown');
  });
});

describe('the last archived file is no segment', () => {
  const backup = (start: number) => ({
    lastArchivedWal: `${segment(start)}.00000028.backup`,
    lastArchivedAt: ago(DAY),
  });

  test('but the history file of a backup within the last segment', () => {
    expect(judgeArchiver({ archiver: backup(9) }).status).toBe('pass');
  });

  test('but that of a long backup: its archive tells, where one is read', () => {
    expect(judgeArchiver({ archiver: backup(4) }).status).toBe('unknown');
    const archives = [{ lastSegment: segment(9) }];
    expect(judgeArchiver({ archiver: backup(4), archives }).status).toBe('pass');
    expect(judgeArchiver({ archiver: backup(4), archives: [{ lastSegment: segment(8) }] }).status).toBe('unknown');
    expect(judgeArchiver({ archiver: { ...backup(4), lastArchivedAt: ago(5 * MINUTE) } }).status).toBe('pass');
  });

  test('but that of a timeline', () => {
    const promoted = { lastArchivedWal: '00000002.history', lastArchivedAt: ago(DAY), currentWal: segment(10, 2) };
    expect(judgeArchiver({ archiver: promoted }).status).toBe('unknown');
    const archives = [{ timeline: 2, lastSegment: segment(9, 2) }];
    expect(judgeArchiver({ archiver: promoted, archives }).status).toBe('pass');
    const partial = { ...promoted, lastArchivedWal: `${segment(9)}.partial` };
    expect(judgeArchiver({ archiver: partial }).status).toBe('pass');
  });
});

describe('statistics without an archived segment', () => {
  const reset = { lastArchivedWal: null, lastArchivedAt: null, statisticsSince: ago(DAY) };

  test('after a reset: unknown, unless no segment was completed since', () => {
    const finding = judgeArchiver({ archiver: reset });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('tell of no archived segment since 2026-11-21 18:00 UTC');
    const idle = { ...reset, checkpointWal: BUSY.currentWal, checkpointAt: ago(2 * DAY) };
    expect(judgeArchiver({ archiver: idle }).status).toBe('pass');
    expect(judgeArchiver({ archiver: { ...idle, checkpointAt: ago(MINUTE) } }).status).toBe('unknown');
  });

  test('of a new server, whose first segment is not complete', () => {
    expect(judgeArchiver({ archiver: { ...reset, currentWal: segment(1) } }).status).toBe('pass');
  });
});

test('the limit of the policy is used', () => {
  const scope = scopeOf({
    install: {
      evidence: [
        evidence('archiver', CLUSTER, [{ ...BUSY, lastArchivedAt: ago(16 * MINUTE), currentWal: segment(12) }]),
        evidence('wal-archive', CLUSTER, []),
      ],
    },
  });
  expect(judge(db14, node(CLUSTER), scope, { policy: { limits: { archiveWaitMinutes: 30 } } }).status).toBe('pass');
});
