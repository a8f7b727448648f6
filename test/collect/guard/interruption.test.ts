import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { interruption, throwIfInterrupted } from '../../../src/collect/guard/interruption.ts';

describe('an interrupted read', () => {
  it('tells a time limit from a run that was stopped', async () => {
    const limit = AbortSignal.timeout(1);
    await sleep(20);
    expect(interruption(limit, 'a file')).toMatchObject({ reason: 'timeout' });
    expect(interruption(AbortSignal.abort(), 'a file')).toMatchObject({ reason: 'not-asked' });
  });

  it('is only thrown once the signal has fired', () => {
    expect(() => throwIfInterrupted(new AbortController().signal, 'a file')).not.toThrow();
    expect(() => throwIfInterrupted(AbortSignal.abort(), 'a file')).toThrow('reading a file was interrupted');
  });
});
