import { describe, expect, it } from 'vitest';
import { rec4 } from '../../../src/evaluate/controls/rec-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

const REVIEW = { statement: 'runbook-reviewed', date: ago(30 * DAY), expires: ago(-300 * DAY) } as const;

function judgeWith(
  runbook: Partial<Facts['runbook']> | 'blind' = {},
  reviews: readonly Partial<Facts['declaration']>[] = [REVIEW],
) {
  const own = reviews.map((one) => evidence('declaration', INSTALL, [one], { grade: 'declared' }));
  const found =
    runbook === 'blind'
      ? evidence('runbook', INSTALL, [], { blind: 'not-asked' })
      : evidence('runbook', INSTALL, [runbook]);
  const scope = scopeOf({ install: { evidence: [evidence('declaration', INSTALL, []), found, ...own] } });
  return judge(rec4, node(INSTALL), scope);
}

describe('REC-4', () => {
  it('passes with a reviewed runbook that names everything in use, as a declaration', () => {
    const finding = judgeWith();
    expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
    expect(finding.because).toContain('it names all 3 key providers and locations in use');
  });

  it.each([
    ['is not there', { exists: false, missing: ['dumps'] }, [REVIEW], 'is not there'],
    ['is empty', { bytes: 0 }, [REVIEW], 'is empty'],
    ['names not all', { missing: ['dumps', 'vault-1'] }, [REVIEW], 'it does not name dumps, vault-1, which are in use'],
    ['was reviewed by nobody', {}, [], 'nobody attests that it was reviewed'],
    ['was reviewed too long ago', {}, [{ ...REVIEW, date: ago(400 * DAY) }], 'too long ago'],
  ])('fails where it %s', (_, runbook, reviews, because) => {
    const finding = judgeWith(runbook, reviews);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  it('is unknown where none is named, where nothing is configured to look for, and where the review expired', () => {
    expect(judgeWith('blind').status).toBe('unknown');
    expect(judgeWith({ searched: 0 }).status).toBe('unknown');
    expect(judgeWith({}, [{ ...REVIEW, expires: ago(DAY) }]).status).toBe('unknown');
  });
});
