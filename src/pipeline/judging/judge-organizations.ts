import { type Assembler, createAssembler } from '../../report/assemble/assembler.ts';
import { readAgain } from '../bundle-file.ts';
import { type Batch, createBatchJudge, type JudgedBatch, type JudgingContext } from './judge-batch.ts';
import { type JudgingThreads, startJudgingThreads } from './judging-threads.ts';
import { openReportSpools } from './spooled-report.ts';
import type { Surveyed } from './survey-pass.ts';

/** What a batch holds at least, in bytes, unless it is the last: a quarter of a second of work at most. */
const BATCH_BYTES = 256 * 1024;
/** What a batch has room for before it has to grow, in bytes: most lines are far shorter than a batch. */
const ROOM_BYTES = BATCH_BYTES + 64 * 1024;
const LINE_FEED = 0x0a;

/** Where the judged parts go, and what may end the judging. */
export interface JudgeOrganizationsOptions {
  readonly scratch: string;
  /** 0: in the thread that asks. */
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The second pass over a bundle: judges every organization, spools the chapters in the order of the parts, and gives what
 * they were folded into, and the SHA-256 of the bundle, with its prefix.
 *
 * @throws BundleError where a part does not fit its schema, or the file is not the one that was surveyed
 */
export async function judgeOrganizations(
  surveyed: Surveyed,
  context: JudgingContext,
  options: JudgeOrganizationsOptions,
): Promise<{ readonly assembler: Assembler; readonly digest: string }> {
  const assembler = createAssembler(context);
  let digest = '';
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
    for await (const batch of batchesOf(surveyed, context.file, (told) => {
      digest = told;
    })) {
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
  return { assembler, digest };
}

function inThisThread(context: JudgingContext): JudgingThreads {
  const judge = createBatchJudge(context);
  return { most: 1, judge: async (batch) => judge(batch), end: async () => undefined };
}

async function* batchesOf(surveyed: Surveyed, file: string, onDigest: (digest: string) => void): AsyncGenerator<Batch> {
  let lines = new Uint8Array(ROOM_BYTES);
  let bytes = 0;
  let numbers: number[] = [];
  let firstOwner = 0;
  let number = 0;
  const batch = (): Batch => {
    const filled: Batch = { lines: lines.subarray(0, bytes), firstOwner, numbers };
    firstOwner += numbers.length;
    // A buffer of its own for each batch, as it moves to a thread.
    lines = new Uint8Array(ROOM_BYTES);
    bytes = 0;
    numbers = [];
    return filled;
  };
  for await (const line of readAgain(file, surveyed.sum, onDigest)) {
    number += 1;
    if (surveyed.otherLines.has(number)) continue;
    if (bytes + line.length + 1 > lines.length) {
      const larger = new Uint8Array(2 * (bytes + line.length + 1));
      larger.set(lines.subarray(0, bytes));
      lines = larger;
    }
    lines.set(line, bytes);
    bytes += line.length + 1;
    lines[bytes - 1] = LINE_FEED;
    numbers.push(number);
    if (bytes >= BATCH_BYTES) yield batch();
  }
  if (numbers.length > 0) yield batch();
}
