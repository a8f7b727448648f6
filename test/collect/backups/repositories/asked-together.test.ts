import { describe, expect, it } from 'vitest';
import { askedTogether } from '../../../../src/collect/backups/repositories/asked-together.ts';

describe('questions that are asked together', () => {
  it('are those that come while others are answered, and never two calls at once', async () => {
    const asked: (readonly string[])[] = [];
    let running = 0;
    const ask = askedTogether(async (questions: readonly string[]) => {
      running += 1;
      expect(running).toBe(1);
      asked.push(questions);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return questions.join('');
    });
    const answers = await Promise.all([ask(['a']), ask(['b', 'c']), ask(['d'])]);
    expect(asked).toEqual([['a'], ['b', 'c', 'd']]);
    expect(answers).toEqual(['a', 'bcd', 'bcd']);
    expect(await ask(['e'])).toBe('e');
  });

  it('fail together, and later ones are asked all the same', async () => {
    let times = 0;
    const ask = askedTogether(async (questions: readonly string[]) => {
      times += 1;
      if (times === 1) throw new Error('no answer');
      return questions.length;
    });
    const [first, second] = await Promise.allSettled([ask(['a']), ask(['b'])]);
    expect(first).toMatchObject({ status: 'rejected' });
    expect(second).toMatchObject({ status: 'fulfilled', value: 1 });
  });
});
