import { parentPort } from 'node:worker_threads';
import { SourceError } from '../../../model/source-error.ts';
import type { ArtifactTree } from '../../trees/artifact-tree.ts';
import { waitingAccess } from '../../trees/file-access.ts';
import { localDirectoryTree } from '../../trees/local-directory.ts';
import { recognizeArtifact } from './recognize-artifact.ts';
import type { ReadingAnswer, ReadingTask } from './thread-messages.ts';

/*
 * What runs in each thread of reading-threads.ts: reads local artifacts as dumps, read-only and by the same rules as
 * everywhere. It is given tasks in batches and answers each batch at once. Nobody tells it to stop: it is ended.
 */

const trees = new Map<string, ArtifactTree>();
const { signal } = new AbortController();

function treeAt(root: string): ArtifactTree {
  const known = trees.get(root);
  if (known !== undefined) return known;
  const tree = localDirectoryTree({ root }, waitingAccess);
  trees.set(root, tree);
  return tree;
}

async function answerOf(task: ReadingTask): Promise<ReadingAnswer> {
  try {
    return { recognition: await recognizeArtifact(treeAt(task.root), task, { depth: task.depth, signal }) };
  } catch (error) {
    if (error instanceof SourceError) {
      const { reason, message, remedy } = error;
      return { failure: { reason, message, remedy } };
    }
    return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

parentPort?.on('message', (tasks: readonly ReadingTask[]) => {
  void Promise.all(tasks.map(answerOf)).then((answers) => parentPort?.postMessage(answers));
});
