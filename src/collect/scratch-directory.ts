import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteUnfinished } from '../model/unfinished.ts';

/** Gives `work` a directory of its own under the system's directory for temporary files, and removes it in any case. */
export async function withScratchDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'recoverage-'));
  const removed = noteUnfinished(directory);
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    removed();
  }
}
