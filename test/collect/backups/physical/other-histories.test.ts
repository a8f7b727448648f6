import { describe, expect, it } from 'vitest';
import type { PlacedCopy } from '../../../../src/collect/backups/physical/order-in-log.ts';
import { otherHistories, type PlacedArchive } from '../../../../src/collect/backups/physical/other-histories.ts';

const cluster = { systemIdentifier: '7555', endpoints: [], declaredServer: null };

/** Left timeline 1 at that place; later timelines follow at further ones. */
const left = (...places: readonly string[]) => places.map((switchLsn, index) => ({ timeline: index + 1, switchLsn }));

/** A copy of the timeline after its history. */
function copy(label: string, history: ReturnType<typeof left> | null, changes: object = {}): PlacedCopy {
  const timeline = history === null ? 2 : history.length + 1;
  const base = { label, path: label, cluster, ...(history === null ? {} : { history }) };
  const settled = { copy: base, kind: 'full', label, path: label, timeline, ...changes };
  return { settled: settled as unknown as PlacedCopy['settled'], location: 'base', servers: ['db1'] };
}

function archive(path: string, history: ReturnType<typeof left>, servers: readonly string[] = ['db1']): PlacedArchive {
  const timelines = [{ timeline: history.length + 1 }];
  const one = { path, cluster, history, timelines };
  return { archive: one as unknown as PlacedArchive['archive'], location: 'base', servers };
}

function found(copies: readonly PlacedCopy[], archives: readonly PlacedArchive[] = []) {
  const of = otherHistories(copies, archives);
  return Object.fromEntries(copies.flatMap((one) => [[one.settled.label, of(one)?.label]]));
}

describe('histories of one timeline', () => {
  const live = left('0/5000000');
  const clone = left('0/3000148');

  it('that differ are of two servers', () => {
    expect(found([copy('clone', clone)], [archive('wal', live)])).toEqual({ clone: 'the WAL in wal' });
    expect(found([copy('clone', clone), copy('own', live)])).toEqual({ clone: 'own', own: 'clone' });
    const [one] = [copy('clone', clone)];
    expect(otherHistories([one], [archive('wal', live)])(one)).toEqual({
      label: 'the WAL in wal',
      location: 'base',
      by: 'history',
      what: '00000002.history',
    });
  });

  it('differ also where no segment of the timeline was archived yet', () => {
    const before = archive('wal', []);
    const historyAhead = { timeline: 2, ancestors: live };
    const { history: _none, ...rest } = before.archive;
    const ahead = { ...before, archive: { ...rest, historyAhead } };
    expect(found([copy('clone', clone), copy('own', live, { kind: 'differential' })], [ahead])).toMatchObject({
      clone: 'the WAL in wal',
    });
  });

  it('make what is restored with WAL one of them', () => {
    const continuous = copy('WAL up to X', null, { kind: 'continuous', path: 'wal' });
    expect(found([continuous, copy('clone', clone)], [archive('wal', live)])).toEqual({
      'WAL up to X': 'clone',
      clone: 'the WAL in wal',
    });
  });

  it('agree where they tell the same, also in the history of a later timeline', () => {
    expect(found([copy('own', live)], [archive('wal', left('0/05000000', '0/9000000'))])).toEqual({ own: undefined });
    expect(found([copy('clone', clone)], [archive('wal', left('0/5000000', '0/9000000'))])).toEqual({
      clone: 'the WAL in wal',
    });
  });

  it('are not compared across servers and clusters, nor where none is told', () => {
    expect(found([copy('clone', clone)], [archive('wal', live, ['db2'])])).toEqual({ clone: undefined });
    const other = archive('wal', live);
    const ofAnother = { ...other, archive: { ...other.archive, cluster: { ...cluster, systemIdentifier: '8' } } };
    expect(found([copy('clone', clone)], [ofAnother])).toEqual({ clone: undefined });
    expect(found([copy('untold', null)], [archive('wal', live)])).toEqual({ untold: undefined });
  });
});
