import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { NotedReport, ReportChain } from '../collect/report-chain.ts';
import { instant } from '../model/facts/parts.ts';
import type { ReportHead } from '../model/report.ts';

/** A line of the list of reports. */
const notedSchema = z.strictObject({
  type: z.literal('recoverage-report'),
  installId: z.string(),
  runId: z.string(),
  finishedAt: instant,
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  previous: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .nullable(),
});

/** The reports that were written under one configuration, oldest first. A list that is not there is one without reports. */
export async function reportChain(file: string): Promise<ReportChain> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return { reports: [], blindSpot: null };
    return unreadable(`the list of reports ${JSON.stringify(file)} cannot be read (${code})`);
  }
  const reports: NotedReport[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const noted = notedIn(line);
    if (noted === null) return unreadable(`the list of reports ${JSON.stringify(file)} holds something else`);
    reports.push(noted);
  }
  return { reports, blindSpot: null };
}

function unreadable(detail: string): ReportChain {
  const remedy = 'Let report.list name a file of its own that the audit may read and write, or move that one away.';
  return { reports: [], blindSpot: { reason: 'malformed', detail, remedy } };
}

function notedIn(line: string): NotedReport | null {
  try {
    const parsed = notedSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Notes a report of the whole install that was written, so that the next one can tell when this one was. Nothing is noted
 * of an install without id.
 *
 * @param reportFile its report.json
 * @throws what the file system throws
 */
export async function noteReport(file: string, { run, install }: ReportHead, reportFile: string): Promise<void> {
  if (install.installId === null) return;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(reportFile)) hash.update(chunk as Buffer);
  const line: z.infer<typeof notedSchema> = {
    type: 'recoverage-report',
    installId: install.installId,
    runId: run.id,
    finishedAt: run.finishedAt,
    digest: `sha256:${hash.digest('hex')}`,
    previous: run.previousReportDigest,
  };
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
}
