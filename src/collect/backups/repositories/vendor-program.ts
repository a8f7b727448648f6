import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MINUTE, SECOND } from '../../../model/instant.ts';
import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { eachLine, endOfText } from './program-output.ts';

/** Programs of vendors that are asked what their repositories hold. */
export type VendorProgram = 'restic' | 'borg';

/** Everything that a program of a vendor is ever asked: nothing of it writes, and nothing of it takes a lock. */
export type VendorQuestion =
  | { readonly ask: 'restic snapshots'; readonly repository: string }
  | {
      readonly ask: 'restic ls';
      readonly repository: string;
      readonly snapshot: string;
      /** What lies right in these, by absolute paths; absent: all that is in the snapshot. */
      readonly directories?: readonly string[];
    }
  | { readonly ask: 'restic dump'; readonly repository: string; readonly snapshot: string; readonly path: string }
  | { readonly ask: 'borg list'; readonly repository: string }
  | {
      readonly ask: 'borg list archive';
      readonly repository: string;
      readonly archive: string;
      /** These alone, as the archive names them; absent: all that is in it. */
      readonly paths?: readonly string[];
    }
  | { readonly ask: 'borg extract'; readonly repository: string; readonly archive: string; readonly path: string };

/** What each question is for, and what a program is run with for it. The policy of the audit's user is made of it. */
export const VENDOR_QUESTIONS: Readonly<
  Record<
    VendorQuestion['ask'],
    {
      readonly program: VendorProgram;
      readonly arguments: string;
      readonly purpose: string;
      /** *checksums*: asked only where what drawn files hold is compared. */
      readonly onlyFor: 'checksums' | null;
    }
  >
> = {
  'restic snapshots': {
    program: 'restic',
    arguments: '--no-lock --no-cache --json snapshots',
    purpose: 'which snapshots there are',
    onlyFor: null,
  },
  'restic ls': {
    program: 'restic',
    arguments: '--no-lock --no-cache --json ls SNAPSHOT [DIRECTORY…]',
    purpose: 'which files a snapshot holds, by name and size',
    onlyFor: null,
  },
  'restic dump': {
    program: 'restic',
    arguments: '--no-lock --no-cache dump SNAPSHOT FILE',
    purpose: 'what a drawn file holds, to its checksum and no further',
    onlyFor: 'checksums',
  },
  'borg list': {
    program: 'borg',
    arguments: '--bypass-lock list --json REPOSITORY',
    purpose: 'which archives there are',
    onlyFor: null,
  },
  'borg list archive': {
    program: 'borg',
    arguments: '--bypass-lock list --json-lines REPOSITORY::ARCHIVE [pf:FILE…]',
    purpose: 'which files an archive holds, by name and size',
    onlyFor: null,
  },
  'borg extract': {
    program: 'borg',
    arguments: '--bypass-lock extract --stdout REPOSITORY::ARCHIVE pp:FILE',
    purpose: 'what a drawn file holds, to its checksum and no further',
    onlyFor: 'checksums',
  },
};

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
 * The arguments of a question. They are fixed but for the repository and the snapshot, which are checked, and no shell
 * reads them.
 *
 * restic 0.14 manual, "Working with repositories": `snapshots`, `ls`, `--no-lock`, `--json`. Borg 1.2 manual, "borg
 * list", "Common options" (`--bypass-lock`) and "Repository placeholders": braces of a name are doubled; "borg extract":
 * `--stdout` writes no file.
 *
 * @throws RangeError for a repository or snapshot that could be taken for anything else
 */
export function argumentsOf(question: VendorQuestion): readonly string[] {
  const { repository } = question;
  if (!repository.startsWith('/') || repository.includes('\0')) throw new RangeError('not a path of a repository');
  const restic = ['--repo', repository, '--no-lock', '--no-cache'];
  const borg = ['--log-json', '--bypass-lock'];
  switch (question.ask) {
    case 'restic snapshots':
      return [...restic, '--json', 'snapshots'];
    case 'restic ls':
      return [...restic, '--json', 'ls', snapshotId(question.snapshot), ...(question.directories ?? []).map(absolute)];
    case 'restic dump':
      return [...restic, 'dump', snapshotId(question.snapshot), absolute(question.path)];
    case 'borg list':
      return [...borg, 'list', '--json', '--format', '{hostname}', repository];
    case 'borg list archive': {
      const { archive, paths = [] } = question;
      const format = ['--json-lines', '--format', '{type}{size}{mtime}{path}'];
      return [...borg, 'list', ...format, archiveIn(repository, archive), ...paths.map((path) => exactly(path, 'pf'))];
    }
    case 'borg extract':
      // With pf: Borg 1.2 says of a file that it gave that its pattern never matched, and ends with 1.
      return [...borg, 'extract', '--stdout', archiveIn(repository, question.archive), exactly(question.path, 'pp')];
  }
}

function snapshotId(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new RangeError('not an id of a snapshot');
  return id;
}

/** A path of a snapshot, which no option looks like. */
function absolute(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new RangeError('not an absolute path');
  return path;
}

function archiveIn(repository: string, archive: string): string {
  if (archive === '' || /[\0/]/.test(archive)) throw new RangeError('not a name of an archive');
  return `${repository}::${archive.replace(/[{}]/g, '$&$&')}`;
}

/**
 * A file of an archive by its whole name, in which no character has a meaning (Borg 1.2 manual, "borg help patterns"):
 * `pf` that path alone, `pp` what lies below it as well.
 */
function exactly(path: string, style: 'pf' | 'pp'): string {
  if (path === '' || path.startsWith('/') || path.includes('\0')) throw new RangeError('not a path in an archive');
  return `${style}:${path}`;
}

/**
 * Asks a program of a vendor and hands on every line of its answer.
 *
 * @throws SourceError where it cannot be started, takes too long or answers too much; and what `signal` was fired with
 */
export function askProgram(run: ProgramRun, onLine: (line: string) => void): Promise<ProgramEnd> {
  return runProgram(run, (output) => eachLine(output, run.question.ask, onLine));
}

/** The SHA-256 of all that a program answers, in hexadecimal; nothing of it is kept. @throws as {@link askProgram} */
export async function digestOfAnswer(run: ProgramRun): Promise<{ readonly end: ProgramEnd; readonly sha256: string }> {
  const hash = createHash('sha256');
  const end = await runProgram(run, async (output) => {
    for await (const chunk of output) hash.update(chunk);
  });
  return { end, sha256: hash.digest('hex') };
}

async function runProgram(
  run: ProgramRun,
  consume: (output: AsyncIterable<Buffer>) => Promise<void>,
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
    await consume(child.stdout);
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
