import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { programOnPath } from './availability.ts';

/** Why no file system that hangs can be mounted here, or null. */
export function hangingUnavailable(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount';
  if (programOnPath(['python3']) === null) return 'python3 not found';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'no /dev/fuse';
  }
}

/** Null where this machine does not let it be mounted. */
export async function hang(point: string): Promise<ChildProcess | null> {
  const program = join(import.meta.dirname, 'hanging-mount.py');
  const mounter = spawn('python3', [program, point], { stdio: ['pipe', 'pipe', 'ignore'] });
  const said = await Promise.race([once(mounter.stdout, 'data'), once(mounter, 'exit')]);
  return String(said[0]).startsWith('mounted') ? mounter : null;
}
