import { parentPort } from 'node:worker_threads';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import { momentaryAccess } from '../../trees/file-access.ts';
import { localDirectoryTree } from '../../trees/local-directory.ts';
import { recycledMemory } from '../../trees/read-memory.ts';
import { createReadingSender } from './common-reading.ts';
import { failureOf } from './failure.ts';
import { packAnswers } from './packed-answers.ts';
import { type ArtifactPlace, recognizeArtifact } from './recognize-artifact.ts';
import type { ReadingAnswer, ReadingTask } from './thread-messages.ts';

/*
 * What runs in each thread of reading-threads.ts: reads local artifacts as dumps, read-only and by the same rules as
 * everywhere. It is given tasks and answers each at once. Nobody tells it to stop: it is ended.
 */

const send = createReadingSender();
const memory = recycledMemory();
const { signal } = new AbortController();

async function answerTo(tree: ArtifactTree, place: ArtifactPlace, depth: ReadingTask['depth']): Promise<ReadingAnswer> {
  try {
    const recognition = await recognizeArtifact(tree, place, { depth, signal });
    return recognition.kind === 'dump' ? { reading: send(recognition.reading) } : { recognition };
  } catch (error) {
    return failureOf(error);
  }
}

async function answersTo({ root, places, depth }: ReadingTask): Promise<readonly ReadingAnswer[]> {
  const tree = localDirectoryTree({ root }, momentaryAccess(memory));
  const answers: ReadingAnswer[] = [];
  // One after the other: nothing here waits for the system, and so the bytes of one file at a time are in memory.
  for (const place of places) answers.push(await answerTo(tree, place, depth));
  return answers;
}

parentPort?.on('message', (task: ReadingTask) => {
  void answersTo(task).then((answers) => parentPort?.postMessage(packAnswers(answers)));
});
