import { parentPort, workerData } from 'node:worker_threads';
import { BundleError } from '../bundle-file.ts';
import type { SurveyAnswer } from './judging-threads.ts';
import { surveyBundle } from './survey-pass.ts';

/*
 * What runs in the thread of the first pass over a large bundle, which it is given by name: what the pass leaves behind
 * in memory goes with the thread.
 */

async function answerFor(file: string): Promise<SurveyAnswer> {
  try {
    return { surveyed: await surveyBundle(file, undefined) };
  } catch (error) {
    if (error instanceof BundleError) return { unusable: { message: error.message, hint: error.hint } };
    throw error;
  }
}

parentPort?.postMessage(await answerFor(String(workerData)));
