import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { VendorTool } from './damaged-format.ts';

const run = promisify(execFile);
/** pg_restore on a damaged tar archive may never end. */
const LIMIT_MS = 20_000;

/** A program that finds something wrong where it ends with another code than 0, or not within 20 s. */
export function vendorTool(name: string, program: string, args: readonly string[], cwd: string): VendorTool {
  return {
    name,
    accepts: async () => {
      try {
        await run(program, [...args], { cwd, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 256 * 1024 * 1024 });
        return true;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw error;
        return false;
      }
    },
  };
}

/** What a program says of its version, in one line. */
export async function versionOf(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(program, [...args], { timeout: LIMIT_MS });
  return (stdout || stderr).split('\n')[0]?.trim() ?? '';
}
