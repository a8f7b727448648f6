import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { MINUTE, SECOND } from '../../../model/instant.ts';
import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { eachLine, endOfText } from './program-output.ts';
import { argumentsOf, VENDOR_QUESTIONS, type VendorProgram, type VendorQuestion } from './vendor-questions.ts';

export interface ProgramRun {
  /** Absolute path, as {@link findProgram} gives it. */
  readonly executable: string;
  readonly question: VendorQuestion;
  /** Password or passphrase; null where the repository has none. Only the child's own environment holds it. */
  readonly secret: Secret | null;
  /** An empty directory of this run, as the program's home: Borg keeps notes of every repository it saw. */
  readonly home: string;
  readonly signal: AbortSignal;
  /** How long it may take, in milliseconds. Default: 10 min. */
  readonly timeLimit?: number;
}

/** How a program that was started ended. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  /** The end of what it wrote to standard error: for looking up known phrases, never for printing. */
  readonly complaint: string;
}

const TIME_LIMIT = 10 * MINUTE;
/** Where programs are looked for, whatever the environment of the audit says. */
const DIRECTORIES = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'];

/**
 * The program as an absolute path.
 *
 * @param configured path from the configuration; null to look in the usual directories
 * @throws SourceError where there is none
 */
export async function findProgram(program: VendorProgram, configured: string | null): Promise<string> {
  const candidates = configured === null ? DIRECTORIES.map((directory) => join(directory, program)) : [configured];
  for (const candidate of candidates) {
    if (!candidate.startsWith('/') || !basename(candidate).startsWith(program)) continue;
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  throw new SourceError(
    'not-asked',
    `${program} is not installed where the audit runs${configured === null ? '' : `, at ${configured}`}`,
    `Install ${program} there, or name its path (${program}.program): only it can tell what its repository holds.`,
  );
}

/**
 * Asks a program of a vendor and hands on every line of its answer.
 *
 * @throws SourceError where it cannot be started, takes too long or answers too much; and what `signal` was fired with
 */
export function askProgram(run: ProgramRun, onLine: (line: string) => void): Promise<ProgramEnd> {
  return runProgram(run, (output) => eachLine(output, run.question.ask, onLine));
}

/** Asks a program of a vendor for bytes and hands them on. @throws as {@link askProgram}, and what `consume` throws */
export function askForBytes(
  run: ProgramRun,
  consume: (output: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<ProgramEnd> {
  return runProgram(run, consume);
}

/** The SHA-256 of all that a program answers, in hexadecimal; nothing of it is kept. @throws as {@link askProgram} */
export async function digestOfAnswer(run: ProgramRun): Promise<{ readonly end: ProgramEnd; readonly sha256: string }> {
  const hash = createHash('sha256');
  const end = await runProgram(run, async (output) => {
    for await (const chunk of output) hash.update(chunk);
  });
  return { end, sha256: hash.digest('hex') };
}

/**
 * Asks a program of a vendor until a line of its answer shows that the rest is not wanted, and ends it there.
 *
 * @throws as {@link askProgram}
 */
export async function askUntil(
  run: ProgramRun,
  isEnough: (line: string) => boolean,
): Promise<ProgramEnd & { readonly isCut: boolean }> {
  let isCut = false;
  const end = await runProgram(run, async (output) => {
    try {
      await eachLine(output, run.question.ask, (line) => {
        if (isEnough(line)) throw ENOUGH;
      });
      return undefined;
    } catch (error) {
      if (error !== ENOUGH) throw error;
      isCut = true;
      return ENOUGH;
    }
  });
  return { ...end, isCut };
}

/** Told by whoever consumes an answer: the program may be ended. */
const ENOUGH = Symbol('enough');

async function runProgram(
  run: ProgramRun,
  consume: (output: AsyncIterable<Buffer>) => Promise<unknown>,
): Promise<ProgramEnd> {
  const { executable, question, signal, home } = run;
  signal.throwIfAborted();
  const name = question.ask;
  const environment = environmentOf(run);
  const child = spawn(executable, argumentsOf(question), {
    cwd: home,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = endOf(child, name);
  ended.catch(() => undefined);
  let isLate = false;
  const stop = () => {
    child.kill('SIGKILL');
    // What the program started itself may keep its output open.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, run.timeLimit ?? TIME_LIMIT);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const complaint = endOfText(child.stderr);
    complaint.catch(() => undefined);
    if ((await consumed(child, ended, consume)) === ENOUGH) child.kill('SIGKILL');
    return { exitCode: await ended, complaint: await complaint };
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) throw new SourceError('timeout', `${name} took too long`, slowRemedy(run));
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/**
 * Lets `consume` read the answer. Where that breaks off because a program that failed ended too early, it is the program
 * that tells why: whoever reads half an archive can only say that it is cut off.
 */
async function consumed(
  child: ChildProcess & { readonly stdout: Readable },
  ended: Promise<number | null>,
  consume: (output: AsyncIterable<Buffer>) => Promise<unknown>,
): Promise<unknown> {
  const { stdout } = child;
  try {
    return await consume(stdout);
  } catch (error) {
    if (error instanceof SourceError || !(stdout.readableEnded || child.exitCode !== null)) throw error;
    if ((await ended) === 0) throw error;
    return undefined;
  }
}

function slowRemedy({ timeLimit = TIME_LIMIT }: ProgramRun): string {
  return `Run the audit nearer to the repository: one answer may take ${Math.round(timeLimit / SECOND)} s.`;
}

/** Nothing of the audit's own environment: with UTC as its zone, Borg tells its local times in UTC. */
function environmentOf({ question, secret, home }: ProgramRun): Record<string, string> {
  const common = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: home, TMPDIR: home };
  if (VENDOR_QUESTIONS[question.ask].program === 'restic') {
    return { ...common, ...(secret === null ? {} : { RESTIC_PASSWORD: secret.reveal() }) };
  }
  return {
    ...common,
    BORG_BASE_DIR: home,
    // It would ask, as it saw this repository never or elsewhere.
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes',
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
    ...(secret === null ? {} : { BORG_PASSPHRASE: secret.reveal() }),
  };
}

function endOf(child: ChildProcess, name: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', (code) => resolve(code));
    child.once('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : 'error';
      const remedy = 'Look whether the program is one for this machine and may be run by the user of the audit.';
      reject(new SourceError('not-asked', `${name} could not be started (${code})`, remedy));
    });
  });
}
