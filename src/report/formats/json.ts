import type { Finding } from '../../model/finding.ts';
import { findingSchema } from '../../model/finding.ts';
import {
  organizationSummarySchema,
  type Report,
  type ReportedEvidence,
  type ReportFormat,
  type ReportSink,
  reportedEvidenceSchema,
  reportHeadSchema,
} from '../../model/report.ts';
import { companionFile, type ElementWriter, type OpenFile, ordered } from './json/elements.ts';
import { COMPLETE_UP_TO, EVIDENCE_FILE, FINDINGS_FILE, REPORT_FILE } from './json/layout.ts';

/**
 * `report.json`, the canonical form, in the layout of json/layout.ts. Keys stand in the order of the schemas and the
 * controls of `statuses` in alphabetical order, so equal reports give equal bytes. Every element is checked against its
 * schema on the way out: what does not fit is a defect and throws, it is never written.
 *
 * Above 50,000 findings the findings are those that fail, are unknown or waived, and the evidence is that on the
 * install and that which these findings cite; the complete lists are then in `findings.ndjson` and `evidence.ndjson`,
 * whose counts and SHA-256 digests `report.json` holds.
 */
export const jsonFormat: ReportFormat = {
  id: 'json',
  title: 'JSON',
  async render(report, sink) {
    const total = Object.values(report.head.tally).reduce((sum, count) => sum + count, 0);
    await writeReport(report, sink, total > COMPLETE_UP_TO);
  },
};

/** @param reduced whether the complete lists go to files of their own */
export async function writeReport(report: Report, sink: ReportSink, reduced: boolean): Promise<void> {
  const out = await sink.file(REPORT_FILE);
  await out.write('{\n');
  const head = reportHeadSchema.parse(report.head);
  for (const [key, value] of Object.entries(head))
    await out.write(`${JSON.stringify(key)}:${JSON.stringify(value)},\n`);

  await array(out, 'organizations', async (write) => {
    for await (const summary of report.organizations())
      await write({ ...organizationSummarySchema.parse(summary), statuses: ordered(summary.statuses) });
  });

  const allFindings = reduced ? await companionFile(sink, FINDINGS_FILE) : null;
  const allEvidence = reduced ? await companionFile(sink, EVIDENCE_FILE) : null;
  await array(out, 'findings', async (write) => {
    for await (const { findings, evidence } of parts(report)) {
      for (const finding of findings) {
        const checked = findingSchema.parse(finding);
        await allFindings?.write(checked);
        if (!reduced || isListed(checked)) await write(checked);
      }
      if (allEvidence !== null)
        for (const entry of evidence) await allEvidence.write(reportedEvidenceSchema.parse(entry));
    }
  });
  await out.write(`"findingsFile":${JSON.stringify((await allFindings?.close()) ?? null)},\n`);

  await array(out, 'evidence', async (write) => {
    for await (const { findings, evidence, shared } of parts(report)) {
      const cited = reduced && !shared ? new Set(findings.filter(isListed).flatMap((entry) => entry.evidence)) : null;
      for (const entry of evidence)
        if (cited === null || cited.has(entry.id)) await write(reportedEvidenceSchema.parse(entry));
    }
  });
  await out.write(`"evidenceFile":${JSON.stringify((await allEvidence?.close()) ?? null)}\n}\n`);
  await out.close();
}

function isListed(finding: Finding): boolean {
  return finding.status === 'fail' || finding.status === 'unknown' || finding.status === 'waived';
}

interface PartOfReport {
  readonly findings: readonly Finding[];
  readonly evidence: readonly ReportedEvidence[];
  readonly shared: boolean;
}

async function* parts(report: Report): AsyncIterable<PartOfReport> {
  yield { findings: report.installFindings, evidence: report.installEvidence, shared: true };
  for await (const { findings, evidence } of report.chapters()) yield { findings, evidence, shared: false };
}

async function array(out: OpenFile, name: string, fill: (write: ElementWriter) => Promise<void>): Promise<void> {
  await out.write(`"${name}":[`);
  let separator = '\n';
  await fill(async (element) => {
    await out.write(separator + JSON.stringify(element));
    separator = ',\n';
  });
  await out.write('\n],\n');
}
