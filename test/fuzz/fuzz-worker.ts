import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../bench/random.ts';
import { type Finished, type FuzzJob, job } from './fuzz-messages.ts';
import { makeInput } from './make-input.ts';
import { FUZZED_PARSERS } from './registry.ts';

/* One parser and a range of its inputs, in a thread of its own: what hangs or crashes takes the runner not with it. */

const MOST_FAILURES = 20;
const MOST_VOUCHED = 200;
const MEMORY_EVERY = 64;

async function run({ parser: name, from, to, seed, progress }: FuzzJob): Promise<Finished> {
  const parser = FUZZED_PARSERS.find((one) => one.name === name);
  if (parser === undefined) throw new Error(`no parser is called ${name}`);
  const at = new Int32Array(progress);
  const artifacts = parser.artifacts();
  const { signal } = new AbortController();
  const outcomes = new Map<string, number>();
  const failures: Finished['failures'] = [];
  const vouched: number[] = [];
  const random = seededRandom(seed);
  let complete = 0;
  const before = process.memoryUsage.rss();
  let peak = before;
  for (let index = from; index < to && failures.length < MOST_FAILURES; index += 1) {
    Atomics.store(at, 0, index);
    const input = makeInput(parser, artifacts, seed, index);
    let outcome: string;
    try {
      outcome = await parser.read(input, signal);
    } catch (error) {
      if (!parser.declared.some((one) => error instanceof one)) {
        failures.push({ index, problem: error instanceof Error ? String(error.stack) : String(error) });
      }
      outcome = error instanceof Error ? error.name : 'no error';
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'complete') {
      // Every one has the same chance to be among those that are kept.
      if (vouched.length < MOST_VOUCHED) vouched.push(index);
      else if (random.whole(complete + 1) < MOST_VOUCHED) vouched[random.whole(MOST_VOUCHED)] = index;
      complete += 1;
    }
    if (index % MEMORY_EVERY === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }
  return { outcomes: Object.fromEntries(outcomes), failures, vouched, grownBy: peak - before };
}

parentPort?.postMessage(await run(job.parse(workerData)));
