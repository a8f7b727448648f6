import type { z } from 'zod';
import { type Finding, findingSchema } from '../../model/finding.ts';
import {
  type OrganizationSummary,
  organizationSummarySchema,
  type ReportedEvidence,
  type ReportHead,
  reportedEvidenceSchema,
  reportHeadSchema,
  reportSchema,
} from '../../model/report.ts';
import { STREAMED, type StreamedMember } from './json/layout.ts';
import { fileLines } from './json/lines.ts';

/** A `report.json` that is not one, was cut off, or is of another version. `message` says where. */
export class SavedReportError extends Error {
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot read the report ${JSON.stringify(path)}: ${reason}`, options);
    this.name = 'SavedReportError';
  }
}

type CompanionEntry = z.infer<typeof reportSchema>['findingsFile'];

/** A report read back. The iterables read the file again each time and hold one element. */
export interface SavedReport {
  readonly head: ReportHead;
  /** Where the complete lists are, if `findings` and `evidence` are not complete. */
  readonly findingsFile: CompanionEntry;
  readonly evidenceFile: CompanionEntry;
  organizations(): AsyncIterable<OrganizationSummary>;
  findings(): AsyncIterable<Finding>;
  evidence(): AsyncIterable<ReportedEvidence>;
}

/**
 * Opens a `report.json` in the layout that json/layout.ts describes, as this program writes it; JSON that was
 * reformatted is refused. Walks the whole file once and holds only its head.
 *
 * @throws SavedReportError when it is not whole, not of that layout, or its head does not fit the schema; the
 *   iterables throw the same where an element does not fit
 * @throws the file system's error when it cannot be read
 */
export async function readReportJson(path: string): Promise<SavedReport> {
  const members = await readMembers(path);
  const { findingsFile, evidenceFile, ...rest } = members;
  const tail = reportSchema.pick({ findingsFile: true, evidenceFile: true });
  return {
    head: checked(reportHeadSchema, rest, path, 'its head'),
    ...checked(tail, { findingsFile, evidenceFile }, path, 'its end'),
    organizations: () => elements(path, 'organizations', organizationSummarySchema),
    findings: () => elements(path, 'findings', findingSchema),
    evidence: () => elements(path, 'evidence', reportedEvidenceSchema),
  };
}

const OPENING = /^"([A-Za-z]+)":(.*)$/s;

function streamedMember(line: string): StreamedMember | null {
  return STREAMED.find((name) => line === `"${name}":[`) ?? null;
}

/** All members but the streamed ones. */
async function readMembers(path: string): Promise<Record<string, unknown>> {
  const members: Record<string, unknown> = {};
  const seen = new Set<string>();
  const lines = fileLines(path);
  let number = 0;
  let streaming = false;
  let closed = false;
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) {
      if (!closed || !value.whole) throw new SavedReportError(path, 'it was cut off');
      break;
    }
    number += 1;
    if (number === 1 && value !== '{') throw new SavedReportError(path, 'it does not begin like a report');
    if (number === 1) continue;
    if (closed) throw new SavedReportError(path, `line ${number} follows its end`);
    if (streaming) {
      if (value === '],') streaming = false;
    } else if (value === '}') {
      closed = true;
    } else {
      const name = streamedMember(value);
      const opening = OPENING.exec(value);
      const key = opening?.[1];
      if (key === undefined || seen.has(key)) throw new SavedReportError(path, `line ${number} is not a member`);
      seen.add(key);
      if (name === null) members[key] = parsed(opening?.[2] ?? '', path, number);
      else streaming = true;
    }
  }
  const missing = STREAMED.find((name) => !seen.has(name));
  if (missing !== undefined) throw new SavedReportError(path, `it has no ${missing}`);
  return members;
}

async function* elements<T>(path: string, member: StreamedMember, schema: z.ZodType<T>): AsyncGenerator<T> {
  let number = 0;
  let inside = false;
  for await (const line of fileLines(path)) {
    number += 1;
    if (!inside) inside = line === `"${member}":[`;
    else if (line === '],') return;
    else yield checked(schema, parsed(line, path, number), path, `line ${number}`);
  }
  throw new SavedReportError(path, `its ${member} do not end`);
}

function parsed(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line);
  } catch (error) {
    throw new SavedReportError(path, `line ${number} is not JSON`, { cause: error });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new SavedReportError(path, `${where}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
