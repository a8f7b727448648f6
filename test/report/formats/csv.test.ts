import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from '../../../src/report/formats/csv/cells.ts';
import { csvFormat } from '../../../src/report/formats/csv.ts';
import { memorySink } from '../memory-sink.ts';
import { HOSTILE_NAMES } from '../sample-names.ts';
import { sampleReport } from '../sample-report.ts';
import { csvRecords } from './csv-records.ts';

const OPTIONS = { pdfDetail: 200, htmlPageSize: 500 };

async function rendered(options: Parameters<typeof sampleReport>[0]): Promise<ReturnType<typeof memorySink>> {
  const sink = memorySink();
  await csvFormat.render(sampleReport(options), sink, OPTIONS);
  return sink;
}

describe('a record', () => {
  it('follows RFC 4180', () => {
    expect(record(['a', 'b,c', 'say "hi"', null, 3, true])).toBe('a,"b,c","say ""hi""",,3,true\r\n');
  });

  it('guards against formulas, also behind spaces', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r', '\0', '  =', '＝'])
      expect(csvRecords(record([`${start}1+1`]))[0]?.[0]).toMatch(/^'/);
    expect(record([-3])).toBe('-3\r\n');
  });

  it('gives one line that reads back to one harmless cell for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE_NAMES)), (text) => {
        const line = record([text, 'next']);
        expect(line.slice(0, -2)).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
        const [cells] = csvRecords(line);
        expect(cells).toHaveLength(2);
        expect(cells?.[1]).toBe('next');
        expect(cells?.[0]).not.toMatch(/^\s*[=+\-@]/);
      }),
    );
  });
});

describe('the CSV files', () => {
  it('are as agreed, byte for byte', async () => {
    const sink = await rendered({ organizations: 12, hostile: true });
    expect(sink.names()).toEqual(['organizations.csv', 'findings.csv', 'copies.csv']);
    await expect(sink.text('organizations.csv')).toMatchFileSnapshot('../golden/organizations.csv.txt');
    await expect(sink.text('findings.csv')).toMatchFileSnapshot('../golden/findings.csv.txt');
  });

  it('list every copy with its grade and the date of its last full reading', async () => {
    const report = sampleReport({ organizations: 1 });
    const sink = memorySink();
    const [evidence] = report.installEvidence;
    if (evidence === undefined) throw new Error('the sample has no evidence');
    const copy = {
      path: '=dump.sql',
      method: 'pg_dump',
      bytes: 3,
      modifiedAt: '2026-11-22T02:10:00.000Z',
      moment: null,
      integrity: 'complete',
      because: 'it was read to its end',
      grade: 'verified',
      verifiedAt: '2026-11-20T02:10:00.000Z',
    } as const;
    const installEvidence = [{ ...evidence, copies: [copy] }, evidence];
    await csvFormat.render({ ...report, installEvidence }, sink, OPTIONS);
    const [header = [], ...rows] = csvRecords(sink.text('copies.csv'));
    expect(rows).toHaveLength(1);
    const row = Object.fromEntries(header.map((name, index) => [name, rows[0]?.[index]]));
    expect(row).toMatchObject({
      path: "'=dump.sql",
      grade: 'verified',
      last_read_in_full_at: '2026-11-20T02:10:00.000Z',
      moment_not_before: '',
    });
  });

  it('are complete, rectangular and carry the version of the schema', async () => {
    const sink = await rendered({ organizations: 30, hostile: true });
    const [header, ...rows] = csvRecords(sink.text('findings.csv'));
    expect(rows).toHaveLength(30 * 6 + 4);
    for (const row of rows) expect([row.length, row[0]]).toEqual([header?.length, '1']);
    expect(new Set(header).size).toBe(header?.length);
    const organizations = csvRecords(sink.text('organizations.csv'));
    expect(organizations).toHaveLength(31);
    expect(organizations.every((row) => row.length === organizations[0]?.length)).toBe(true);
  });

  it('hold names in full', async () => {
    const sink = await rendered({ organizations: 14, hostile: true });
    const names = csvRecords(sink.text('organizations.csv')).map((row) => row[3]);
    expect(names).toContain(`very long ${'x'.repeat(9990)}`);
  });
});
