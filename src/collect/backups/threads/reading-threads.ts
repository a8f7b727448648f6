import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SourceError } from '../../../model/source-error.ts';
import { createLimiter } from '../../concurrency.ts';
import type { DumpRecognition } from '../../formats/pg-dump/dump-reading.ts';
import { interruption } from '../../guard/interruption.ts';
import { createReadingReceiver } from './common-reading.ts';
import { failureOf } from './failure.ts';
import { type PackedAnswers, unpackAnswers } from './packed-answers.ts';
import { type Outcome, type ReadingAnswer, type ReadingTask, recognitionOf } from './thread-messages.ts';

/** Reads local artifacts in threads of their own, so that the thread that asks all other sources stays free. */
export interface ReadingThreads {
  /**
   * Reads the artifacts of one task, one after the other in one thread. An artifact that ends its thread, whatever is in
   * it, is a failure of its own and not one of the others.
   *
   * @returns for each, in their order, what gives the recognition, or throws a SourceError where it could not be read
   * @throws SourceError where `signal` fires (at once)
   */
  recognize(task: ReadingTask, signal: AbortSignal): Promise<readonly (() => DumpRecognition)[]>;
}

export interface ReadingThreadsOptions {
  /** How many threads there are at most. */
  readonly threads: number;
  /** What each runs. */
  readonly program: URL;
}

interface Waiting {
  readonly task: ReadingTask;
  readonly answer: (outcomes: readonly Outcome[]) => void;
  readonly lose: (why: string) => void;
}

interface Thread {
  readonly worker: Worker;
  busyWith: Waiting | null;
}

/** Tasks for each thread that wait inside; whoever has more waits outside. */
const MOST_WAITING = 64;
const MOST_THREADS = 4;
/** What a hostile file could make a reader keep ends its thread and nothing else; what readers leave behind is little. */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 };

/** Threads are started when there is something to read, and keep nobody waiting at the end of the process. */
export function createReadingThreads({ threads: most, program }: ReadingThreadsOptions): ReadingThreads {
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];
  const admit = createLimiter(most * MOST_WAITING);

  const release = (thread: Thread): Waiting | null => {
    const waiting = thread.busyWith;
    thread.busyWith = null;
    thread.worker.unref();
    return waiting;
  };

  /** A thread that has ended, whyever. */
  const lose = (thread: Thread, why: string): void => {
    if (!threads.delete(thread)) return;
    release(thread)?.lose(why);
    dispatch();
  };

  const start = (): Thread => {
    // Neither what this process was started with nor its environment, which may hold secrets, is a reader's business.
    const worker = new Worker(program, { execArgv: [], env: {}, resourceLimits: LIMITS });
    const thread: Thread = { worker, busyWith: null };
    const receive = createReadingReceiver();
    const outcomeOf = (answer: ReadingAnswer): Outcome =>
      'reading' in answer ? { recognition: { kind: 'dump', reading: receive(answer.reading) } } : answer;
    worker.on('message', (answers: PackedAnswers) => {
      const waiting = release(thread);
      // Before anything is made of the answers: the thread need not wait for that.
      dispatch();
      waiting?.answer(Array.from(unpackAnswers(answers), outcomeOf));
    });
    worker.on('error', (error: unknown) => lose(thread, codeOf(error)));
    worker.on('exit', (code) => lose(thread, `exit code ${code}`));
    threads.add(thread);
    return thread;
  };

  const dispatch = (): void => {
    for (let [next] = queue; next !== undefined; [next] = queue) {
      const idle = [...threads].find(({ busyWith }) => busyWith === null);
      if (idle === undefined && threads.size >= most) return;
      const thread = idle ?? start();
      queue.shift();
      thread.busyWith = next;
      thread.worker.ref();
      thread.worker.postMessage(next.task);
    }
  };

  const stop = (waiting: Waiting): void => {
    const at = queue.indexOf(waiting);
    if (at >= 0) queue.splice(at, 1);
    const thread = [...threads].find(({ busyWith }) => busyWith === waiting);
    if (thread === undefined) return;
    threads.delete(thread);
    release(thread);
    void thread.worker.terminate();
    // Not at once: those that wait with the same signal are stopped in the same breath.
    setImmediate(dispatch);
  };

  /** Says why where the thread ended. @throws SourceError where `signal` fires */
  const answerTo = (task: ReadingTask, signal: AbortSignal): Promise<readonly Outcome[] | { readonly lost: string }> =>
    new Promise((resolve, reject) => {
      const settle = (answer: readonly Outcome[] | { readonly lost: string }): void => {
        signal.removeEventListener('abort', abort);
        resolve(answer);
      };
      const waiting: Waiting = { task, answer: settle, lose: (why) => settle({ lost: why }) };
      const abort = (): void => {
        stop(waiting);
        reject(interruption(signal, 'a dump'));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      queue.push(waiting);
      dispatch();
    });

  const outcomesOf = async (task: ReadingTask, signal: AbortSignal): Promise<readonly Outcome[]> => {
    const answer = await admit(() => answerTo(task, signal));
    if (!('lost' in answer)) return answer;
    if (task.places.length === 1) return [failureOf(endedBy(answer.lost))];
    // One by one, to see which one ended it.
    const single = task.places.map((place) => outcomesOf({ ...task, places: [place] }, signal));
    return (await Promise.all(single)).flat();
  };
  return {
    recognize: async (task, signal) => {
      const outcomes = await outcomesOf(task, signal);
      return task.places.map((_, index) => () => recognitionOf(outcomes[index]));
    },
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

/** How many files are read at once: each thread reads one after the other. As many as there are processors, and few. */
export const READING_THREADS: number = Math.min(availableParallelism(), MOST_THREADS);

/** The threads of this process. */
export const readingThreads: ReadingThreads = createReadingThreads({
  threads: READING_THREADS,
  program: new URL(`./reading-thread${extname(import.meta.url)}`, import.meta.url),
});
