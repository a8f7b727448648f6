import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OutputError } from './output-error.ts';

/** Lists every file of a report with its SHA-256, as `sha256sum --check` reads it. It also marks a directory as a report. */
export const MANIFEST = 'manifest.sha256';

/** One line of the manifest. `digest` is SHA-256 in lower-case hexadecimal. */
export function manifestLine(digest: string, name: string): string {
  return `${digest}  ${name}\n`;
}

/** True where something is there that may be replaced; false where nothing is. @throws OutputError where it may not be replaced. */
export async function checkReplaceable(directory: string): Promise<boolean> {
  const state = await lstat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (state === null) return false;
  if (!state.isDirectory()) throw refusal(directory, 'a file of that name is there');
  const names = await filesBelow(directory);
  if (names.length === 0) return true;
  if (!names.includes(MANIFEST)) throw refusal(directory, 'the directory is not empty and holds no report');
  const listed = new Set((await readFile(join(directory, MANIFEST), 'utf8')).split('\n').map((line) => line.slice(66)));
  const foreign = names.find((name) => name !== MANIFEST && !listed.has(name));
  if (foreign !== undefined)
    throw refusal(directory, `beside a report it holds ${JSON.stringify(foreign)}, which is not part of one`);
  return true;
}

function refusal(directory: string, reason: string): OutputError {
  return new OutputError(
    `cannot write the report to ${JSON.stringify(directory)}: ${reason}`,
    'Choose another directory with --output; an existing one is replaced only if it is empty or holds nothing but an earlier report.',
  );
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
}
