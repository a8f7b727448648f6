import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExitFacts, exitOf } from '../../src/report/exit.ts';

const CLEAR: ExitFacts = {
  failOn: 'high',
  gaps: 0,
  unknown: 0,
  total: 5,
  judged: 5,
  blind: 0,
  excluded: 0,
  acceptExcluded: false,
};

describe('the exit code of an audit', () => {
  it('is 0 only where everybody was judged and nothing fails or is unknown', () => {
    expect(exitOf(CLEAR)).toEqual({ code: 0, reasons: [] });
  });

  it.each([
    ['a gap', { gaps: 1 }, 1, '1 finding at or above high fails'],
    ['gaps', { gaps: 3 }, 1, '3 findings at or above high fail'],
    ['an unknown', { unknown: 1 }, 2, '1 finding at or above high could not be judged'],
    ['a blind organization', { judged: 4, blind: 1 }, 2, '1 organization is blind'],
    ['an exclusion', { judged: 3, excluded: 2 }, 2, '2 organizations are excluded; --accept-excluded lets that pass'],
    ['an unreachable install database', { total: null, judged: 0 }, 2, 'the organizations could not be listed'],
    ['an empty install', { total: 0, judged: 0 }, 2, 'there was nothing to audit'],
    [
      'an organization that nobody looked at',
      { judged: 4 },
      2,
      '5 organizations are listed, and not all of them are accounted for',
    ],
  ] as const)('with %s', (_, change, code, reason) => {
    expect(exitOf({ ...CLEAR, ...change })).toEqual({ code, reasons: [reason] });
  });

  it('accepts an exclusion where that was asked for, and nothing else with it', () => {
    const excluded = { ...CLEAR, judged: 4, excluded: 1, acceptExcluded: true };
    expect(exitOf(excluded).code).toBe(0);
    expect(exitOf({ ...excluded, unknown: 1 }).code).toBe(2);
    expect(exitOf({ ...excluded, judged: 3, blind: 1 }).code).toBe(2);
  });

  it('with gaps and blind spots is 1, and says both', () => {
    const { code, reasons } = exitOf({ ...CLEAR, gaps: 2, unknown: 7 });
    expect(code).toBe(1);
    expect(reasons).toHaveLength(2);
  });

  it('is never 0 with a reason, and never another without one', () => {
    const count = fc.nat(3);
    const facts = fc.record({
      failOn: fc.constant('high' as const),
      gaps: count,
      unknown: count,
      total: fc.option(count),
      judged: count,
      blind: count,
      excluded: count,
      acceptExcluded: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, (one) => {
        const { code, reasons } = exitOf(one);
        expect(code === 0).toBe(reasons.length === 0);
        expect(code === 1).toBe(one.gaps > 0);
      }),
    );
  });
});
