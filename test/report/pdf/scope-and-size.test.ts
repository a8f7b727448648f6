import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import { renderPdf } from '../../../src/report/formats/pdf/render.ts';
import { countingSink } from '../memory-sink.ts';
import { sampleOrganizationId } from '../sample-organizations.ts';
import { sampleReport } from '../sample-report.ts';
import { contents, find, pdfOf, type ReadPdf, readPdf, unspaced } from './read-pdf.ts';

const ORGANIZATIONS = 150;
const HEAD = 'Organization Slug Verdict Recovery point Host Keys Database Files Restore tests';

describe('the PDF of an install with more organizations than chapters', () => {
  const report = sampleReport({ organizations: ORGANIZATIONS });
  let pdf: ReadPdf;
  beforeAll(async () => {
    pdf = await readPdf(await pdfOf(report, 10));
  });
  const tablePages = () => pdf.pages.filter((text) => text.includes(HEAD));

  it('has a row for every organization', async () => {
    const text = tablePages().join(' ');
    for await (const summary of report.organizations()) expect(text).toContain(` ${summary.slug} `);
  });

  it('repeats the head of the table on every page it reaches, as an artifact', () => {
    expect(tablePages().length).toBeGreaterThan(4);
    const first = pdf.pages.findIndex((text) => text.includes(HEAD));
    const heads = pdf.structure
      .slice(first, first + tablePages().length)
      .map((page) => find(page, 'THead').reduce((sum, head) => sum + contents(head), 0));
    expect(heads).toEqual([9, ...heads.slice(1).map(() => 0)]);
  });

  it('says in words how many organizations it holds in detail, of how many', () => {
    expect(unspaced(pdf.pages.join(' '))).toContain(
      unspaced(
        'Detail for 10 of 150 organizations, worst first; the complete data is in report.json and findings.csv.',
      ),
    );
    expect(pdf.unspaced).toContain(
      unspaced('Evidence on the install and on 10 of 150 organizations; the complete list is in report.json.'),
    );
    const detail = pdf.outline.find((item) => item.title === 'Organizations in detail');
    expect(detail?.items).toHaveLength(10);
    expect(detail?.items.every((item) => item.title.endsWith('Not recoverable'))).toBe(true);
  });

  it('leaves the detail out where none is wanted, and still has the table', async () => {
    const short = await readPdf(await pdfOf(report, 0));
    expect(short.outline.map((item) => item.title)).not.toContain('Organizations in detail');
    expect(short.pages.some((text) => text.includes(HEAD))).toBe(true);
  });
});

describe('the PDF of one organization', () => {
  const only = 3;
  let pdf: ReadPdf;
  beforeAll(async () => {
    pdf = await readPdf(await pdfOf(sampleReport({ organizations: 40, only })));
  });

  it('names no other organization and has no table of them', async () => {
    const whole = pdf.pages.join(' ');
    for await (const summary of sampleReport({ organizations: 40 }).organizations()) {
      if (summary.organizationId === sampleOrganizationId(only)) continue;
      expect(pdf.unspaced).not.toContain(summary.organizationId);
      expect(whole).not.toMatch(new RegExp(`\\b${summary.slug}\\b(?!-)`));
    }
    expect(pdf.outline.map((item) => item.title)).not.toContain('All organizations');
    expect(whole).not.toContain(HEAD);
  });

  it('is about it', () => {
    expect(pdf.title).toBe('Recovery audit of organization Delta Freight');
    expect(pdf.outline.map((item) => item.title)).toContain('The organization in detail');
  });
});

describe('the PDF of an install without organizations', () => {
  it('says so, and has its other chapters', async () => {
    const pdf = await readPdf(await pdfOf(sampleReport({ organizations: 0 })));
    expect(pdf.pages.join(' ')).toContain('The audit knows of no organization.');
    expect(pdf.outline.map((item) => item.title)).toContain('Sign-off');
  });
});

describe('the PDF of a large install', () => {
  it('is handed over while it is drawn', async () => {
    const sink = countingSink();
    const base = sampleReport({ organizations: 1500 });
    let written = 0;
    const report: Report = {
      ...base,
      async *organizations() {
        for await (const summary of base.organizations()) {
          written = sink.total();
          yield summary;
        }
      },
    };
    await renderPdf(report, sink, { pdfDetail: 0, htmlPageSize: 1000 });
    expect(written).toBeGreaterThan(sink.total() / 2);
  });
});
