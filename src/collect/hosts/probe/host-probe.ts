import { type ChildProcess, fork } from 'node:child_process';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MINUTE, SECOND } from '../../../model/instant.ts';
import { SourceError } from '../../../model/source-error.ts';
import { interruption } from '../../guard/interruption.ts';
import { fileError } from '../../trees/file-error.ts';
import { absentMountAbove, isAtOrBelow, missingMounts, mountPointOf } from '../mounted-on.ts';
import { MountError, notMounted } from './mount-error.ts';
import { NO_CERTIFICATE, type ProbeAnswers, type ProbeMessage, type ProbeTask } from './probe-messages.ts';

/**
 * Looks at files of this host in a process of its own. A share that hangs keeps whoever looks at it waiting for ever,
 * and no thread that waits for it can be ended, nor the process that the thread is in; another process can be left
 * behind. So one such share costs one blind spot, and the run goes on.
 */
export interface HostProbe {
  /** @throws SourceError where there is no answer, and where `signal` fires */
  ask<T extends ProbeTask>(task: T, signal: AbortSignal): Promise<ProbeAnswers[T['ask']]>;
  /** Ends the process, if there is one. */
  close(): void;
}

export interface HostProbeOptions {
  /** What the process runs. */
  readonly program?: URL;
  /** How long it may say nothing, in milliseconds. */
  readonly silence?: number;
  /** How long one answer may take, in milliseconds, however much it says meanwhile. */
  readonly longest?: number;
}

interface Waiting {
  readonly take: (message: ProbeMessage) => void;
  readonly lose: (why: string) => void;
}

/** How long the table of mounts counts, in milliseconds. */
const MOUNTS_LAST = SECOND;

const PROGRAM = new URL(`./probe-program${extname(import.meta.url)}`, import.meta.url);

export function createHostProbe({
  program = PROGRAM,
  silence = 30 * SECOND,
  longest = 15 * MINUTE,
}: HostProbeOptions = {}): HostProbe {
  /** Mount points and directories whose file system did not answer: they are not asked again. */
  const hanging = new Set<string>();
  let child: ChildProcess | null = null;
  let waiting: Waiting | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let missing: readonly string[] = [];
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** A hundred thousand stores are asked about in one minute, and mounts change less often. */
  const missingAbove = (path: string): string | undefined => {
    if (performance.now() - lookedAt > MOUNTS_LAST) {
      missing = missingMounts();
      lookedAt = performance.now();
    }
    return missing.find((point) => isAtOrBelow(path, point));
  };

  const leave = (): void => {
    const left = child;
    child = null;
    if (left === null) return;
    // It may be beyond any signal until the share answers, so nobody waits for its end.
    left.kill('SIGKILL');
    left.stdin?.destroy();
    left.stdout?.destroy();
    if (left.connected) left.disconnect();
    left.unref();
  };

  const start = (): ChildProcess => {
    // Neither what this process was started with nor its environment, which may hold secrets, is its business. It is
    // asked over its input and not over the channel, as it waits for the system all the time.
    const started = fork(fileURLToPath(program), [], {
      execArgv: [],
      env: {},
      stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    });
    started.unref();
    started.channel?.unref();
    for (const stream of [started.stdin, started.stdout]) unrefStream(stream);
    let begun = '';
    started.stdout?.setEncoding('utf8').on('data', (text: string) => {
      begun += text;
      for (let end = begun.indexOf('\n'); end >= 0; end = begun.indexOf('\n')) {
        const line = begun.slice(0, end);
        begun = begun.slice(end + 1);
        if (started === child) waiting?.take(JSON.parse(line) as ProbeMessage);
      }
    });
    // Said by its end as well.
    started.stdin?.on('error', () => undefined);
    started.once('error', (error) => {
      if (started === child) waiting?.lose('code' in error ? String(error.code) : error.name);
    });
    started.once('exit', (code, signal) => {
      if (started === child) waiting?.lose(signal ?? `exit code ${code}`);
    });
    return started;
  };

  const exchange = (task: ProbeTask, signal: AbortSignal): Promise<Exclude<ProbeMessage, { readonly alive: true }>> =>
    new Promise((resolve, reject) => {
      child ??= start();
      let quiet: NodeJS.Timeout;
      const settle = (): void => {
        clearTimeout(quiet);
        clearTimeout(late);
        signal.removeEventListener('abort', abort);
        waiting = null;
      };
      const giveUp = (error: SourceError): void => {
        settle();
        leave();
        reject(error);
      };
      const hangs = (): void => {
        for (const place of placesOf(targetOf(task))) hanging.add(place);
        giveUp(noAnswer(task.path));
      };
      const abort = (): void => giveUp(interruption(signal, JSON.stringify(task.path)));
      const late = setTimeout(() => giveUp(tooLong(task.path)), longest);
      const listen = (): void => {
        clearTimeout(quiet);
        quiet = setTimeout(hangs, silence);
      };
      listen();
      signal.addEventListener('abort', abort, { once: true });
      waiting = {
        take: (message) => {
          if ('alive' in message) {
            listen();
            return;
          }
          settle();
          resolve(message);
        },
        lose: (why) => giveUp(ended(task.path, why)),
      };
      child.stdin?.write(`${JSON.stringify(task)}\n`);
    });

  const answer = async <T extends ProbeTask>(task: T, signal: AbortSignal): Promise<ProbeAnswers[T['ask']]> => {
    if (signal.aborted) throw interruption(signal, JSON.stringify(task.path));
    const target = targetOf(task);
    if (hanging.size > 0 && placesOf(target).some((place) => hanging.has(place))) throw noAnswer(task.path);
    const point = missingAbove(target);
    if (point !== undefined && task.ask !== 'attachment' && task.ask !== 'place')
      throw notMounted(task.path, point, '/etc/fstab');
    const message = await exchange(task, signal);
    if ('unlisted' in message) {
      const { reason, detail, remedy } = message.unlisted;
      throw new SourceError(reason, detail, remedy);
    }
    if ('failure' in message) throw failureOf(message.failure.code, task.path);
    const found = message.answer;
    // The system may be told to mount there on demand, or by hand: what is not empty may still be what is meant.
    if (task.ask === 'directory' && typeof found === 'object' && found !== null && 'empty' in found && found.empty) {
      const absent = absentMountAbove(task.path);
      if (absent !== null) throw notMounted(task.path, absent.point, absent.statedIn);
    }
    return found as ProbeAnswers[T['ask']];
  };

  return {
    ask(task, signal) {
      const own = turn.then(() => answer(task, signal));
      turn = own.catch(() => undefined);
      return own;
    },
    close: leave,
  };
}

