import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OrganizationChapter, OrganizationSummary, Report } from '../model/report.ts';
import type { AssembledReport } from '../report/assemble.ts';

/** A report whose organizations lie in files that this process wrote, so every format can walk them as often as it likes. */
export function spooledReport(assembled: AssembledReport, directory: string): Report {
  return {
    head: assembled.head,
    installFindings: assembled.installFindings,
    installEvidence: assembled.installEvidence,
    organizations: () => lines<OrganizationSummary>(join(directory, 'summaries.ndjson')),
    async *chapters(wanted) {
      for await (const chapter of lines<OrganizationChapter>(join(directory, 'chapters.ndjson'))) {
        if (wanted === undefined || wanted.has(chapter.summary.organizationId)) yield chapter;
      }
    },
    worst: (limit) => assembled.worst.slice(0, limit),
  };
}

async function* lines<T>(file: string): AsyncGenerator<T> {
  for await (const text of createInterface({ input: createReadStream(file, { highWaterMark: 1024 * 1024 }) })) {
    yield JSON.parse(text) as T;
  }
}
