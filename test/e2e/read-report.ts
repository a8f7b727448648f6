import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { reportSchema } from '../../src/model/report.ts';
import type { CliResult } from './run-cli.ts';
import { type CliOptions, runCli } from './run-cli.ts';

export type ReportDocument = Readonly<z.infer<typeof reportSchema>>;

/** The report.json of a report's directory, checked against its schema. */
export async function readReport(directory: string): Promise<ReportDocument> {
  return reportSchema.parse(JSON.parse(await readFile(join(directory, 'report.json'), 'utf8')));
}

export interface Scanned extends CliResult {
  readonly report: ReportDocument;
}

/** Scans into a directory, JSON only unless `args` says otherwise. Throws where no report was written. */
export async function scan(
  configFile: string,
  directory: string,
  options: CliOptions,
  args: readonly string[] = [],
): Promise<Scanned> {
  const format = args.includes('--format') ? [] : ['--format', 'json'];
  const result = await runCli(['scan', '--config', configFile, '--output', directory, ...format, ...args], options);
  if (result.exitCode === null || result.exitCode > 2) {
    throw new Error(`the scan ended with ${result.exitCode ?? result.signal}: ${result.stderr}`);
  }
  return { ...result, report: await readReport(directory) };
}

/** Findings of a control, as `subject: status, because`; handy in assertions, as a failure then shows all of them. */
export function findingsOf(report: ReportDocument, controlId: string): readonly string[] {
  return report.findings
    .filter((finding) => finding.controlId === controlId)
    .map((finding) => `${finding.subject.name}: ${finding.status}, ${finding.because}`);
}

/** Verdict of each organization by its id. */
export function verdictsOf(report: ReportDocument): Readonly<Record<string, string | null>> {
  return Object.fromEntries(report.organizations.map((one) => [one.organizationId, one.verdict]));
}

/** Everything that fails or is unknown, one line each. */
export function troubles(report: ReportDocument): readonly string[] {
  return report.findings
    .filter((finding) => finding.status === 'fail' || finding.status === 'unknown')
    .map(
      (finding) =>
        `${finding.controlId} ${finding.subject.kind} ${finding.subject.name}: ${finding.status}, ${finding.because}`,
    );
}
