import { eachOf } from '../concurrency.ts';
import type { DumpOptions, DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import { noting, recordedIn, recordedRecognition } from '../recorded/recorded-location.ts';
import { rootOf } from '../trees/local-directory.ts';
import type { Candidate } from './dump-candidates.ts';
import type { DumpLocation } from './dump-location.ts';
import { readingThreads } from './threads/reading-threads.ts';
import { type ArtifactPlace, recognizeArtifact } from './threads/recognize-artifact.ts';
import { keepingYoungGeneration } from './threads/young-generation.ts';

/** How many artifacts of a location are read at once here, and how many a thread is given together. */
const AT_ONCE = 12;
const AT_ONCE_IN_THREADS = 64;
/** Given out or waiting for a thread: more than there are threads, so that none of them waits. */
const TASKS_AT_ONCE = 8;
/** Fewer are read sooner than a thread is started. */
const MANY_ARTIFACTS = 64;

/** What is done with a candidate; `recognition` throws a SourceError where it could not be read. */
export type TakeRecognition = (candidate: Candidate, recognition: () => Promise<DumpRecognition>) => Promise<void>;

/**
 * Reads the structure of each candidate of a location, in threads where there are many on this machine.
 *
 * @param candidates is empty afterwards: what was made of each takes its place in memory
 */
export async function recognizeEach(
  location: DumpLocation,
  candidates: Candidate[],
  signal: AbortSignal,
  takeOne: TakeRecognition,
): Promise<void> {
  const recorded = recordedIn(location.tree);
  if (recorded !== null) {
    await eachOf(letGo(candidates), AT_ONCE, (candidate) =>
      takeOne(candidate, async () => recordedRecognition(recorded, candidate.path, 'structure')),
    );
    return;
  }
  const take: TakeRecognition = (candidate, recognition) =>
    takeOne(candidate, () => noting(location.tree, candidate.path, 'structure', recognition));
  const root = rootOf(location.tree);
  if (root === null || candidates.length < MANY_ARTIFACTS) {
    await eachOf(letGo(candidates), AT_ONCE, (candidate) =>
      take(candidate, () => recognizeArtifact(location.tree, candidate, { depth: 'structure', signal })),
    );
    return;
  }
  await keepingYoungGeneration(() =>
    eachOf(tasksOf(letGo(candidates)), TASKS_AT_ONCE, async (task) => {
      const places = task.map(({ path, files }) => ({ path, files }));
      const recognitions = await readingThreads.recognize({ root, places, depth: 'structure' }, signal);
      for (const [index, recognition] of recognitions.entries()) {
        const candidate = task[index];
        if (candidate !== undefined) await take(candidate, async () => recognition());
      }
    }),
  );
}

/** Reads one artifact. @param inThread whether it is worth a thread, where its bytes lie on this machine */
export async function recognizeOne(
  { tree }: DumpLocation,
  { path, files }: ArtifactPlace,
  { depth, signal }: DumpOptions,
  inThread: boolean,
): Promise<DumpRecognition> {
  const recorded = recordedIn(tree);
  if (recorded !== null) return recordedRecognition(recorded, path, depth);
  const root = rootOf(tree);
  return noting(tree, path, depth, async () => {
    if (!inThread || root === null) return recognizeArtifact(tree, { path, files }, { depth, signal });
    const [recognition] = await readingThreads.recognize({ root, places: [{ path, files }], depth }, signal);
    if (recognition === undefined) throw new Error('a thread that reads gave no answer');
    return recognition();
  });
}

/** The items of a list that holds none of them any more. */
function* letGo<T>(list: T[]): Generator<T, void, undefined> {
  list.reverse();
  for (let item = list.pop(); item !== undefined; item = list.pop()) yield item;
}

function* tasksOf(candidates: Iterable<Candidate>): Generator<readonly Candidate[], void, undefined> {
  let task: Candidate[] = [];
  for (const candidate of candidates) {
    task.push(candidate);
    if (task.length < AT_ONCE_IN_THREADS) continue;
    yield task;
    task = [];
  }
  if (task.length > 0) yield task;
}
