import { loadConfig } from '../../src/config/load.ts';
import type { DemoInstall } from '../../src/demo/build-demo-install.ts';
import { openFindings } from '../../src/demo/demo.ts';
import type { ComparedFinding } from '../../src/demo/planted-gaps.ts';
import { auditInstall } from '../../src/pipeline/audit.ts';

export interface AuditedDemo {
  readonly findings: readonly ComparedFinding[];
  /** Verdicts by the organization's slug. */
  readonly verdicts: Readonly<Record<string, string | null>>;
}

/** Audits a demo install by the program's own pipeline. */
export async function auditDemo(install: DemoInstall, signal: AbortSignal): Promise<AuditedDemo> {
  const loaded = await loadConfig(install.configFile, install.environment);
  return auditInstall(loaded, { signal, progress: () => undefined }, async ({ report }) => {
    const verdicts: Record<string, string | null> = {};
    for await (const { slug, verdict } of report.organizations()) verdicts[slug] = verdict;
    return { findings: await openFindings(report), verdicts };
  });
}
