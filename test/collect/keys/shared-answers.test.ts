import { expect, it } from 'vitest';
import { askedOnce } from '../../../src/collect/keys/shared-answers.ts';

it('asks about each name once, also while the answer is under way', async () => {
  const asked: string[] = [];
  const ask = askedOnce(async (name) => {
    asked.push(name);
    return name.length;
  });
  expect(await Promise.all([ask('a'), ask('bb'), ask('a')])).toEqual([1, 2, 1]);
  expect(await ask('a')).toBe(1);
  expect(asked).toEqual(['a', 'bb']);
});

it('asks again after a failure', async () => {
  let times = 0;
  const ask = askedOnce(async () => {
    times += 1;
    if (times === 1) throw new Error('once');
    return times;
  });
  await expect(Promise.all([ask('a'), ask('a')])).rejects.toThrow('once');
  expect(await ask('a')).toBe(2);
});

it('remembers no more than it may', async () => {
  let times = 0;
  const ask = askedOnce(async () => {
    times += 1;
  });
  const all = 20_001;
  for (let index = 0; index < all; index += 1) await ask(String(index));
  expect(times).toBe(all);
  await ask(String(all - 1));
  await ask('10000');
  expect(times).toBe(all);
  await ask('0');
  expect(times).toBe(all + 1);
});
