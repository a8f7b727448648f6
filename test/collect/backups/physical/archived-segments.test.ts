import { expect, it } from 'vitest';
import { isRetimed } from '../../../../src/collect/backups/physical/archived-segments.ts';
import { MINUTE, SECOND, toInstant } from '../../../../src/model/instant.ts';

const times = (...millis: readonly number[]) => millis.map((at) => toInstant(Date.UTC(2026, 10, 22) + at));
const every = (step: number, count = 10) => times(...Array.from({ length: count }, (_, index) => index * step));

it.each<[string, readonly string[], boolean]>([
  ['one after the other', every(5 * MINUTE), false],
  ['a busy server', every(SECOND), false],
  ['a few seconds out of order, as when archived in parallel', times(0, 20_000, 10_000, 40_000, 30_000), false],
  ['one and two segments', every(0, 2), false],
  ['all at once', every(0, 3), true],
  ['the last ones at once, as after an outage', [...times(-9e6, -8e6), ...every(100, 8)], true],
  ['an older one that is later', times(0, 20 * MINUTE, 5 * MINUTE, 10 * MINUTE), true],
  ['none', [], false],
])('storage times of segments: %s', (_, given, expected) => {
  expect(isRetimed(given)).toBe(expected);
});
