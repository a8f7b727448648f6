import { parentPort } from 'node:worker_threads';
import { SourceError } from '../../../model/source-error.ts';
import { type FileAccess, momentaryAccess } from '../../trees/file-access.ts';
import { localDirectoryTree } from '../../trees/local-directory.ts';
import { createReadingSender } from './common-reading.ts';
import { recognizeArtifact } from './recognize-artifact.ts';
import type { Outcome, ReadingAnswer, ReadingTask } from './thread-messages.ts';

/*
 * What runs in each thread of reading-threads.ts: reads local artifacts as dumps, read-only and by the same rules as
 * everywhere. It is given tasks in batches and answers each batch at once. Nobody tells it to stop: it is ended.
 */

const send = createReadingSender();
const { signal } = new AbortController();

async function outcomeOf(task: ReadingTask, access: FileAccess): Promise<Outcome> {
  try {
    const tree = localDirectoryTree({ root: task.root }, access);
    return { recognition: await recognizeArtifact(tree, task, { depth: task.depth, signal }) };
  } catch (error) {
    if (error instanceof SourceError) {
      const { reason, message, remedy } = error;
      return { failure: { reason, message, remedy } };
    }
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** In the order in which answers are received, as a later one may name what an earlier one holds. */
function answerOf(outcome: Outcome): ReadingAnswer {
  if (!('recognition' in outcome)) return outcome;
  const { recognition } = outcome;
  return recognition.kind === 'dump' ? { reading: send(recognition.reading) } : { recognition };
}

parentPort?.on('message', (tasks: readonly ReadingTask[]) => {
  const access = momentaryAccess();
  void Promise.all(tasks.map((task) => outcomeOf(task, access))).then((outcomes) =>
    parentPort?.postMessage(outcomes.map(answerOf)),
  );
});
