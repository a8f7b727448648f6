import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DRAFT_OUTPUT, toOutputError } from '../../report/output-error.ts';
import { UsageError } from '../io.ts';

export interface WriteOptions {
  /** Whether a file that is there may be replaced. */
  readonly replace: boolean;
  /** Looks at the finished file before it gets its name; what it throws leaves everything as it was. */
  readonly check?: (temporaryFile: string) => Promise<unknown>;
}

/**
 * Writes a file whole or not at all, readable for its owner only.
 *
 * @throws UsageError where the file is there and may not be replaced, OutputError where it cannot be written
 */
export async function writeNewFile(file: string, text: string, { replace, check }: WriteOptions): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  const writing = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existsAlready(file);
      throw toOutputError(error, file, DRAFT_OUTPUT);
    }
  };
  try {
    await writing(async () => {
      await using handle = await open(temporary, 'wx', 0o600);
      await handle.writeFile(text);
      await handle.sync();
    });
    await check?.(temporary);
    // A link, unlike a rename, fails where somebody wrote the file in the meantime.
    await writing(() => (replace ? rename(temporary, file) : link(temporary, file)));
  } finally {
    await rm(temporary, { force: true });
  }
}

export function existsAlready(file: string): UsageError {
  return new UsageError(`${file} is there already. Name another with --output, or replace it with --force.`);
}
