import { stat } from 'node:fs/promises';
import type { CommandIo } from './io.ts';
import { oneLine } from './summary.ts';

/** Says that an empty file gives way to what is written: it may have been made for it, or be what a failed job left. */
export async function tellOfReplaced(io: Pick<CommandIo, 'stderr'>, file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found?.isFile() === true && found.size === 0) io.stderr.write(`The empty file ${oneLine(file)} is replaced.\n`);
}
