import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportJsonSchema } from '../../../scripts/report-json-schema.ts';
import type { Report } from '../../../src/model/report.ts';
import { reportSchema } from '../../../src/model/report.ts';
import { jsonFormat, writeReport } from '../../../src/report/formats/json.ts';
import { readReportJson, SavedReportError } from '../../../src/report/formats/read-json.ts';
import { memorySink } from '../memory-sink.ts';
import { sampleReport } from '../sample-report.ts';

const OPTIONS = { pdfDetail: 200, htmlPageSize: 500 };
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'recoverage-json-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

async function rendered(report: Report): Promise<string> {
  const sink = memorySink();
  await jsonFormat.render(report, sink, OPTIONS);
  return sink.text('report.json');
}

async function saved(text: string): Promise<string> {
  const path = join(scratch, 'report.json');
  await writeFile(path, text);
  return path;
}

async function collect<T>(iterable: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}

/** The same report with the keys of every object in reverse order. */
function reversedKeys<T>(value: T): T;
function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => reversedKeys(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversedKeys(item)]));
}

describe('report.json', () => {
  it('is as agreed, byte for byte', async () => {
    await expect(await rendered(sampleReport({ organizations: 12, hostile: true }))).toMatchFileSnapshot(
      '../golden/report.json.txt',
    );
  });

  it('fits its own schema and holds everything', async () => {
    const report = sampleReport({ organizations: 24, hostile: true });
    const parsed = reportSchema.parse(JSON.parse(await rendered(report)));
    const chapters = await collect(report.chapters());
    expect(parsed.organizations).toEqual(chapters.map(({ summary }) => summary));
    expect(parsed.findings).toEqual([...report.installFindings, ...chapters.flatMap(({ findings }) => findings)]);
    expect(parsed.evidence).toEqual([...report.installEvidence, ...chapters.flatMap(({ evidence }) => evidence)]);
    const { organizations, findings, evidence, findingsFile, evidenceFile, ...head } = parsed;
    expect(head).toEqual(report.head);
    expect([findingsFile, evidenceFile]).toEqual([null, null]);
  });

  it('has the same bytes whatever order the keys had', async () => {
    const report = sampleReport({ organizations: 12 });
    const shuffled: Report = {
      ...report,
      head: reversedKeys(report.head),
      async *organizations() {
        for await (const summary of report.organizations()) yield reversedKeys(summary);
      },
      async *chapters() {
        for await (const chapter of report.chapters()) yield reversedKeys(chapter);
      },
    };
    expect(await rendered(shuffled)).toBe(await rendered(report));
  });

  it('refuses to write what does not fit its schema', async () => {
    const report = sampleReport({ organizations: 1 });
    const broken = { ...report, head: { ...report.head, passesResting: -1 } };
    await expect(rendered(broken)).rejects.toThrow('passesResting');
  });

  it('publishes a schema that is not stale', async () => {
    const published = join(import.meta.dirname, '../../../config/report.schema.json');
    expect(await readFile(published, 'utf8'), 'run: node scripts/generate-schemas.ts').toBe(reportJsonSchema());
  });

  it('keeps the complete lists beside itself when there are too many findings', async () => {
    const report = sampleReport({ organizations: 24 });
    const sink = memorySink();
    await writeReport(report, sink, true);
    const parsed = reportSchema.parse(JSON.parse(sink.text('report.json')));
    expect(new Set(parsed.findings.map(({ status }) => status))).toEqual(new Set(['fail', 'unknown', 'waived']));
    const { fail, unknown, waived } = report.head.tally;
    expect(parsed.findings).toHaveLength(fail + unknown + waived);
    for (const [entry, name, all] of [
      [parsed.findingsFile, 'findings.ndjson', 24 * 6 + 4],
      [parsed.evidenceFile, 'evidence.ndjson', 24 * 4 + 4],
    ] as const) {
      const text = sink.text(name);
      const digest = createHash('sha256').update(text).digest('hex');
      expect(entry).toEqual({ name, count: all, digest });
      expect(text.trimEnd().split('\n')).toHaveLength(all);
    }
    const cited = new Set(parsed.findings.flatMap(({ evidence }) => evidence));
    const listed = new Set(parsed.evidence.map(({ id }) => id));
    expect([...cited].filter((id) => !listed.has(id))).toEqual([]);
  });

  it('does so above 50,000 findings', async () => {
    const report = sampleReport({ organizations: 1 });
    const names = async (pass: number): Promise<readonly string[]> => {
      const sink = memorySink();
      const tally = { pass, fail: 0, unknown: 0, 'not-applicable': 0, waived: 0 };
      await jsonFormat.render({ ...report, head: { ...report.head, tally } }, sink, OPTIONS);
      return sink.names();
    };
    expect(await names(50_000)).toEqual(['report.json']);
    expect(await names(50_001)).toEqual(['report.json', 'findings.ndjson', 'evidence.ndjson']);
  });
});

describe('readReportJson', () => {
  it('reads back what was written, hostile names and line separators included', async () => {
    const report = sampleReport({ organizations: 24, hostile: true });
    const chapters = await collect(report.chapters());
    const text = (await rendered(report)).replaceAll('backup-team', 'a\u2028b');
    const back = await readReportJson(await saved(text));
    expect(back.head).toEqual({ ...report.head, run: { ...report.head.run, operator: 'a\u2028b' } });
    expect(await collect(back.organizations())).toEqual(chapters.map(({ summary }) => summary));
    expect(await collect(back.findings())).toEqual([
      ...report.installFindings,
      ...chapters.flatMap(({ findings }) => findings),
    ]);
    expect(await collect(back.evidence())).toHaveLength(24 * 4 + 4);
    expect([back.findingsFile, back.evidenceFile]).toEqual([null, null]);
  });

  it('reads an empty report', async () => {
    const back = await readReportJson(await saved(await rendered(sampleReport({ organizations: 0 }))));
    expect(await collect(back.organizations())).toEqual([]);
    expect(await collect(back.findings())).toHaveLength(4);
  });

  it('refuses a report that was cut off, wherever', async () => {
    const text = await rendered(sampleReport({ organizations: 3 }));
    for (const part of [0, 0.1, 0.5, 0.9]) {
      const path = await saved(text.slice(0, Math.floor(text.length * part)));
      await expect(readReportJson(path), `${part}`).rejects.toThrow(SavedReportError);
    }
    await expect(readReportJson(await saved(text.slice(0, -1)))).rejects.toThrow('cut off');
    await expect(readReportJson(await saved(`${text}{}\n`))).rejects.toThrow('follows its end');
  });

  it('refuses another version and what is no report, and names the line of a bad element', async () => {
    const text = await rendered(sampleReport({ organizations: 3 }));
    await expect(readReportJson(await saved('[]\n'))).rejects.toThrow('does not begin like a report');
    const newer = text.replace('"schemaVersion":1', '"schemaVersion":2');
    await expect(readReportJson(await saved(newer))).rejects.toThrow(/its head: schemaVersion/);
    const bad = await readReportJson(await saved(text.replace('"state":"active"', '"state":7')));
    await expect(collect(bad.organizations())).rejects.toThrow(/line \d+: state/);
  });
});
