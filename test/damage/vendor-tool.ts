import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ToolAnswer, VendorTool } from './damaged-format.ts';

const run = promisify(execFile);
/** pg_restore takes milliseconds, and on a damaged tar archive may never end. */
export const LIMIT_MS = 5_000;
const MOST_OUTPUT = 256 * 1024 * 1024;

/**
 * A program that refuses an artifact where it ends with another code than 0, or crashes. Where it does not end in time
 * it gave no answer.
 */
export function vendorTool(
  name: string,
  program: string,
  args: readonly string[],
  cwd: string,
  limitMs = LIMIT_MS,
): VendorTool {
  return {
    name,
    ask: async (): Promise<ToolAnswer> => {
      try {
        await run(program, [...args], { cwd, timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT });
        return 'accepted';
      } catch (error) {
        // Of a program that ended Node.js tells the code or the signal; a word as the code is a failure to run it.
        if (!(error instanceof Error) || ('code' in error && typeof error.code === 'string')) throw error;
        return 'killed' in error && error.killed === true ? 'no answer' : 'refused';
      }
    },
  };
}

/** A program with the number of its version, as it tells it itself: `restic 0.14.0`. */
export async function versionOf(name: string, program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...args], { timeout: LIMIT_MS });
  return `${name} ${/\d+\.\d[\d.]*/.exec(stdout || stderr)?.[0] ?? 'of unknown version'}`;
}
