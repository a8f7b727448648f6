import { describe, expect, it } from 'vitest';
import { type ReportHead, VERDICTS } from '../../../src/model/report.ts';
import { NOT_BUILT_REASON } from '../../../src/report/not-evaluated.ts';
import { type PageOne, pageOne } from '../../../src/report/wording/page-one.ts';
import { sampleChapter } from '../sample-organizations.ts';
import { sampleReport } from '../sample-report.ts';

const { head } = sampleReport({ organizations: 24 });

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function withOrganizations(organizations: ReportHead['denominator']['organizations']): PageOne {
  return pageOne({ ...head, denominator: { organizations } }, null);
}

describe('the first page of an install', () => {
  it('says whether it is recoverable, in a sentence of its own for every verdict', () => {
    const sentences = [...VERDICTS, null].map(
      (verdict) => pageOne({ ...head, install: { ...head.install, verdict } }, null).verdictSentence,
    );
    expect(new Set(sentences).size).toBe(5);
    expect(pageOne(head, null).verdictSentence).toMatch(/^No\. If the host install-1 were gone now/);
  });

  it('counts every organization, and says what is not accounted for', () => {
    expect(pageOne(head, null).denominatorSentence).toBe(
      '24 organizations are listed in the install database: 20 judged, 2 blind (listed, but nothing of its own could be judged), 2 excluded by policy.',
    );
    expect(withOrganizations({ total: 5, judged: 2, blind: 0, excluded: 0 }).denominatorSentence).toContain(
      '3 organizations not accounted for',
    );
    expect(withOrganizations({ total: null, judged: 0, blind: 0, excluded: 0 }).denominatorSentence).toMatch(
      /could not be listed.*none was judged/,
    );
    expect(withOrganizations({ total: 0, judged: 0, blind: 0, excluded: 0 }).denominatorSentence).toBe(
      'The install database lists no organizations.',
    );
  });

  it('tells at risk by a gap, by a blind spot and by a first copy apart', () => {
    expect(pageOne(head, null).verdictCountsSentence).toBe(
      'Organizations by verdict: 10 recoverable, 6 at risk (2 by a gap, 2 by a blind spot, 2 with the first copy still due), 4 unknown, 2 not recoverable and 2 without a verdict.',
    );
  });

  it('counts controls that are not built, and questions that were not asked apart', () => {
    const built = { controlId: 'KEY-9', question: 'Are destructive settings off?', reason: NOT_BUILT_REASON };
    const asked = { controlId: 'RUN-1', question: 'Is it read-only towards S3?', reason: 'not asked: too many rights' };
    const page = (...notEvaluated: ReportHead['notEvaluated']) => pageOne({ ...head, notEvaluated }, null);
    expect(page(built, { ...built, controlId: 'KEY-10' }, asked).notLookedAtSentence).toBe(
      '2 controls of the catalogue were not judged. This report says nothing about them. 1 further question was not asked.',
    );
    expect(page(asked).notLookedAtSentence).toBe(
      'Every control of the catalogue was judged. 1 further question was not asked.',
    );
    expect(page(built, asked).notLookedAt.map(({ isWholeControl, controls }) => [isWholeControl, ...controls])).toEqual(
      [
        [true, 'KEY-9: Are destructive settings off?'],
        [false, 'RUN-1: Is it read-only towards S3?'],
      ],
    );
  });

  it('speaks of one new organization in the singular', () => {
    const verdicts = (firstCopyDue: number): ReportHead['install']['verdicts'] => ({
      ...head.install.verdicts,
      'at-risk': { ...head.install.verdicts['at-risk'], firstCopyDue },
    });
    const sentence = (due: number) =>
      pageOne({ ...head, install: { ...head.install, verdicts: verdicts(due) } }, null).firstCopyDue;
    expect(sentence(1)).toMatch(/^1 new organization still waits .* this organization counts as at risk\.$/);
    expect(sentence(2)).toMatch(/^2 new organizations still wait .* they count as at risk\.$/);
  });

  it('says the true number of gaps when it shows fewer', () => {
    const worstGaps = { ...head.worstGaps, total: 4711 };
    const page = pageOne({ ...head, worstGaps }, null);
    expect(page.gapsTotal).toBe(4711);
    expect(page.gapsSentence).toMatch(/^4,711 gaps in all; the worst 7 in words/);
  });

  it('names another gate threshold, and the age of evidence that is judged later', () => {
    expect(pageOne(head, null).thresholdSentence).toBeNull();
    expect(pageOne({ ...head, run: { ...head.run, failOn: 'low' } }, null).thresholdSentence).toContain('low');
    expect(pageOne({ ...head, bundleAgeSeconds: 5 * 3600 }, null).ageOfEvidenceSentence).toContain('was 5 hours old');
  });

  it('lists blind spots of the install first, then by how many organizations they touch', () => {
    const spot = (id: string, organizations: number, install: boolean): ReportHead['blindSpots'][number] => ({
      id,
      reason: 'timeout',
      source: 's',
      detail: 'd',
      remedy: 'r',
      affects: { organizations, install },
    });
    const page = pageOne({ ...head, blindSpots: [spot('a', 1, false), spot('b', 9, false), spot('c', 0, true)] }, null);
    expect(page.blindSpots.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(page.blindSpots[0]?.sentence).toBe('s took too long to answer: d.');
  });

  it('is harmless to print whatever the names are', () => {
    const page = pageOne(sampleReport({ organizations: 24, hostile: true }).head, null);
    for (const text of textsOf(page)) {
      expect(text).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      expect(text.length).toBeLessThan(1200);
    }
  });
});

describe('the first page of one organization', () => {
  const own = sampleReport({ organizations: 24, only: 3 });

  it('needs that organization', () => {
    expect(() => pageOne(own.head, null)).toThrow(RangeError);
    expect(() => pageOne(own.head, sampleChapter(4, false).summary)).toThrow(RangeError);
  });

  it('answers for it and counts no others', () => {
    const page = pageOne(own.head, sampleChapter(3, false).summary);
    expect(page.title).toBe('Recovery audit of organization Delta Freight');
    expect(page.verdictSentence).toBe(
      'No. If the host install-1 were gone now, this organization would not come back.',
    );
    expect(page.denominatorSentence).toBeNull();
    expect(page.verdictCountsSentence).toBeNull();
    expect(page.blindSpots.map(({ affects }) => affects)).toEqual(['Touches this organization.']);
  });
});
