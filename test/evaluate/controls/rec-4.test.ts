import { describe, expect, it } from 'vitest';
import { rec4 } from '../../../src/evaluate/controls/rec-4.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { SETS } from '../file-case.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

const REVIEW = { statement: 'runbook-reviewed', date: ago(30 * DAY), expires: ago(-300 * DAY) } as const;

function judgeWith(
  runbook: Partial<Facts['runbook']> | 'blind' = {},
  reviews: readonly Partial<Facts['declaration']>[] = [REVIEW],
  copies: readonly Partial<Facts['file-copy']>[] = [],
) {
  const own = reviews.map((one) => evidence('declaration', INSTALL, [one], { grade: 'declared' }));
  const found =
    runbook === 'blind'
      ? evidence('runbook', INSTALL, [], { blind: 'not-asked' })
      : evidence('runbook', INSTALL, [runbook]);
  const scope = scopeOf({
    install: {
      nodes: [node(INSTALL), node(SETS)],
      evidence: [
        evidence('declaration', INSTALL, []),
        evidence('file-copy', INSTALL, copies),
        evidence('failure-domain', SETS, [{ host: 'backup-1' }]),
        found,
        ...own,
      ],
    },
  });
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

  const OWN = { sourcePath: '/etc/recoverage/runbook.md', digest: 'digest-1' };
  const ON_HOST = {
    place: { host: 'install-1', site: null, account: null, region: null, origin: 'observed' },
  } as const;

  it('fails where it lies on the host that is lost, and nowhere else', () => {
    const finding = judgeWith(ON_HOST);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('it lies in the failure domain that is lost, and no backup set');
    expect(judgeWith(ON_HOST, [REVIEW], [{ ...OWN, sourcePath: '/elsewhere' }]).status).toBe('fail');
  });

  it('passes where a backup set elsewhere holds the same, and is unknown where it holds another state', () => {
    expect(judgeWith(ON_HOST, [REVIEW], [OWN])).toMatchObject({ status: 'pass' });
    const other = judgeWith(ON_HOST, [REVIEW], [{ ...OWN, digest: 'digest-0' }]);
    expect(other.status).toBe('unknown');
    expect(other.because).toContain('it holds another state of it');
  });

  it('is unknown where nobody tells on which machine it lies, unless that is not the one that is lost', () => {
    const finding = judgeWith({ place: null });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('state install.runbookFailureDomain');
    expect(judgeWith({ place: null, notOn: 'install-1' }).status).toBe('pass');
    expect(judgeWith({ place: null, notOn: 'another' }).status).toBe('unknown');
  });

  it('is unknown where it was written after the day of its review', () => {
    const finding = judgeWith({ modifiedAt: ago(DAY) });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('that review covers what it said before');
    expect(judgeWith({ modifiedAt: ago(29.5 * DAY) }).status).toBe('pass');
  });
});
