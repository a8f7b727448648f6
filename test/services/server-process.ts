import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { programOnPath } from './availability.ts';

const STOP_TIMEOUT_MS = 20_000;
const SHOWN_OUTPUT_CHARACTERS = 2_000;

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs as this user; only root may ask for that. */
  readonly user?: { readonly uid: number; readonly gid: number } | null;
  /** Standard output and error go to the end of this file. */
  readonly logFile: string;
  /** Signal for an orderly stop; SIGTERM unless stated. */
  readonly stopSignal?: NodeJS.Signals;
}

/** A running server program. Disposal stops it: by its signal, after 20 s by SIGKILL, and waits for its end. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** Why it no longer runs, with the end of its log; null while it runs. */
  readonly ended: () => string | null;
  /** Ends it at once, as a crash would, and waits for its end. */
  readonly kill: () => Promise<void>;
}

const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * Starts a server program. On Linux the kernel ends it when this process ends in any way (prctl(2) PR_SET_PDEATHSIG,
 * set by setpriv(1)), so that not even a killed test worker leaves it behind.
 *
 * @throws Error when the program cannot be started
 */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const setpriv = process.platform === 'linux' ? programOnPath(['setpriv']) : null;
  const [program = command.program, ...args] = [
    ...(setpriv ? [setpriv, '--pdeathsig', 'SIGKILL', '--'] : []),
    command.program,
    ...command.args,
  ];
  const log = openSync(command.logFile, 'a');
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.environment },
    stdio: ['ignore', log, log],
    ...(command.user ?? {}),
  });
  closeSync(log);
  living.add(child);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
    living.delete(child);
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`cannot start ${command.program}`, { cause })));
  }).catch((error: unknown) => {
    living.delete(child);
    throw error;
  });

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    ended() {
      if (!hasEnded()) return null;
      const output = readFileSync(command.logFile, 'utf8').slice(-SHOWN_OUTPUT_CHARACTERS);
      return `${command.program} ended (code ${child.exitCode}, signal ${child.signalCode}): ${output}`;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async [Symbol.asyncDispose]() {
      if (hasEnded()) return closed;
      child.kill(command.stopSignal ?? 'SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}
