import { spawn } from 'node:child_process';
import { DemoUnavailableError } from './demo-unavailable-error.ts';
import type { ServerUser } from './postgres-programs.ts';

const SHOWN_CHARACTERS = 300;

export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly user: ServerUser | null;
  readonly signal: AbortSignal;
}

/**
 * Runs a program to its end. Interrupted, it is killed with every process that it started, and has ended when this
 * rejects: its files can be removed then.
 *
 * @throws DemoUnavailableError with the last line it wrote, when it cannot be started or fails
 */
export async function runProgram({ program, args, cwd, user, signal }: ProgramRun): Promise<void> {
  signal.throwIfAborted();
  // A group of its own, so that what it starts can be ended with it.
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...user });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4 * SHOWN_CHARACTERS);
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  };
  signal.addEventListener('abort', kill, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (code === 0) return;
  const last = said.trim().split('\n').at(-1) ?? '';
  throw new DemoUnavailableError(`recoverage demo could not run ${program}: ${last.slice(0, SHOWN_CHARACTERS)}`);
}
