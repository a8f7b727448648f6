import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toInstant, toMillis } from '../../src/model/instant.ts';

const YEAR_0 = Date.parse('0000-01-01T00:00:00.000Z');
const YEAR_9999 = Date.parse('9999-12-31T23:59:59.999Z');

test('every instant of the years 0 to 9999 is read as Date.parse reads it, and written back unchanged', () => {
  const millis = fc.oneof(fc.integer({ min: YEAR_0, max: YEAR_9999 }), fc.constantFrom(YEAR_0, YEAR_9999, 0, -1));
  fc.assert(
    fc.property(millis, (value) => {
      const text = toInstant(value);
      expect(toMillis(text)).toBe(value);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  '2024-02-29T12:00:00.000Z',
  '2000-02-29T00:00:00.000Z',
  '1900-03-01T00:00:00.000Z',
  '2026-12-31T23:59:59.999Z',
])('%s keeps its place in the calendar', (text) => {
  expect(toMillis(text)).toBe(Date.parse(text));
  expect(toInstant(toMillis(text))).toBe(text);
});

test('text with one character changed is read as Date.parse reads it or refused', () => {
  const changed = fc.tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.constantFrom('0', '3', '9', 'Z', ' ', '-', ':', 'x', '٣'),
  );
  fc.assert(
    fc.property(changed, ([at, character]) => {
      const text = `2026-11-22T18:04:05.678Z`.split('').toSpliced(at, 1, character).join('');
      const expected = Date.parse(text);
      if (Number.isNaN(expected)) expect(() => toMillis(text)).toThrow(RangeError);
      else expect(toMillis(text)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
