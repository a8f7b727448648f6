import { beforeAll, describe, expect, it } from 'vitest';
import { neutralizeSentence } from '../../../src/report/wording/names.ts';
import { pageOne } from '../../../src/report/wording/page-one.ts';
import { sampleReport } from '../sample-report.ts';
import { find, pdfOf, type ReadPdf, readPdf, roles, unspaced } from './read-pdf.ts';

const PAGES_OF_TWELVE = 24;

describe('the PDF of a small install', () => {
  const report = sampleReport({ organizations: 12 });
  let bytes: Buffer;
  let pdf: ReadPdf;
  beforeAll(async () => {
    bytes = await pdfOf(report);
    pdf = await readPdf(bytes);
  });

  it('has the pages it had when somebody last looked at them', () => {
    expect(pdf.pages).toHaveLength(PAGES_OF_TWELVE);
  });

  it('numbers every page n of m', () => {
    const total = pdf.pages.length;
    pdf.pages.forEach((text, index) => {
      expect(text).toMatch(new RegExp(`Page ${index + 1} of ?${total}(?!\\d)`));
    });
  });

  it('starts with every sentence of page one', () => {
    const words = pageOne(report.head, null);
    const first = unspaced(`${pdf.pages[0]}${pdf.pages[1]}`);
    const sentences = [
      words.title,
      words.subtitle,
      words.question,
      words.verdictWord,
      words.verdictSentence,
      words.weakestLinkSentence,
      words.denominatorSentence,
      words.verdictCountsSentence,
      words.recoveryPointSentence,
      words.lossSentence,
      words.exitSentence,
      words.gapsSentence,
      words.blindSpotsSentence,
      words.notLookedAtSentence,
      words.exclusionsSentence,
      words.declaredSentence,
      ...words.gaps.map((gap) => gap.sentence),
      ...words.blindSpots.map((spot) => spot.sentence),
      ...words.exclusions,
    ];
    for (const sentence of sentences) expect(first).toContain(unspaced(sentence ?? ''));
  });

  it('holds every finding with its sentence, its limit and what to do', async () => {
    const findings = [...report.installFindings];
    for await (const chapter of report.chapters()) findings.push(...chapter.findings);
    expect(findings.length).toBeGreaterThan(60);
    for (const finding of findings) {
      expect(pdf.unspaced).toContain(unspaced(neutralizeSentence(finding.because)));
      expect(pdf.unspaced).toContain(unspaced(neutralizeSentence(finding.title)));
      if (finding.limit !== undefined) {
        expect(pdf.unspaced).toContain(unspaced(`limit ${finding.limit.text} (${finding.limit.origin})`));
      }
      if (finding.remediation !== undefined) expect(pdf.unspaced).toContain(unspaced(finding.remediation));
      for (const id of finding.evidence) expect(pdf.unspaced).toContain(unspaced(id));
    }
  });

  it('holds evidence, remedies of blind spots, notices, declarations and unmatched files in full', async () => {
    const { head } = report;
    const texts = [
      ...report.installEvidence.map((entry) => entry.digest.replace(/^sha256:/, '')),
      ...head.blindSpots.flatMap((spot) => [spot.detail, spot.remedy]),
      ...head.notices.flatMap((notice) => [notice.text, notice.remedy]),
      ...head.declared.map((entry) => entry.statement),
      ...head.unmatched.map((entry) => entry.path),
      ...head.notEvaluated.flatMap((entry) => [entry.controlId, entry.question, entry.reason]),
      ...head.controls.map((control) => control.rationale),
    ];
    for await (const { evidence } of report.chapters()) texts.push(...evidence.map((entry) => entry.locator));
    for (const text of texts) expect(pdf.unspaced).toContain(unspaced(text));
  });

  it('names the question beside the id of a control that was not asked all of its own', () => {
    expect(pdf.unspaced).toContain(unspaced('not built in this version: DB-9, FILE-5.'));
    expect(pdf.unspaced).toContain(unspaced('not asked for: KEY-11: Does a wrapped key really unwrap?'));
  });

  it('ends every reason of the exit code as a sentence', () => {
    const { exitReasons } = pageOne(report.head, null);
    expect(exitReasons.length).toBeGreaterThan(0);
    for (const reason of exitReasons) expect(pdf.unspaced).toContain(unspaced(`${reason}.`));
  });

  it('is tagged, in English, and bears its title', () => {
    expect(pdf.tagged).toBe(true);
    expect(pdf.language).toBe('en');
    expect(pdf.title).toBe(pageOne(report.head, null).title);
    for (const page of pdf.structure) expect(roles(page).slice(0, 2)).toEqual(['Root', 'Document']);
  });

  it('tags headings without leaving out a level, and tables with heads and rows of one width', () => {
    const levels = pdf.structure
      .flatMap(roles)
      .filter((role) => /^H\d$/.test(role))
      .map((role) => Number(role.slice(1)));
    expect(levels[0]).toBe(1);
    levels.forEach((level, index) => {
      if (index > 0) expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
    const tables = pdf.structure.flatMap((page) => find(page, 'Table'));
    expect(tables.length).toBeGreaterThan(20);
    for (const table of tables) {
      const widths = new Set(find(table, 'TR').map((row) => row.children?.length));
      expect(widths.size).toBe(1);
    }
  });

  it('has a bookmark for every chapter and every organization in detail', async () => {
    const titles = pdf.outline.map((item) => item.title);
    expect(titles).toEqual([
      'Summary',
      'All organizations',
      'Organizations in detail',
      'Findings on the install and on what is shared',
      'Controls',
      'Evidence',
      'Blind spots',
      'Left out on purpose',
      'Declared facts',
      'Notices',
      'Files that match nothing',
      'Method',
      'Limitations',
      'Sign-off',
    ]);
    const detail = pdf.outline[2]?.items.map((item) => item.title) ?? [];
    expect(detail).toHaveLength(12);
    expect(detail[0]).toBe('Delta Freight – Not recoverable');
  });

  it('gives the same bytes for the same report', async () => {
    expect(Buffer.compare(await pdfOf(sampleReport({ organizations: 12 })), bytes)).toBe(0);
  });

  it('gives other bytes for another report', async () => {
    expect(Buffer.compare(await pdfOf(sampleReport({ organizations: 11 })), bytes)).not.toBe(0);
  });

  it('says nothing of missing glyphs where none is missing', () => {
    expect(pdf.unspaced).not.toContain(unspaced('no glyph in the fonts'));
  });

  it('claims no conformance to a standard for accessible or archived files in its text', () => {
    expect(pdf.pages.join(' ')).not.toMatch(/PDF\/A|PDF\/UA/);
  });
});
