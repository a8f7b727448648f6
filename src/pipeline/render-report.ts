import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FormatOptions, Report, ReportHead, ReportSink } from '../model/report.ts';
import { REPORT_OUTPUT, toOutputError } from '../report/output-error.ts';
import { FORMATS } from '../report/registry.ts';
import { checkReplaceable } from '../report/replaceable.ts';
import { directorySink } from '../report/sink.ts';

export interface RenderOptions extends FormatOptions {
  readonly directory: string;
  /** Ids of the formats wanted. */
  readonly formats: readonly string[];
  readonly signal: AbortSignal;
  /** Every unmatched artifact; written to unmatched.ndjson where the report's head does not hold them all. */
  readonly unmatched: ReportHead['unmatched'];
  readonly onFormat?: (title: string) => void;
}

/**
 * Writes a report in every wanted format into a directory, whole or not at all.
 *
 * @returns names of the files below the directory
 * @throws OutputError where they cannot be written; what was there before stays
 */
export async function renderReport(report: Report, options: RenderOptions): Promise<readonly string[]> {
  const output = await directorySink(options.directory);
  try {
    for (const format of FORMATS.filter((one) => options.formats.includes(one.id))) {
      options.signal.throwIfAborted();
      options.onFormat?.(format.title);
      await format.render(report, interruptible(output.sink, options.signal), options);
    }
    if (options.unmatched.length > report.head.unmatched.length) await writeUnmatched(output.sink, options.unmatched);
    options.signal.throwIfAborted();
    return await output.commit();
  } catch (error) {
    await output.abort();
    throw error;
  }
}

/**
 * Refuses a directory that holds something else than a report, before anything is done for the report.
 *
 * @throws OutputError where what is there may not be replaced
 */
export async function checkReportDirectory(directory: string): Promise<void> {
  try {
    await checkReplaceable(await realpath(directory).catch(() => resolve(directory)));
  } catch (error) {
    throw toOutputError(error, directory, REPORT_OUTPUT);
  }
}

async function writeUnmatched(sink: ReportSink, unmatched: ReportHead['unmatched']): Promise<void> {
  const file = await sink.file('unmatched.ndjson');
  for (const item of unmatched) await file.write(`${JSON.stringify(item)}\n`);
  await file.close();
}

/** Writing stops at the next chunk after an interruption. */
function interruptible(sink: ReportSink, signal: AbortSignal): ReportSink {
  return {
    async file(name) {
      const file = await sink.file(name);
      return {
        write(chunk) {
          signal.throwIfAborted();
          return file.write(chunk);
        },
        close: () => file.close(),
      };
    },
  };
}
