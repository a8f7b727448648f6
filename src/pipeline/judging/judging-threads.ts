import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BundleError } from '../bundle-file.ts';
import type { Batch, JudgedBatch, JudgingContext } from './judge-batch.ts';
import type { Surveyed } from './survey-pass.ts';

/** The message and the hint of a BundleError: errors lose their class on the way between threads. */
interface Unusable {
  readonly unusable: { readonly message: string; readonly hint: string };
}

/** What a thread answers to a batch. */
export type JudgingAnswer = { readonly judged: JudgedBatch } | Unusable;

/** What the thread of the first pass answers. */
export type SurveyAnswer = { readonly surveyed: Surveyed } | Unusable;

/**
 * The first pass in a thread of its own.
 *
 * @throws BundleError where the bundle cannot be used
 */
export async function surveyInThread(file: string, signal: AbortSignal | undefined): Promise<Surveyed> {
  signal?.throwIfAborted();
  const worker = startThread('survey-thread', file);
  const aborted = (): void => void worker.terminate();
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', (answer: SurveyAnswer) => {
        if ('surveyed' in answer) resolve(answer.surveyed);
        else reject(errorOf(answer));
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(signal?.reason ?? endedByItself(code)));
    });
  } finally {
    signal?.removeEventListener('abort', aborted);
    await worker.terminate();
  }
}

/** Threads that judge batches side by side. */
export interface JudgingThreads {
  /** Batches that may be under way at a time, so that no thread waits for the next. */
  readonly most: number;
  /**
   * @param batch its bytes move to a thread and are gone here
   * @throws BundleError where a line is no organization's part
   */
  judge(batch: Batch): Promise<JudgedBatch>;
  /** Ends the threads, whatever they are doing. */
  end(): Promise<void>;
}

interface Waiting {
  readonly answer: (judged: JudgedBatch) => void;
  readonly fail: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Batches it was sent and has not answered, in their order. */
  readonly waiting: Waiting[];
  /** Why it takes no more; null while it runs. */
  ended: unknown;
}

/** Each thread has the next batch at hand when it is done with one. */
const BATCHES_EACH = 2;
/**
 * Little of what is judged outlives its batch, so that a small young generation saves memory. With half of this the
 * threads take a tenth more time, and with twice as much none less.
 */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 32 };

export function startJudgingThreads(context: JudgingContext, threads: number): JudgingThreads {
  const running = Array.from({ length: threads }, () => start(context));
  return {
    most: threads * BATCHES_EACH,
    judge: (batch) =>
      new Promise((answer, fail) => {
        const thread = running.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least));
        if (thread.ended !== null) {
          fail(thread.ended);
          return;
        }
        thread.waiting.push({ answer, fail });
        thread.worker.postMessage(batch, [batch.lines.buffer as ArrayBuffer]);
      }),
    async end() {
      await Promise.all(running.map(({ worker }) => worker.terminate()));
    },
  };
}

function start(context: JudgingContext): Thread {
  const worker = startThread('judging-thread', context);
  const thread: Thread = { worker, waiting: [], ended: null };
  const end = (why: unknown): void => {
    thread.ended ??= why;
    for (const one of thread.waiting.splice(0)) one.fail(thread.ended);
  };
  worker.on('message', (answer: JudgingAnswer) => {
    const asked = thread.waiting.shift();
    if ('judged' in answer) asked?.answer(answer.judged);
    else asked?.fail(errorOf(answer));
  });
  worker.on('error', end);
  worker.on('exit', (code) => end(endedByItself(code)));
  return thread;
}

function startThread(name: 'judging-thread' | 'survey-thread', workerData: unknown): Worker {
  const program = new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
  // Neither what this process was started with nor its environment, which may hold secrets, is needed to judge.
  return new Worker(program, { execArgv: [], env: {}, resourceLimits: LIMITS, workerData });
}

function errorOf({ unusable }: Unusable): BundleError {
  return new BundleError(unusable.message, unusable.hint);
}

function endedByItself(code: number): Error {
  return new Error(`a thread that judges ended by itself (exit code ${code})`);
}
