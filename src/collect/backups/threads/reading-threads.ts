import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SourceError } from '../../../model/source-error.ts';
import { createLimiter } from '../../concurrency.ts';
import type { DumpRecognition } from '../../formats/pg-dump/dump-reading.ts';
import { interruption } from '../../guard/interruption.ts';
import { createReadingReceiver } from './common-reading.ts';
import type { Outcome, ReadingAnswer, ReadingTask } from './thread-messages.ts';

/** Reads local artifacts in threads of their own, so that the thread that asks all other sources stays free. */
export interface ReadingThreads {
  /**
   * Reads one artifact.
   *
   * @throws SourceError where it cannot be read, where `signal` fires (at once), or where reading it ends its thread
   */
  recognize(task: ReadingTask, signal: AbortSignal): Promise<DumpRecognition>;
}

export interface ReadingThreadsOptions {
  /** How many threads there are at most. */
  readonly threads: number;
  /** What each runs. */
  readonly program: URL;
}

interface Waiting {
  readonly task: ReadingTask;
  readonly signal: AbortSignal;
  /** Whether it must not share a thread's turn, because a thread ended while it was one of several. */
  readonly alone: boolean;
  readonly answer: (answer: Outcome) => void;
  readonly fail: (error: SourceError) => void;
}

interface Thread {
  readonly worker: Worker;
  busyWith: readonly Waiting[];
}

/** Structure is read in no time, so several artifacts share one message. */
const MOST_AT_ONCE = 16;
/** Tasks for each thread that wait inside; whoever has more waits outside. */
const MOST_WAITING = 4 * MOST_AT_ONCE;
const MOST_THREADS = 4;
/** What a hostile file could make a reader keep ends its thread and nothing else; what readers leave behind is little. */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 2 };

/** Threads are started when there is something to read, and keep nobody waiting at the end of the process. */
export function createReadingThreads({ threads: most, program }: ReadingThreadsOptions): ReadingThreads {
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  const admit = createLimiter(most * MOST_WAITING);
  let willDispatch = false;

  const release = (thread: Thread): readonly Waiting[] => {
    const tasks = thread.busyWith;
    thread.busyWith = [];
    thread.worker.unref();
    return tasks;
  };

  /** A thread that has ended, whyever: what it was reading is read again one by one, to see which one ended it. */
  const lose = (thread: Thread, why: string): void => {
    if (!threads.delete(thread)) return;
    const tasks = release(thread);
    const [only] = tasks;
    if (tasks.length === 1 && only !== undefined) only.fail(endedBy(why));
    else queue.unshift(...tasks.map((one) => ({ ...one, alone: true })));
    dispatchSoon();
  };

  const start = (): Thread => {
    // Neither what this process was started with nor its environment, which may hold secrets, is a reader's business.
    const worker = new Worker(program, { execArgv: [], env: {}, resourceLimits: LIMITS });
    const thread: Thread = { worker, busyWith: [] };
    const receive = createReadingReceiver();
    const outcomeOf = (answer: ReadingAnswer): Outcome =>
      'reading' in answer ? { recognition: { kind: 'dump', reading: receive(answer.reading) } } : answer;
    worker.on('message', (answers: readonly ReadingAnswer[]) => {
      const outcomes = answers.map(outcomeOf);
      for (const [index, one] of release(thread).entries()) {
        one.answer(outcomes[index] ?? { defect: 'a thread that reads gave no answer' });
      }
      dispatchSoon();
    });
    worker.on('error', (error: unknown) => lose(thread, codeOf(error)));
    worker.on('exit', (code) => lose(thread, `exit code ${code}`));
    threads.add(thread);
    return thread;
  };

  const nextTasks = (): readonly Waiting[] => {
    const [first] = queue;
    if (first === undefined) return [];
    const single = (one: Waiting): boolean => one.alone || one.task.depth === 'full';
    if (single(first)) return queue.splice(0, 1);
    const other = queue.findIndex((one) => single(one) || one.signal !== first.signal);
    return queue.splice(0, Math.min(other < 0 ? queue.length : other, MOST_AT_ONCE));
  };

  const dispatch = (): void => {
    willDispatch = false;
    while (queue.length > 0) {
      const idle = [...threads].find(({ busyWith }) => busyWith.length === 0);
      if (idle === undefined && threads.size >= most) return;
      const thread = idle ?? start();
      thread.busyWith = nextTasks();
      thread.worker.ref();
      thread.worker.postMessage(thread.busyWith.map(({ task }) => task));
    }
  };

  /** Not at once, so that what is asked for together is read together. */
  const dispatchSoon = (): void => {
    if (willDispatch || queue.length === 0) return;
    willDispatch = true;
    setImmediate(dispatch);
  };

  const stop = (waiting: Waiting): void => {
    const at = queue.findIndex(({ fail }) => fail === waiting.fail);
    if (at >= 0) queue.splice(at, 1);
    const thread = [...threads].find(({ busyWith }) => busyWith.some(({ fail }) => fail === waiting.fail));
    if (thread === undefined) return;
    // Those that share its turn share its signal.
    threads.delete(thread);
    release(thread);
    void thread.worker.terminate();
    dispatchSoon();
  };

  const answerTo = (task: ReadingTask, signal: AbortSignal): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const done = (): void => signal.removeEventListener('abort', abort);
      const waiting: Waiting = {
        task,
        signal,
        alone: false,
        answer: (answer) => {
          done();
          resolve(answer);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      const abort = (): void => {
        stop(waiting);
        waiting.fail(interruption(signal, 'a dump'));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      queue.push(waiting);
      dispatchSoon();
    });

  return {
    recognize: (task, signal) =>
      admit(async () => {
        const answer = await answerTo(task, signal);
        if ('recognition' in answer) return answer.recognition;
        if ('defect' in answer) throw new Error(answer.defect);
        const { reason, message, remedy } = answer.failure;
        throw new SourceError(reason, message, remedy);
      }),
  };
}

function endedBy(why: string): SourceError {
  return new SourceError(
    'unsupported',
    `reading a dump ended the thread that read it (${why})`,
    'Give the audit more memory, and report the file to the makers of this program: no content may do that.',
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The threads of this process: as many as it has processors, and few. */
export const readingThreads: ReadingThreads = createReadingThreads({
  threads: Math.min(availableParallelism(), MOST_THREADS),
  program: new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url),
});
