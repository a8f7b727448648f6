import type { Instant } from '../model/instant.ts';
import type { Report } from '../model/report.ts';
import { buildDemoInstall, type DemoInstall } from './build-demo-install.ts';
import { type ComparedFinding, compareWithPlanted, type PlantComparison } from './planted-gaps.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What auditing the demo install came to. */
export interface DemoScan {
  /** At least every finding that fails or is unknown; {@link openFindings} takes them from a report. */
  readonly findings: readonly ComparedFinding[];
  /** Where the reports were written. */
  readonly reportDirectory: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
}

export interface DemoOptions {
  /** Absolute path for the reports; goes into the configuration of the demo install. */
  readonly reports: string;
  readonly now: Instant;
  readonly signal: AbortSignal;
  /** Audits the install and writes the reports. The install is gone when `demo` returns. */
  scan(install: DemoInstall): Promise<DemoScan>;
}

export interface DemoResult extends Omit<DemoScan, 'findings'> {
  readonly comparison: PlantComparison;
  /** True where the audit found exactly what was planted, and nothing else. */
  readonly matches: boolean;
  /** Whether the newest dumps were made by a real pg_dump; otherwise all are stand-ins. */
  readonly realDumps: boolean;
}

/**
 * Builds an install, has it audited, compares the findings with what was planted, and removes the install in any case:
 * only the reports stay.
 *
 * @throws DemoUnavailableError when this machine cannot run the demo's server
 */
export async function demo(options: DemoOptions): Promise<DemoResult> {
  const temporary = await temporaryDirectory('recoverage-demo-');
  try {
    const install = await buildDemoInstall({ ...options, directory: temporary.path });
    try {
      const { findings, reportDirectory, files } = await options.scan(install);
      const comparison = compareWithPlanted(findings, install.planted);
      const matches = comparison.missing.length === 0 && comparison.unexpected.length === 0;
      return { comparison, matches, reportDirectory, files, realDumps: install.realDumps };
    } finally {
      await install.stop();
    }
  } finally {
    await temporary.remove();
  }
}

/** Every finding of a report that fails or is unknown. */
export async function openFindings(report: Report): Promise<readonly ComparedFinding[]> {
  const isOpen = ({ status }: ComparedFinding) => status === 'fail' || status === 'unknown';
  const found: ComparedFinding[] = report.installFindings.filter(isOpen);
  for await (const chapter of report.chapters()) found.push(...chapter.findings.filter(isOpen));
  return found;
}
