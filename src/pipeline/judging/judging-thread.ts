import { parentPort, workerData } from 'node:worker_threads';
import { BundleError } from '../bundle-file.ts';
import { type Batch, createBatchJudge, type JudgingContext } from './judge-batch.ts';
import type { JudgingAnswer } from './judging-threads.ts';

/*
 * What runs in each thread of judging-threads.ts: judges the batches it is sent, one after the other, and answers each.
 * Nobody tells it to stop: it is ended.
 */

const judge = createBatchJudge(workerData as JudgingContext);

function answerTo(batch: Batch): JudgingAnswer {
  try {
    return { judged: judge(batch) };
  } catch (error) {
    if (error instanceof BundleError) return { unusable: { message: error.message, hint: error.hint } };
    throw error;
  }
}

parentPort?.on('message', (batch: Batch) => {
  const answer = answerTo(batch);
  const moved = 'judged' in answer ? [answer.judged.chapters.buffer, answer.judged.summaries.buffer] : [];
  parentPort?.postMessage(answer, moved as ArrayBuffer[]);
});
