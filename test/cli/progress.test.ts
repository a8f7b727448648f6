import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/cli/io.ts';
import { progressLine, progressText } from '../../src/cli/progress.ts';

function shown(isTerminal: boolean) {
  let clock = 0;
  const written: string[] = [];
  const io = {
    stdout: {
      write: () => {
        throw new Error('progress belongs on stderr');
      },
    },
    stderr: { isTerminal, write: (text: string) => void written.push(text) },
  } as unknown as CommandIo;
  const line = progressLine(io, () => clock);
  return {
    written,
    line,
    after(millis: number) {
      clock += millis;
    },
  };
}
const at = (done: number, total: number | null = 100) => ({ phase: 'organizations', done, total });

describe('the text of progress', () => {
  it.each([
    [{ phase: 'install database', done: 0, total: null }, 0, 'install database'],
    [at(0, 1000), 0, 'organizations (1,000 organizations)'],
    [at(120, 1000), 3000, 'organizations: 120 of 1,000, 40/s, 22 s left'],
    [at(5, 1000), 10_000, 'organizations: 5 of 1,000, 0.5/s, 33 min left'],
    [at(1000, 1000), 10_000, 'organizations: 1,000 of 1,000, 100/s, 0 s left'],
    [at(7, null), 1000, 'organizations: 7, 7.0/s'],
    [at(1, 1), 0, 'organizations: 1 of 1, 1000/s, 0 s left'],
  ])('%o after %i ms: %s', (progress, millis, text) => {
    expect(progressText(progress, millis)).toBe(text);
  });
});

describe('progress on a terminal', () => {
  it('is one live line, ten times a second, that ends on a fresh one', () => {
    const { written, line, after } = shown(true);
    line.update(at(0));
    for (let done = 1; done < 50; done += 1) {
      after(10);
      line.update(at(done));
    }
    line.end();
    line.end();
    expect(written.slice(0, -1).every((text) => text.startsWith('\r\u001b[2K') && !text.includes('\n'))).toBe(true);
    expect(written.at(-1)).toBe('\n');
    expect(written).toHaveLength(1 + 4 + 1);
  });
});

describe('progress elsewhere', () => {
  it('is plain lines at most every 5 s, without control characters', () => {
    const { written, line, after } = shown(false);
    for (let done = 0; done <= 60; done += 1) {
      line.update(at(done));
      after(200);
    }
    line.end();
    expect(written).toHaveLength(3);
    expect(written.join('')).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('shows every new phase and the last step at once', () => {
    const { written, line } = shown(false);
    line.update({ phase: 'install database', done: 0, total: null });
    line.update(at(99));
    line.update(at(99));
    line.update(at(100));
    expect(written.map((text) => text.split(/[:,\n]/)[0])).toEqual([
      'install database',
      'organizations',
      'organizations',
    ]);
  });

  it('writes nothing where nothing happened', () => {
    const { written, line } = shown(true);
    line.end();
    expect(written).toEqual([]);
  });
});