/** What is looked at, which another file system may be mounted above than above the store. */
function targetOf(task: ProbeTask): string {
  return 'steps' in task ? join(task.path, ...task.steps) : task.path;
}

/** Of what lies on `/` only the directory tells which other paths would hang too. */
function placesOf(path: string): readonly string[] {
  const point = mountPointOf(path);
  return point === null || point === '/' ? [dirname(path)] : [point, dirname(path)];
}

/** The types of streams do not tell that those of a process are sockets. */
function unrefStream(stream: object | null): void {
  if (stream !== null && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

function failureOf(code: string, path: string): SourceError {
  const place = JSON.stringify(path);
  if (code === 'CHANGING') {
    const remedy = 'Run the audit when less is written there; the file is read again in the next run.';
    return new SourceError('malformed', `a file below ${place} was another at each of three readings`, remedy);
  }
  if (code === 'TOO_MANY') {
    const remedy = 'Name the directory that holds the state alone (install.stateDirectory).';
    return new SourceError('unsupported', `${place} holds more files than a state directory has`, remedy);
  }
  if (code === NO_CERTIFICATE) {
    const remedy = 'Name the file with the certificate in PEM, as the server is given it (install.addresses).';
    return new SourceError('unsupported', `${place} holds no certificate in PEM that can be read`, remedy);
  }
  return fileError(Object.assign(new Error(code), { code }), path);
}

function noAnswer(path: string): SourceError {
  return new MountError(
    'timeout',
    `the file system did not answer about ${JSON.stringify(path)} in time`,
    'Check whether the share that is mounted there hangs.',
  );
}

function tooLong(path: string): SourceError {
  return new SourceError(
    'timeout',
    `reading ${JSON.stringify(path)} took longer than allowed`,
    'Check what is stored there, and how fast the disk or share is.',
  );
}

function ended(path: string, why: string): SourceError {
  return new SourceError(
    'unsupported',
    `the process that looked at ${JSON.stringify(path)} ended (${why})`,
    'Give the audit more memory, and report it to the makers of this program: no directory may do that.',
  );
}

/** The process of this run: started when something is looked at, it keeps nobody waiting at the end. */
export const hostProbe: HostProbe = createHostProbe();
