import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every byte of the files below a directory, such as what a run wrote of all formats and its bundle, one character each. */
export async function writtenBelow(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'latin1')));
  return texts.join('\n');
}
