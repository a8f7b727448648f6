import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OrganizationChapter, OrganizationSummary, Report } from '../model/report.ts';
import type { AssembledReport } from '../report/assemble.ts';
import { linesOf } from './lines.ts';

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
  add(chapter: OrganizationChapter): Promise<void>;
  close(): Promise<void>;
}

/** Opens the files that {@link spooledReport} reads, in a directory that is made where it does not exist. */
export async function openReportSpools(directory: string): Promise<ReportSpools> {
  await mkdir(directory, { recursive: true });
  const summaries = await bufferedLines(join(directory, SUMMARIES));
  const chapters = await bufferedLines(join(directory, CHAPTERS));
  return {
    async add(chapter) {
      await summaries.add(chapter.summary);
      await chapters.add(chapter);
    },
    async close() {
      await summaries.close();
      await chapters.close();
    },
  };
}

const BUFFERED_BYTES = 1024 * 1024;
/** The most bytes of UTF-8 that one UTF-16 code unit takes. */
const BYTES_OF_A_UNIT = 3;

async function bufferedLines(file: string): Promise<{ add(value: unknown): Promise<void>; close(): Promise<void> }> {
  const handle = await open(file, 'w', 0o600);
  // One buffer for all lines: joining them to long texts first copies each of them three times.
  const buffer = Buffer.allocUnsafe(BUFFERED_BYTES);
  let used = 0;
  const flush = async (): Promise<void> => {
    const filled = buffer.subarray(0, used);
    used = 0;
    await handle.appendFile(filled);
  };
  return {
    async add(value) {
      const line = `${JSON.stringify(value)}\n`;
      const most = line.length * BYTES_OF_A_UNIT;
      if (used + most > BUFFERED_BYTES) await flush();
      if (most > BUFFERED_BYTES) await handle.appendFile(line);
      else used += buffer.write(line, used);
    },
    async close() {
      await flush();
      await handle.close();
    },
  };
}

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
