import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrganizationChapter, OrganizationSummary, Report } from '../../model/report.ts';
import type { AssembledReport } from '../../report/assemble/head.ts';
import { chunksOf, linesOf } from '../lines.ts';
import type { JudgedBatch } from './judge-batch.ts';

const SUMMARIES = 'summaries.ndjson';
const CHAPTERS = 'chapters.ndjson';

/** A report whose organizations lie in files that this process wrote, so every format can walk them as often as it likes. */
export function spooledReport(assembled: AssembledReport, directory: string): Report {
  return {
    head: assembled.head,
    installFindings: assembled.installFindings,
    installEvidence: assembled.installEvidence,
    organizations: () => lines<OrganizationSummary>(join(directory, SUMMARIES)),
    async *chapters(wanted) {
      for await (const chapter of lines<OrganizationChapter>(join(directory, CHAPTERS))) {
        if (wanted === undefined || wanted.has(chapter.summary.organizationId)) yield chapter;
      }
    },
    worst: (limit) => assembled.worst.slice(0, limit),
  };
}

/** How long a walk over the organizations may keep the process from hearing a signal, in milliseconds. */
const LONGEST_BREATH = 50;

/** The files of a report whose organizations are being judged. */
export interface ReportSpools {
  /** @param judged lines of JSON for the next organizations, which are gone afterwards */
  add(judged: Pick<JudgedBatch, 'chapters' | 'summaries'>): Promise<void>;
  close(): Promise<void>;
}

/** Opens the files that {@link spooledReport} reads, in a directory that is made where it does not exist. */
export async function openReportSpools(directory: string): Promise<ReportSpools> {
  await mkdir(directory, { recursive: true });
  const summaries = await open(join(directory, SUMMARIES), 'w', 0o600);
  const chapters = await open(join(directory, CHAPTERS), 'w', 0o600);
  return {
    async add(judged) {
      await summaries.appendFile(judged.summaries);
      await chapters.appendFile(judged.chapters);
      // Given back at once: left to the garbage collector, such bytes make it run over and over.
      for (const { buffer } of [judged.summaries, judged.chapters])
        if (buffer instanceof ArrayBuffer) buffer.transfer(0);
    },
    async close() {
      await summaries.close();
      await chapters.close();
    },
  };
}

async function* lines<T>(file: string): AsyncGenerator<T> {
  let breathed = performance.now();
  for await (const text of linesOf(chunksOf(file))) {
    // What was read ahead is handed out without waiting for anything, so an interruption would not be heard.
    if (performance.now() - breathed > LONGEST_BREATH) {
      await nextTurn();
      breathed = performance.now();
    }
    yield JSON.parse(text) as T;
  }
}
