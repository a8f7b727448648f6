import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { OrganizationSummary } from '../model/report.ts';
import type { JudgedBundle } from '../pipeline/judging/judge-bundle.ts';
import { renderReport } from '../pipeline/render-report.ts';
import { noteReport } from '../pipeline/report-chain.ts';
import { REPORT_FILE } from '../report/formats/json/layout.ts';
import type { CommandIo } from './io.ts';
import { pathFrom } from './options.ts';
import { nagiosLine, summaryLines } from './summary.ts';

/** How a command shows and writes a judged bundle. */
export interface ReportFlags {
  readonly output?: string;
  readonly format?: readonly string[];
  readonly json?: boolean;
  readonly exitStyle?: 'ci' | 'nagios';
}

/**
 * Writes the report and tells the person what came out.
 *
 * @param list where a report of the whole install is noted, so that the next one knows it; none for a saved bundle, whose
 *   report is a view of an audit that was
 * @returns the exit code
 */
export async function outputReport(
  io: CommandIo,
  judged: JudgedBundle,
  flags: ReportFlags,
  report: Config['report'],
  list?: string,
): Promise<number> {
  const { head } = judged.report;
  const directory = pathFrom(io, flags.output ?? join(report.directory, head.run.id));
  const files = await renderReport(judged.report, {
    directory,
    formats: flags.format ?? report.formats,
    pdfDetail: report.pdfDetail,
    htmlPageSize: report.htmlPageSize,
    signal: io.signal,
    unmatched: judged.unmatched,
  });
  for (const line of summaryLines(head, await ownSummary(judged))) io.stderr.write(`${line}\n`);
  io.stderr.write(`Report: ${directory} (${files.filter((file) => !file.includes('/')).join(', ')})\n`);
  if (list !== undefined && head.scope.kind === 'install' && files.includes(REPORT_FILE)) {
    // The report stands whether or not it could be noted.
    await noteReport(list, head, join(directory, REPORT_FILE)).catch((error: NodeJS.ErrnoException) => {
      io.stderr.write(
        `The report could not be noted in ${list} (${error.code ?? error.name}), so RUN-4 of the next one will not know it.\n`,
      );
    });
  }
  return printForMachines(io, judged, flags);
}

/** What goes to stdout, only where it was asked for. @returns the exit code in the wanted style */
export function printForMachines(io: CommandIo, judged: JudgedBundle, flags: ReportFlags): number {
  const { head } = judged.report;
  if (flags.exitStyle === 'nagios') {
    const { line, exitCode } = nagiosLine(head);
    io.stdout.write(`${line}\n`);
    return exitCode;
  }
  if (flags.json === true) io.stdout.write(`${JSON.stringify(head)}\n`);
  return head.exit.code;
}

async function ownSummary(judged: JudgedBundle): Promise<OrganizationSummary | null> {
  if (judged.report.head.scope.kind === 'install') return null;
  for await (const summary of judged.report.organizations()) return summary;
  return null;
}
