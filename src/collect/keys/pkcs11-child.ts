import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { SECOND } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { interruption } from '../guard/interruption.ts';
import { pkcs11Error } from './pkcs11-error.ts';
import { type Pkcs11Question, sentAnswerSchema } from './pkcs11-messages.ts';

export interface Pkcs11ChildOptions {
  /** What is asked, safe to print. */
  readonly locator: string;
  /** What the vendor's module finds its own configuration by; nothing else of the audit's environment is handed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** For one question. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  /** What the process runs. */
  readonly program?: string;
}

/** A process of its own that holds a vendor's module. It is started by the first question and ended by {@link end}. */
export interface Pkcs11Child {
  /** Whether it ended, or was ended, for whatever reason. */
  readonly isGone: boolean;
  /**
   * One question at a time; the caller waits for the answer before it asks again.
   * @throws SourceError; `timeout` and what ended the process mean that it is gone
   */
  ask<T>(question: Pkcs11Question, schema: z.ZodType<T>): Promise<T>;
  /** Lets the module log out, and ends the process; at once where a question is open. */
  end(): void;
}

const PROGRAM = fileURLToPath(new URL(`./pkcs11-process${extname(import.meta.url)}`, import.meta.url));
/** How long logging out may take at the end. */
const FAREWELL_MILLIS = 2 * SECOND;

export function startPkcs11Child(options: Pkcs11ChildOptions): Pkcs11Child {
  const { locator, timeoutMillis, signal } = options;
  signal.throwIfAborted();
  // Nothing that the audit was started with is handed on: neither options of Node.js nor secrets in the environment.
  const child = fork(options.program ?? PROGRAM, [], {
    execArgv: [],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.environment },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A group of its own, so that what the module starts can be ended with it.
    detached: true,
  });
  let isGone = false;
  let isAsked = false;
  let number = 0;
  const kill = (): void => {
    isGone = true;
    leave(child);
    // It may be beyond any signal until its device answers, so nobody waits for its end.
    child.unref();
  };
  child.once('exit', () => {
    isGone = true;
    signal.removeEventListener('abort', kill);
    leave(child);
  });
  // What goes wrong is told to whoever asks; between questions nobody waits for it.
  child.on('error', () => undefined);
  signal.addEventListener('abort', kill, { once: true });

  return {
    get isGone() {
      return isGone;
    },
    async ask(question, schema) {
      number += 1;
      isAsked = true;
      try {
        return await answerOf(child, { number, question }, schema, { locator, timeoutMillis });
      } catch (error) {
        if (signal.aborted) throw interruption(signal, locator);
        if (error instanceof Lost) {
          kill();
          throw error.why;
        }
        throw error;
      } finally {
        isAsked = false;
      }
    },
    end() {
      if (isGone) return;
      if (isAsked || !child.connected) {
        kill();
        return;
      }
      isGone = true;
      const timer = setTimeout(kill, FAREWELL_MILLIS);
      child.once('exit', () => clearTimeout(timer));
      child.send({ number: 0, question: { ask: 'end' } satisfies Pkcs11Question }, () => undefined);
    },
  };
}

/** Ends it with whatever the module started: a helper of a client holds the channel open, and with it the audit. */
function leave(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of them ended by themselves, or this system knows no groups.
    child.kill('SIGKILL');
  }
}

/** The process has to go: nothing that it says from now on would be an answer. */
class Lost extends Error {
  readonly why: SourceError;

  constructor(why: SourceError) {
    super(why.message);
    this.why = why;
  }
}

function answerOf<T>(
  child: ChildProcess,
  sent: { readonly number: number; readonly question: Pkcs11Question },
  schema: z.ZodType<T>,
  { locator, timeoutMillis }: Pick<Pkcs11ChildOptions, 'locator' | 'timeoutMillis'>,
): Promise<T> {
  const { ask } = sent.question;
  return new Promise<T>((resolve, reject) => {
    const finish = (conclude: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onError);
      conclude();
    };
    const lose = (why: SourceError) => finish(() => reject(new Lost(why)));
    const onMessage = (message: unknown): void => {
      const parsed = sentAnswerSchema.safeParse(message);
      if (!parsed.success || parsed.data.number !== sent.number) {
        lose(malformed(locator, ask));
        return;
      }
      const { data } = parsed;
      if ('failure' in data) {
        finish(() => reject(pkcs11Error(locator, data.failure)));
        return;
      }
      const answer = schema.safeParse(data.answer);
      if (answer.success) finish(() => resolve(answer.data));
      else lose(malformed(locator, ask));
    };
    const onExit = (code: number | null, by: string | null): void => lose(crashed(locator, ask, by ?? `code ${code}`));
    const onError = (error: Error): void => lose(notStarted(locator, error));
    const timer = setTimeout(() => lose(hung(locator, ask, timeoutMillis)), timeoutMillis);
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.once('error', onError);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.send(sent, (error) => error !== null && child.exitCode === null && !child.connected && onError(error));
  });
}

/** What the module was doing, for a sentence. */
const DOING: Readonly<Record<Pkcs11Question['ask'], string>> = {
  open: 'looking for the token',
  login: 'logging in',
  token: 'telling of the token',
  keys: 'looking for a key',
  names: 'listing its keys',
  prove: 'unwrapping a sample',
  end: 'logging out',
};

function crashed(locator: string, ask: Pkcs11Question['ask'], how: string): SourceError {
  return new SourceError(
    'unreachable',
    `${locator}: the module ended the process that asked it, ${DOING[ask]} (${how})`,
    'Try the module with pkcs11-tool --module MODULE --list-slots on this machine, and tell its maker; check its version and configuration.',
  );
}

function hung(locator: string, ask: Pkcs11Question['ask'], timeoutMillis: number): SourceError {
  return new SourceError(
    'timeout',
    `${locator}: the module did not answer within ${Math.round(timeoutMillis / 100) / 10} s, ${DOING[ask]}`,
    'Check that this machine reaches the HSM, or raise collect.requestTimeoutSeconds.',
  );
}

function malformed(locator: string, ask: Pkcs11Question['ask']): SourceError {
  return new SourceError(
    'malformed',
    `${locator}: what the process with the module sent is no answer, ${DOING[ask]}`,
    'Check that module names the PKCS#11 module of the maker of the HSM, and its version.',
  );
}

function notStarted(locator: string, error: Error): SourceError {
  const code = 'code' in error ? String(error.code) : error.name;
  return new SourceError(
    'unreachable',
    `${locator}: the process for the module could not be started (${code})`,
    'Look whether the user of the audit may start processes and has memory for one more.',
  );
}
