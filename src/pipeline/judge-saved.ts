import { type JudgedBundle, type JudgeOptions, judgeBundle } from './judging/judge-bundle.ts';
import { withScratch } from './scratch.ts';

/** Judges a saved bundle and hands it to `work`. */
export async function judgeSaved<T>(
  file: string,
  options: Omit<JudgeOptions, 'scratch'>,
  work: (judged: JudgedBundle) => Promise<T>,
): Promise<T> {
  return withScratch(async (scratch) => work(await judgeBundle(file, { ...options, scratch })));
}
