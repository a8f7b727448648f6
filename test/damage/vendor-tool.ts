import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ToolAnswer, VendorTool } from './damaged-format.ts';

const run = promisify(execFile);
/** pg_restore on a damaged tar archive may never end. */
const LIMIT_MS = 20_000;
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

/** What a program says of its version, in one line. */
export async function versionOf(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...args], { timeout: LIMIT_MS });
  return (stdout || stderr).split('\n')[0]?.trim() ?? '';
}
