import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrganizationChapter, OrganizationSummary, Report } from '../model/report.ts';
import type { AssembledReport } from '../report/assemble.ts';
import { linesOf } from './lines.ts';

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

/** How long a walk over the organizations may keep the process from hearing a signal, in milliseconds. */
const LONGEST_BREATH = 50;

async function* lines<T>(file: string): AsyncGenerator<T> {
  let breathed = performance.now();
  for await (const text of linesOf(createReadStream(file, { highWaterMark: 1024 * 1024 }))) {
    // What was read ahead is handed out without waiting for anything, so an interruption would not be heard.
    if (performance.now() - breathed > LONGEST_BREATH) {
      await nextTurn();
      breathed = performance.now();
    }
    yield JSON.parse(text) as T;
  }
}
