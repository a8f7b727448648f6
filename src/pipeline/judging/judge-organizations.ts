import { type Assembler, createAssembler } from '../../report/assemble/assembler.ts';
import { readAgain } from '../bundle-file.ts';
import { type Batch, createBatchJudge, type JudgedBatch, type JudgingContext } from './judge-batch.ts';
import { type JudgingThreads, startJudgingThreads } from './judging-threads.ts';
import { openReportSpools } from './spooled-report.ts';
import type { Surveyed } from './survey-pass.ts';

/** What a batch holds at least, in bytes, unless it is the last: a quarter of a second of work at most. */
const BATCH_BYTES = 256 * 1024;
/** Where the judged parts go, and what may end the judging. */
export interface JudgeOrganizationsOptions {
  readonly scratch: string;
  /** 0: in the thread that asks. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The second pass over a bundle: judges every organization, spools the chapters in the order of the parts, and gives what
 * they were folded into.
 *
 * @throws BundleError where a part does not fit its schema, or the file is not the one that was surveyed
 */
export async function judgeOrganizations(
  surveyed: Surveyed,
  context: JudgingContext,
  options: JudgeOrganizationsOptions,
): Promise<Assembler> {
  const assembler = createAssembler(context);
  const spools = await openReportSpools(options.scratch);
  const side = options.threads === 0 ? inThisThread(context) : startJudgingThreads(context, options.threads);
  try {
    const underWay: Promise<JudgedBatch>[] = [];
    const take = async (): Promise<void> => {
      const judged = await underWay.shift();
      options.signal?.throwIfAborted();
      if (judged === undefined) return;
      assembler.merge(judged.folded);
      await spools.add(judged);
    };
    for await (const batch of batchesOf(surveyed, context.file)) {
      const judged = side.judge(batch);
      // It is awaited in its turn, and what failed before then must not end the process meanwhile.
      judged.catch(() => undefined);
      underWay.push(judged);
      if (underWay.length >= side.most) await take();
    }
    while (underWay.length > 0) await take();
  } finally {
    await Promise.all([side.end(), spools.close()]);
  }
  return assembler;
}

function inThisThread(context: JudgingContext): JudgingThreads {
  const judge = createBatchJudge(context);
  return { most: 1, judge: async (batch) => judge(batch), end: async () => undefined };
}

async function* batchesOf(surveyed: Surveyed, file: string): AsyncGenerator<Batch> {
  let lines: Buffer[] = [];
  let numbers: number[] = [];
  let bytes = 0;
  let firstOwner = 0;
  let number = 0;
  const batch = (): Batch => {
    const filled: Batch = { lines: joined(lines, bytes), firstOwner, numbers };
    firstOwner += numbers.length;
    lines = [];
    numbers = [];
    bytes = 0;
    return filled;
  };
  for await (const line of readAgain(file, surveyed.digest)) {
    number += 1;
    if (surveyed.otherLines.has(number)) continue;
    lines.push(Buffer.from(line));
    numbers.push(number);
    bytes += line.length + 1;
    if (bytes >= BATCH_BYTES) yield batch();
  }
  if (numbers.length > 0) yield batch();
}

/** In a buffer of its own, so that it can move to a thread. */
function joined(lines: readonly Buffer[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const line of lines) {
    whole.set(line, at);
    at += line.length + 1;
    whole[at - 1] = 0x0a;
  }
  return whole;
}
