import { rmSync } from 'node:fs';
import { unfinishedPaths } from '../model/unfinished.ts';

/**
 * Removes everything half-written at once, for an end of the process that cannot wait. What is still being written by
 * then may come back for a moment, so removing is tried again for a short while.
 */
export function removeUnfinished(): void {
  for (const path of unfinishedPaths()) rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
