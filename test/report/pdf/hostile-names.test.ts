import { beforeAll, describe, expect, it } from 'vitest';
import { renderPdf } from '../../../src/report/formats/pdf/render.ts';
import { neutralize } from '../../../src/report/wording/names.ts';
import { countingSink } from '../memory-sink.ts';
import { sampleReport } from '../sample-report.ts';
import { pdfOf, type ReadPdf, readPdf, unspaced } from './read-pdf.ts';

describe('the PDF of an install with hostile names', () => {
  let pdf: ReadPdf;
  let quietPages: number;
  beforeAll(async () => {
    pdf = await readPdf(await pdfOf(sampleReport({ organizations: 24, hostile: true })));
    const options = { pdfDetail: 200, htmlPageSize: 1000 };
    quietPages = (await renderPdf(sampleReport({ organizations: 24 }), countingSink(), options)).pages;
  });

  it.each([
    '<script>alert(1)</script>',
    "=cmd|' /C calc'!A0",
    'line one[U+000A]line two[U+000D][U+000A]line three',
    '[U+202E]txt.exe[U+202C]',
    '“Zürich” [U+6771 U+4EAC]',
    '[U+0000][U+0007][U+001B][31mred',
    '../../etc/passwd',
    '&amp; &lt;b&gt; 100 % "quoted", comma; semicolon[U+0009]tab',
    '(10,000 characters in all)',
  ])('shows %s', (text) => {
    expect(pdf.unspaced).toContain(unspaced(text));
  });

  it('shows right-to-left names in reading order for readers that turn them', () => {
    expect(pdf.unspaced).toContain('مؤسسة');
    expect(pdf.unspaced).toContain('للنشر');
  });

  it('says how many characters it had to write as numbers', () => {
    expect(pdf.unspaced).toMatch(unspaced('characters in names and paths have no glyph in the fonts of this document'));
  });

  it('keeps every page within its frame', () => {
    for (const text of pdf.pages) expect(text).toMatch(/Page \d+ of ?\d+/);
    expect(pdf.pages.length).toBeLessThan(quietPages * 1.3);
  });

  it('has a bookmark with the neutralized name', () => {
    const detail = pdf.outline.find((item) => item.title === 'Organizations in detail');
    const titles = detail?.items.map((item) => item.title) ?? [];
    expect(titles).toContain(`${neutralize('<script>alert(1)</script>')} – At risk`);
    expect(titles.every((title) => title.length < 180)).toBe(true);
  });
});
