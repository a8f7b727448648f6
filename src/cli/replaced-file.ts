import { isEmptyFile } from '../pipeline/replaceable-bundle.ts';
import type { CommandIo } from './io.ts';
import { oneLine } from './summary.ts';

/** Says that an empty file gives way to what is written: it may have been made for it, or be what a failed job left. */
export async function tellOfReplaced(io: Pick<CommandIo, 'stderr'>, file: string): Promise<void> {
  if (await isEmptyFile(file)) io.stderr.write(`The empty file ${oneLine(file)} is replaced.\n`);
}
