import { expect, test } from 'vitest';
import { blindText } from '../../src/evaluate/conclude-part.ts';

test('what one reason says beside more is not told by itself as well', () => {
  const longer = 'restic refuses the password; 1 snapshot lies there';
  expect(blindText(['restic refuses the password', longer])).toBe(`cannot be judged: ${longer}`);
  expect(blindText(['a', 'b; a', 'c', 'd', 'ab'])).toBe('cannot be judged: b; a; c; d; and 1 more reason');
  expect(blindText(['a', 'b', 'c', 'd'])).toBe('cannot be judged: a; b; c; and 1 more reason');
});
