import type { ReportedEvidence, ReportFormat } from '../../model/report.ts';
import { record } from './csv/cells.ts';
import { COPY_COLUMNS, type CopyRow, FINDING_COLUMNS, type FindingRow, ORGANIZATION_COLUMNS } from './csv/columns.ts';

/**
 * `organizations.csv`, `findings.csv` and `copies.csv`: RFC 4180 with a header, CRLF and UTF-8 without byte order
 * mark, always complete. What is of the install and of shared subjects comes first, without an organization.
 */
export const csvFormat: ReportFormat = {
  id: 'csv',
  title: 'CSV',
  async render(report, sink) {
    const organizations = await sink.file('organizations.csv');
    await organizations.write(record(ORGANIZATION_COLUMNS.map(([name]) => name)));
    for await (const summary of report.organizations())
      await organizations.write(record(ORGANIZATION_COLUMNS.map(([, cell]) => cell(summary))));
    await organizations.close();

    const findings = await sink.file('findings.csv');
    const write = (row: FindingRow): Promise<void> =>
      findings.write(record(FINDING_COLUMNS.map(([, cell]) => cell(row))));
    await findings.write(record(FINDING_COLUMNS.map(([name]) => name)));
    for (const finding of report.installFindings) await write({ finding, organization: null });
    for await (const { summary, findings: own } of report.chapters())
      for (const finding of own) await write({ finding, organization: summary });
    await findings.close();

    const copies = await sink.file('copies.csv');
    const list = async (evidence: readonly ReportedEvidence[], organization: CopyRow['organization']) => {
      for (const one of evidence) {
        for (const copy of one.copies ?? []) {
          const row = { copy, evidence: one, organization };
          await copies.write(record(COPY_COLUMNS.map(([, cell]) => cell(row))));
        }
      }
    };
    await copies.write(record(COPY_COLUMNS.map(([name]) => name)));
    await list(report.installEvidence, null);
    for await (const { summary, evidence } of report.chapters()) await list(evidence, summary);
    await copies.close();
  },
};
