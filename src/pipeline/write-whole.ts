import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { noteUnfinished } from '../model/unfinished.ts';
import { OutputError, toOutputError, type WrittenOutput } from '../report/output-error.ts';

/**
 * Writes a small file whole or not at all, readable for this user only.
 *
 * @param isOwn whether what is there, by its beginning, is something that this may replace
 * @throws OutputError where it cannot be written, or something else is there
 */
export async function writeWhole(
  file: string,
  text: string,
  output: WrittenOutput,
  isOwn: (beginning: string) => boolean,
): Promise<void> {
  const temporary = `${file}.part-${randomBytes(4).toString('hex')}`;
  try {
    if (!(await mayReplace(file, isOwn))) {
      throw new OutputError(
        `cannot write ${output.noun} to ${JSON.stringify(file)}: something else is there, and it is left as it is`,
        `Choose ${output.elsewhere}.`,
      );
    }
    const written = noteUnfinished(temporary);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      await handle.writeFile(text).finally(() => handle.close());
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
      written();
    }
  } catch (error) {
    throw toOutputError(error, file, output);
  }
}

const BEGINNING = 256;

async function mayReplace(file: string, isOwn: (beginning: string) => boolean): Promise<boolean> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return true;
  // Whatever is no regular file is not opened: a pipe would wait for its other end.
  if (!found.isFile()) return false;
  if (found.size === 0) return true;
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    return isOwn(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}
