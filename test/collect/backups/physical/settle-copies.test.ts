import { describe, expect, it } from 'vitest';
import type { PhysicalCopy, WalArchive } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';

const CLUSTER = { systemIdentifier: '7711016942312333091', endpoints: [], declaredServer: null } as const;

function copy(label: string, change: Partial<PhysicalCopy> = {}): PhysicalCopy {
  return {
    label,
    path: `backup/main/${label}`,
    method: 'pgbackrest',
    format: 'repository',
    kind: 'full',
    needs: [],
    cluster: CLUSTER,
    timeline: 1,
    databases: null,
    startedAt: '2026-11-22T02:00:00.000Z',
    stoppedAt: '2026-11-22T02:10:00.000Z',
    timesFrom: 'backup.info',
    wal: { startLsn: null, stopLsn: null, firstSegment: segment(4), lastSegment: segment(5), inside: false },
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
    ...change,
  };
}

function segment(number: number): string {
  return `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
}

function archive(first: number, last: number, gaps: readonly (readonly [number, number])[] = []): WalArchive {
  return {
    path: 'archive/main/15-1',
    method: 'pgbackrest',
    cluster: CLUSTER,
    segmentBytes: 16 * 1024 * 1024,
    timelines: [
      {
        timeline: 1,
        firstSegment: segment(first),
        lastSegment: segment(last),
        gaps: gaps.map(([from, to]) => ({ first: segment(from), last: segment(to) })),
        missing: gaps.reduce((sum, [from, to]) => sum + to - from + 1, 0),
        lastArchivedAt: '2026-11-22T11:55:00.000Z',
        previousArchivedAt: '2026-11-22T11:50:00.000Z',
      },
    ],
    window: null,
  };
}

const states = (
  copies: readonly PhysicalCopy[],
  archives: readonly WalArchive[],
  elsewhere: readonly WalArchive[] = [],
) => Object.fromEntries(settleCopies(copies, archives, elsewhere).map((one) => [one.label, one.integrity]));

describe('settling copies of clusters', () => {
  it('adds what the archive brings back to the newest base copy', () => {
    const settled = settleCopies(
      [copy('old', { stoppedAt: '2026-11-20T02:10:00.000Z' }), copy('new')],
      [archive(1, 9)],
    );
    expect(settled.map(({ label, integrity }) => [label, integrity])).toEqual([
      ['old', 'complete'],
      ['new', 'complete'],
      [`WAL up to ${segment(9)}`, 'complete'],
    ]);
    expect(settled.at(-1)).toMatchObject({
      kind: 'continuous',
      builtOn: ['new'],
      moment: { notBefore: '2026-11-22T11:50:00.000Z', notAfter: '2026-11-22T11:55:00.000Z' },
    });
  });

  describe('takes for the moment of base copy and WAL', () => {
    const STOP = '2026-11-22T02:10:00.000Z';
    const LAST = '2026-11-22T11:55:00.000Z';
    const momentWith = (change: Partial<WalArchive['timelines'][number]>) => {
      const whole = archive(1, 9);
      const timelines = whole.timelines.map((line) => ({ ...line, ...change }));
      return settleCopies([copy('base')], [{ ...whole, timelines }]).at(-1)?.moment;
    };
    it.each<[string, Partial<WalArchive['timelines'][number]>, string, string]>([
      ['what the WAL itself tells', { lastWrittenAt: '2026-11-22T11:40:00.000Z' }, '2026-11-22T11:40:00.000Z', LAST],
      ['at least the end of the base copy', { lastWrittenAt: '2026-11-22T01:00:00.000Z' }, STOP, LAST],
      [
        'what the WAL itself tells, where it was stored with an older time',
        { lastWrittenAt: '2026-11-22T11:58:00.000Z' },
        '2026-11-22T11:58:00.000Z',
        '2026-11-22T11:58:00.000Z',
      ],
      ['anything from the base copy on, where files got new times', { isRetimed: true }, STOP, LAST],
      ['no more than the storage time', { previousArchivedAt: '2026-11-22T11:59:00.000Z' }, LAST, LAST],
      ['the storage time, where there is one', { previousArchivedAt: null }, LAST, LAST],
    ])('%s', (_, change, notBefore, notAfter) => {
      expect(momentWith(change)).toMatchObject({ notBefore, notAfter });
    });
  });

  it('does not go beyond a hole in the WAL', () => {
    expect(states([copy('base')], [archive(1, 9, [[7, 7]])])).toEqual({ base: 'complete' });
  });

  it('takes the base copy after the hole', () => {
    const later = copy('later', {
      wal: { startLsn: null, stopLsn: null, firstSegment: segment(8), lastSegment: segment(8), inside: false },
    });
    expect(settleCopies([copy('base'), later], [archive(1, 9, [[7, 7]])]).at(-1)?.builtOn).toEqual(['later']);
  });

  it.each<[string, readonly WalArchive[], readonly WalArchive[], string]>([
    ['is unproven without any archive', [], [], 'unproven'],
    ['is incomplete where its own WAL has a hole', [archive(1, 9, [[5, 5]])], [], 'incomplete'],
    ['is incomplete where its WAL was removed', [archive(6, 9)], [], 'incomplete'],
    ['is unproven where its WAL lies in another location', [], [archive(1, 9)], 'unproven'],
    [
      'is incomplete where its tool lacks it, whatever lies elsewhere',
      [archive(1, 9, [[5, 5]])],
      [archive(1, 9)],
      'incomplete',
    ],
    ['is complete where its WAL lies beside it', [archive(4, 5)], [], 'complete'],
  ])('%s', (_, own, elsewhere, integrity) => {
    expect(states([copy('base')], own, elsewhere)['base']).toBe(integrity);
  });

  it('says which other archive has the WAL that is missing beside a base backup, and nothing of one without it', () => {
    const base = copy('base', { method: 'pg_basebackup' });
    const beside = { ...archive(1, 9, [[5, 5]]), method: 'pg_basebackup' } as const;
    const [leaning] = settleCopies([base], [beside], [archive(1, 9)]);
    expect(leaning?.integrity).toBe('unproven');
    expect(leaning?.integrityBecause).toContain('only in another archive (archive/main/15-1, of pgbackrest)');
    const [alone] = settleCopies([base], [beside], [archive(1, 4)]);
    expect(alone?.integrity).toBe('incomplete');
    expect(alone?.integrityBecause).toBe(
      `the WAL it needs (${segment(4)} to ${segment(5)}) is not whole in the archive`,
    );
  });

  it('takes a list of gaps that was cut short for no proof', () => {
    const long = archive(1, 9);
    const cut = { ...long, timelines: long.timelines.map((line) => ({ ...line, missing: 3 })) };
    expect(states([copy('base')], [cut])).toEqual({ base: 'incomplete' });
  });

  describe('after a switch of timelines', () => {
    const onTwo = (number: number) => `00000002${segment(number).slice(8)}`;
    const wal = {
      startLsn: '0/4000028',
      stopLsn: '0/5000100',
      firstSegment: segment(4),
      lastSegment: segment(5),
      inside: false,
    };
    const base = copy('base', { wal });
    /** Timeline 1 up to `end`, and timeline 2 from `first` to 12; the switch is in segment 8. */
    const switched = (end: number, first: number, history?: WalArchive['history']): WalArchive => {
      const [one] = archive(1, end).timelines;
      if (one === undefined) throw new Error('there is one timeline');
      const two = { ...one, timeline: 2, firstSegment: onTwo(first), lastSegment: onTwo(12) };
      return { ...archive(1, end), timelines: [one, two], ...(history === undefined ? {} : { history }) };
    };
    const HISTORY = [{ timeline: 1, switchLsn: '0/8001234' }];
    const continuousOf = (from: PhysicalCopy, of: WalArchive) =>
      settleCopies([from], [of]).find(({ kind }) => kind === 'continuous');

    it('follows the newest timeline by its history', () => {
      const found = continuousOf(base, switched(7, 8, HISTORY));
      expect(found).toMatchObject({ label: `WAL up to ${onTwo(12)}`, timeline: 2, integrity: 'complete' });
      expect(found?.integrityBecause).toMatch(/9 WAL segments from base on, none missing, timeline 1 followed to/);
      expect(continuousOf(base, switched(8, 8, HISTORY))).toBeDefined();
    });

    it.each<[string, PhysicalCopy, WalArchive]>([
      ['there is no history', base, switched(8, 8)],
      ['the timeline goes back to another one', base, switched(8, 8, [{ timeline: 3, switchLsn: '0/8001234' }])],
      ['WAL before the switch is missing', base, switched(6, 8, HISTORY)],
      ['the segment of the switch is missing on the new one', base, switched(8, 9, HISTORY)],
      ['the switch was before the end of the copy', base, switched(8, 5, [{ timeline: 1, switchLsn: '0/50000F0' }])],
      ['the copy does not tell its end', copy('base'), switched(8, 8, HISTORY)],
    ])('does not where %s', (_, from, of) => {
      expect(continuousOf(from, of)).toBeUndefined();
    });
  });

  it('needs every link of a chain', () => {
    const inside = { startLsn: null, stopLsn: null, firstSegment: null, lastSegment: null, inside: true };
    const chain = [
      copy('full', { wal: inside }),
      copy('differential', { kind: 'differential', needs: ['full'], wal: inside }),
      copy('incremental', { kind: 'incremental', needs: ['differential', 'full'], wal: inside }),
    ];
    expect(states(chain, [])).toEqual({ full: 'complete', differential: 'complete', incremental: 'complete' });
    expect(states(chain.slice(1), [])).toEqual({ differential: 'incomplete', incremental: 'incomplete' });
    const damaged = [copy('full', { wal: inside, integrity: 'incomplete' }), ...chain.slice(1)];
    expect(states(damaged, [])).toEqual({ full: 'incomplete', differential: 'incomplete', incremental: 'incomplete' });
  });

  it('tells the whole chain where each link names only the one before', () => {
    const chain = ['sunday', 'monday', 'tuesday'].map((label, index, labels) =>
      copy(label, {
        needs: labels.slice(Math.max(0, index - 1), index),
        stoppedAt: `2026-11-2${index}T02:10:00.000Z`,
      }),
    );
    const settled = settleCopies(chain, [archive(1, 9)]);
    expect(settled.map(({ builtOn }) => builtOn)).toEqual([
      [],
      ['sunday'],
      ['monday', 'sunday'],
      ['tuesday', 'monday', 'sunday'],
    ]);
  });

  it('settles a chain of a year in which each names all before it', () => {
    const inside = { startLsn: null, stopLsn: null, firstSegment: null, lastSegment: null, inside: true };
    const labels = Array.from({ length: 366 }, (_, index) => `day-${index}`);
    const chain = labels.map((label, index) => copy(label, { needs: labels.slice(0, index), wal: inside }));
    expect(new Set(Object.values(states(chain, [])))).toEqual(new Set(['complete']));
    expect(states(chain.slice(1), [])['day-365']).toBe('incomplete');
  });

  it('ends with chains that build on themselves', () => {
    const inside = { startLsn: null, stopLsn: null, firstSegment: null, lastSegment: null, inside: true };
    const circle = [copy('a', { needs: ['b'], wal: inside }), copy('b', { needs: ['a'], wal: inside })];
    expect(states(circle, [])).toEqual({ a: 'incomplete', b: 'incomplete' });
  });

  it('does not take the WAL of another cluster', () => {
    const other = { ...archive(1, 9), cluster: { ...CLUSTER, systemIdentifier: '1' } };
    expect(states([copy('base')], [other])).toEqual({ base: 'unproven' });
  });
});
