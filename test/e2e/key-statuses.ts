import type { InstallOrganization } from './organizations.ts';
import type { ReportDocument } from './read-report.ts';

/** What a report says of an organization's keys and recovery: its verdict and the statuses asked for, in one line each. */
export function statusesOf(
  report: ReportDocument,
  organization: InstallOrganization,
  controlIds: readonly string[],
): Readonly<Record<string, string | null>> {
  const summary = report.organizations.find((one) => one.organizationId === organization.id);
  if (summary === undefined) throw new Error(`the report has no organization ${organization.id}`);
  return {
    verdict: summary.verdict,
    ...Object.fromEntries(controlIds.map((id) => [id, summary.statuses[id] ?? 'none'])),
  };
}

/** Why findings of a control on one subject are what they are. */
export function becauseOf(report: ReportDocument, controlId: string, subjectKey: string): string {
  const found = report.findings.filter((one) => one.controlId === controlId && one.subject.key === subjectKey);
  return found.map((finding) => `${finding.status}: ${finding.because}`).join('\n');
}
