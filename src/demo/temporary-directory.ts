import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** A process that was just killed may leave a last file behind. */
const REMOVAL = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;

/** A new directory in the system's place for temporary files, removed at the latest when this process exits. */
export async function temporaryDirectory(prefix: string): Promise<TemporaryDirectory> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const removeAtExit = () => {
    try {
      rmSync(path, REMOVAL);
    } catch {
      // Nothing can be reported at exit, and the system clears the place in time.
    }
  };
  process.once('exit', removeAtExit);
  return {
    path,
    async remove() {
      await rm(path, REMOVAL);
      process.off('exit', removeAtExit);
    },
  };
}
