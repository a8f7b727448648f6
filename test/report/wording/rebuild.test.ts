import { describe, expect, it } from 'vitest';
import type { RebuildEntry, Report } from '../../../src/model/report.ts';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { jsonFormat } from '../../../src/report/formats/json.ts';
import { rebuildLines } from '../../../src/report/wording/rebuild.ts';
import { memorySink } from '../memory-sink.ts';
import { pdfOf, readPdf, unspaced } from '../pdf/read-pdf.ts';
import { sampleReport } from '../sample-report.ts';

const GOOD: RebuildEntry = {
  topic: 'address',
  sentence: 'https://novantra.example.com resolves to 192.0.2.7',
  validUntil: null,
  remedy: null,
  evidence: ['e1'],
};
// What a certificate says is somebody else's text.
const HOSTILE: RebuildEntry = {
  topic: 'certificate',
  sentence: 'The certificate of a ran out (issued by CN=<script>alert(1)</script>\u202e)',
  validUntil: '2026-01-01T00:00:00.000Z',
  remedy: 'Renew the certificate.',
  evidence: ['e2'],
};

function reportWith(rebuild: readonly RebuildEntry[]): Report {
  const report = sampleReport({ organizations: 3 });
  return { ...report, head: { ...report.head, rebuild: [...rebuild] } };
}

const OPTIONS = { pdfDetail: 10, htmlPageSize: 500 };

describe('what a rebuild needs to know', () => {
  it('is worded once, harmless to print, and none where the report has none', () => {
    expect(rebuildLines({ rebuild: [GOOD, HOSTILE] })).toEqual([
      { about: 'Address', sentence: 'https://novantra.example.com resolves to 192.0.2.7.', remedy: null },
      { about: 'Certificate', sentence: expect.stringContaining('[U+202E]'), remedy: 'Renew the certificate.' },
    ]);
    expect(rebuildLines({})).toEqual([]);
  });

  it('stands in the HTML, escaped, and not where there is none', async () => {
    const [sink, without] = [memorySink(), memorySink()];
    await htmlFormat.render(reportWith([GOOD, HOSTILE]), sink, OPTIONS);
    const html = sink.text('report.html');
    expect(html).toContain('<dt>Address</dt><dd>https://novantra.example.com resolves to 192.0.2.7.</dd>');
    expect(html).toContain('<b>To do</b> Renew the certificate.');
    expect(html).not.toContain('<script>');
    await htmlFormat.render(reportWith([]), without, OPTIONS);
    expect(without.text('report.html')).not.toContain('What a rebuild needs to know');
  });

  it('stands in the PDF, and in report.json as data', async () => {
    const pdf = await readPdf(await pdfOf(reportWith([GOOD, HOSTILE]), 10));
    expect(pdf.outline.map(({ title }) => title)).toContain('What a rebuild needs to know');
    expect(pdf.unspaced).toContain(unspaced('https://novantra.example.com resolves to 192.0.2.7.'));
    const sink = memorySink();
    await jsonFormat.render(reportWith([GOOD, HOSTILE]), sink, OPTIONS);
    expect(JSON.parse(sink.text('report.json')).rebuild).toEqual([GOOD, HOSTILE]);
  });
});
