import { join } from 'node:path';
import type { Progress } from '../collect/bundle-sink.ts';
import type { LoadedConfig } from '../config/load.ts';
import { TEMPORARY_BUNDLE } from '../report/output-error.ts';
import { collectBundle } from './collect-bundle.ts';
import { type JudgedBundle, type JudgeOptions, judgeBundle } from './judging/judge-bundle.ts';
import { withScratch } from './scratch.ts';

export interface AuditOptions extends Omit<JudgeOptions, 'scratch'> {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  /** Where to keep the bundle; without it the bundle is removed with the scratch directory. */
  readonly keepBundle?: string;
  /** Bundles of other hosts whose answers are joined. */
  readonly with?: readonly string[];
}

/** Collects an install, judges it and hands the judged bundle to `work`; scratch files are gone afterwards in any case. */
export async function auditInstall<T>(
  loaded: LoadedConfig,
  options: AuditOptions,
  work: (judged: JudgedBundle) => Promise<T>,
): Promise<T> {
  return withScratch(async (scratch) => {
    const file = options.keepBundle ?? join(scratch, 'bundle.ndjson');
    const temporary = options.keepBundle === undefined ? { output: TEMPORARY_BUNDLE } : {};
    await collectBundle({
      loaded,
      file,
      signal: options.signal,
      progress: options.progress,
      ...(options.with === undefined ? {} : { with: options.with }),
      ...temporary,
    });
    options.progress({ phase: 'judging', done: 0, total: null });
    return work(await judgeBundle(file, { policy: loaded.policy, ...options, scratch: join(scratch, 'judged') }));
  });
}
