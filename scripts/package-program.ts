import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Absolute path of the repository's root. */
export const repository: string = dirname(import.meta.dirname);

const manifest = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/**
 * Absolute path of the JavaScript file behind an installed package's command, to be run with `process.execPath`: a
 * child then runs on the same Node as this script, whatever PATH says, and no shell is needed.
 *
 * @throws Error when the package is not installed or has no such command
 */
export function packageProgram(packageName: string, command: string): string {
  const directory = join(repository, 'node_modules', packageName);
  const { bin } = manifest.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  const file = typeof bin === 'string' ? bin : bin[command];
  if (!file) throw new Error(`${packageName} has no command ${command}: run npm ci`);
  return join(directory, file);
}
