import { describe, expect, it } from 'vitest';
import { run4 } from '../../../src/evaluate/controls/run-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { AS_OF, ago, evidence, INSTALL, judge, node, policyOf, scopeOf } from '../fixture.ts';

function judgeWith(previous: Partial<Facts['previous-report']> | null | 'blind', limits = {}) {
  const record =
    previous === 'blind'
      ? evidence('previous-report', INSTALL, [], { blind: 'malformed' })
      : evidence('previous-report', INSTALL, previous === null ? [] : [previous], { collectedAt: AS_OF });
  return judge(run4, node(INSTALL), scopeOf({ install: { evidence: [record] } }), { policy: policyOf({ limits }) });
}

describe('RUN-4', () => {
  it('passes where the report before this one is recent and in the chain', () => {
    const finding = judgeWith({ finishedAt: ago(24 * HOUR) });
    expect(finding).toMatchObject({ status: 'pass', limit: { value: 26, origin: 'default' } });
    expect(finding.because).toContain('was made 24 h before; the limit is 26 h');
    expect(finding.because).toContain('each of 30 reports names the one before it');
  });

  it.each([
    ['is too old', { finishedAt: ago(3 * DAY) }, 'was made 3 days before'],
    ['is from the future', { finishedAt: ago(-DAY) }, 'is from the future'],
    ['is not linked', { finishedAt: ago(HOUR), linked: false }, 'names one before it that is not there'],
  ])('fails where it %s', (_, previous, because) => {
    const finding = judgeWith(previous);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  it('goes by the limit of the policy', () => {
    expect(judgeWith({ finishedAt: ago(6 * DAY) }, { auditIntervalHours: 170 }).status).toBe('pass');
    expect(judgeWith({ finishedAt: ago(8 * DAY) }, { auditIntervalHours: 170 }).status).toBe('fail');
  });

  it('does not apply to the first report of a list', () => {
    const finding = judgeWith(null);
    expect(finding.status).toBe('not-applicable');
    expect(finding.because).toContain('it begins with this one');
  });

  it('is unknown where the list cannot be read, and where nobody looked', () => {
    expect(judgeWith('blind').status).toBe('unknown');
    expect(judge(run4, node(INSTALL), scopeOf({})).status).toBe('unknown');
  });
});
