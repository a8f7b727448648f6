import { expect, test, vi } from 'vitest';
import { aboutSubject, remembered } from '../../src/evaluate/remembered.ts';

test('the same arguments are worked out once, others again', () => {
  const work = vi.fn((list: readonly number[], factor: number) => list.map((one) => one * factor));
  const multiplied = remembered((list: readonly number[], factor: number) => [list, factor], work);
  const list = [1, 2];
  expect(multiplied(list, 2)).toEqual([2, 4]);
  expect(multiplied(list, 2)).toBe(multiplied(list, 2));
  expect(multiplied(list, 3)).toEqual([3, 6]);
  expect(multiplied([1, 2], 2)).toEqual([2, 4]);
  expect(work).toHaveBeenCalledTimes(3);
});

test('arguments of different length are different', () => {
  const sum = remembered(
    (anchor: object, others: readonly number[]) => [anchor, others.length, ...others],
    (_anchor: object, others: readonly number[]) => others.reduce((total, one) => total + one, 0),
  );
  const anchor = {};
  expect(sum(anchor, [1, 2])).toBe(3);
  expect(sum(anchor, [1])).toBe(1);
  expect(sum(anchor, [])).toBe(0);
});

test('many variants of one anchor stay right', () => {
  const plus = remembered(
    (anchor: readonly number[], add: number) => [anchor, add],
    (anchor: readonly number[], add: number) => (anchor[0] ?? 0) + add,
  );
  const anchor = [1];
  for (const round of [1, 2]) for (let add = 0; add < 50; add += 1) expect(plus(anchor, add), `${round}`).toBe(1 + add);
});

test('a list that is all about the subject stays the same object', () => {
  const list = [{ subject: { key: 'a' } }, { subject: { key: 'a' } }];
  expect(aboutSubject(list, 'a')).toBe(list);
  expect(aboutSubject([...list, { subject: { key: 'b' } }], 'a')).toEqual(list);
  expect(aboutSubject(list, 'b')).toEqual([]);
});
