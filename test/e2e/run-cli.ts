import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_DIRECTORY_VARIABLE } from '../services/run-record.ts';
import { waitUntil } from '../services/scratch.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const TIMEOUT_MS = 50_000;

export interface CliOptions {
  /** Working directory; default: the current one. */
  readonly cwd?: string;
  /** Environment besides PATH, HOME and TMPDIR; nothing else is handed on. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the process by SIGKILL after this many milliseconds; the result then has `timedOut`. */
  readonly timeoutMillis?: number;
  /** Words before the command, such as a program that takes something from it. */
  readonly under?: readonly string[];
}

export interface CliResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly millis: number;
  readonly timedOut: boolean;
}

/** A command that is running. */
export interface RunningCli {
  readonly pid: number;
  /** What it wrote to standard error until now. */
  readonly stderr: () => string;
  /** Resolves when standard error holds the text. Throws when the command ends before, or after 30 s. */
  readonly untilSaid: (text: string | RegExp) => Promise<void>;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly result: Promise<CliResult>;
}

/**
 * The program under test: what RECOVERAGE_TEST_CLI names, such as an installed package; in `npm test` the build it
 * begins with; else the sources, so that a stale build is never tested by hand.
 */
export function cliFile(): string {
  const stated = process.env['RECOVERAGE_TEST_CLI'];
  if (stated !== undefined && stated !== '') return stated;
  const built = join(REPOSITORY, 'dist', 'cli.js');
  return process.env[RUN_DIRECTORY_VARIABLE] && existsSync(built) ? built : join(REPOSITORY, 'src', 'cli.ts');
}

/** Starts the command line as a process of its own. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  const inherited = ['PATH', 'HOME', 'TMPDIR'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const startedAt = performance.now();
  const [program = process.execPath, ...words] = [...(options.under ?? []), process.execPath, cliFile(), ...args];
  const child = spawn(program, words, {
    cwd: options.cwd ?? process.cwd(),
    env: { ...Object.fromEntries(inherited), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let timedOut = false;
  let hasEnded = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeoutMillis ?? TIMEOUT_MS);
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      hasEnded = true;
      clearTimeout(timer);
      resolve({ exitCode, signal, stdout, stderr, millis: performance.now() - startedAt, timedOut });
    });
  });
  return {
    pid: child.pid ?? 0,
    stderr: () => stderr,
    untilSaid: async (text) => {
      const isThere = async () => (typeof text === 'string' ? stderr.includes(text) : text.test(stderr)) || null;
      await waitUntil(`the command says ${text}`, isThere, 30_000, () => (hasEnded ? `it ended: ${stderr}` : null));
    },
    kill: (signal) => void child.kill(signal),
    result,
  };
}

/** Runs the command line to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return startCli(args, options).result;
}
