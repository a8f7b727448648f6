import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOffsetMillis, parseDateHeader } from '../../../src/collect/guard/server-clock.ts';

describe('clockOffsetMillis', () => {
  it('is right to half a second plus half the time of the exchange', () => {
    const moments = fc.record({
      sentAt: fc.integer({ min: 1e12, max: 2e12 }),
      there: fc.nat(5000),
      back: fc.nat(5000),
      ahead: fc.integer({ min: -1e9, max: 1e9 }),
    });
    fc.assert(
      fc.property(moments, ({ sentAt, there, back, ahead }) => {
        const serverMillis = Math.floor((sentAt + there + ahead) / 1000) * 1000;
        const offset = clockOffsetMillis(serverMillis, { sentAt, receivedAt: sentAt + there + back });
        expect(Math.abs(offset - ahead)).toBeLessThanOrEqual(501 + (there + back) / 2);
      }),
    );
  });
});

describe('parseDateHeader', () => {
  it('reads the format of HTTP, and nothing else for granted', () => {
    expect(parseDateHeader('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784111777000);
    expect(parseDateHeader(undefined)).toBeNull();
    expect(parseDateHeader('soon')).toBeNull();
  });
});
