import { expect, it } from 'vitest';
import { FormatDamage } from '../../../src/collect/formats/format-damage.ts';
import { parseTimelineHistory, timelineOfHistory } from '../../../src/collect/formats/timeline-history.ts';

it('tells the timelines that one goes back to', () => {
  const text = '1\t0/3000148\tno recovery target specified\n\n# by hand\n 3 1a/F0\n';
  expect(parseTimelineHistory(text, 4)).toEqual([
    { timeline: 1, switchLsn: '0/3000148' },
    { timeline: 3, switchLsn: '1A/F0' },
  ]);
  expect(parseTimelineHistory('', 1)).toEqual([]);
});

it.each([
  ['a line that is none', 'x\n', 2],
  ['a position that is none', '1\t3000148\n', 2],
  ['itself', '2\t0/3000148\n', 2],
  ['no order', '2\t0/3000148\n1\t0/4000148\n', 3],
])('is damaged with %s', (_, text, timeline) => {
  expect(() => parseTimelineHistory(text, timeline)).toThrow(FormatDamage);
});

it('is known by its name', () => {
  const names = ['0000000A.history', '0000000A.history.gz', '0000000A.history.partial', '00000001000000000000000A'];
  expect(names.map(timelineOfHistory)).toEqual([10, 10, null, null]);
});
