import { Worker } from 'node:worker_threads';
import { type Finished, type FuzzJob, finished } from './fuzz-messages.ts';

/** An input counts as hung after so much work on it: processor time, so that a busy machine changes nothing. */
const HUNG_AFTER_SECONDS = 5;
const LOOK_EVERY_MS = 500;

export interface FuzzRange {
  readonly seed: number;
  readonly count: number;
}

/**
 * Lets one parser of the registry read `count` damaged inputs, in a thread of its own that is watched from here. What
 * hangs is a failure like any other, and the inputs behind it are still read.
 */
export async function fuzz(parser: string, { seed, count }: FuzzRange): Promise<Finished> {
  const all: Finished = { outcomes: {}, failures: [], vouched: [], grownBy: 0 };
  const outcomes = new Map<string, number>();
  let from = 0;
  while (from < count) {
    const ended = await watched({ parser, from, to: count, seed, progress: new SharedArrayBuffer(4) });
    if ('hungAt' in ended) {
      all.failures.push({ index: ended.hungAt, problem: ended.problem });
      from = ended.hungAt + 1;
      continue;
    }
    for (const [outcome, times] of Object.entries(ended.outcomes)) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + times);
    }
    all.failures.push(...ended.failures);
    all.vouched.push(...ended.vouched);
    return { ...all, outcomes: Object.fromEntries(outcomes), grownBy: ended.grownBy };
  }
  return all;
}

type Ended = Finished | { readonly hungAt: number; readonly problem: string };

async function watched(job: FuzzJob): Promise<Ended> {
  const worker = new Worker(new URL('fuzz-worker.ts', import.meta.url), { workerData: job });
  const at = new Int32Array(job.progress);
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  worker.once('message', (message) => resolve(finished.parse(message)));
  worker.once('error', reject);
  // Node.js ends a thread in which nothing can happen any more: its reader waits for what never comes.
  worker.once('exit', () => resolve({ hungAt: Atomics.load(at, 0), problem: 'its reading never ends' }));
  let since = { index: -1, work: 0 };
  const look = (): void => {
    const index = Atomics.load(at, 0);
    // Of the process, whose other threads wait: to ask a thread that is about to end for its own may end the process.
    const { user, system } = process.cpuUsage();
    const work = (user + system) / 1_000_000;
    if (index !== since.index) since = { index, work };
    else if (work - since.work > HUNG_AFTER_SECONDS) {
      resolve({ hungAt: index, problem: `more than ${HUNG_AFTER_SECONDS} s of work` });
    }
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    await worker.terminate();
  }
}
