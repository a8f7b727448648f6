import { access, constants } from 'node:fs/promises';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { createLimiter, type Limiter } from '../concurrency.ts';
import { type Pkcs11Child, startPkcs11Child } from './pkcs11-child.ts';
import { logInOnce } from './pkcs11-login.ts';
import {
  type KeyName,
  keyNamesSchema,
  type ObjectReading,
  type OpenedSample,
  objectReadingsSchema,
  openedSampleSchema,
  type Pkcs11Question,
  type SampleToOpen,
  type TokenName,
  type TokenReading,
  tokenReadingSchema,
} from './pkcs11-messages.ts';

/** How a token is reached, and which one is meant. */
export interface Pkcs11Access {
  /** Absolute path of the vendor's module. */
  readonly module: string;
  readonly token: TokenName;
  readonly pin: Secret;
  readonly environment: Readonly<Record<string, string>>;
  /** For one question. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
  /** Whether samples may be unwrapped. Default: no. */
  readonly prove?: boolean;
}

/** A token that is asked through its vendor's module, in a process of its own. All methods reject with SourceError. */
export interface Pkcs11Token {
  /** Safe to print. */
  readonly locator: string;
  /** What it says of itself. A token that was never initialized answers too. */
  reading(): Promise<TokenReading>;
  /** Every object that bears the name; none is an answer. */
  objects(name: KeyName): Promise<readonly ObjectReading[]>;
  /** Of every key its label, and `id:` with its id. */
  names(): Promise<readonly string[]>;
  /** Opens a sample with the key of a name, and keeps nothing of it. */
  open(name: KeyName, sample: SampleToOpen): Promise<OpenedSample>;
  close(): void;
}

/**
 * How often the module's process is started again after a key that it hung or crashed on: the next key may be of another
 * organization, which has nothing to do with that one.
 */
const MOST_STARTS = 4;
/**
 * How many samples it may hang or crash on before no more are tried. They count apart: what was asked for besides must
 * not cost what is known of the keys.
 */
const MOST_LOST_PROOFS = 2;
/**
 * By the path of a module: its tokens are opened one after the other. A module may write down each login beside its
 * tokens, as SoftHSM does, and one that starts in that moment does not see the token.
 */
const openingOf = new Map<string, Limiter>();

function openingInTurn(module: string): Limiter {
  const known = openingOf.get(module) ?? createLimiter(1);
  openingOf.set(module, known);
  return known;
}

export function pkcs11Token(options: Pkcs11Access): Pkcs11Token {
  const locator = `PKCS#11 token ${tokenText(options.token)}`;
  const oneAtATime = createLimiter(1);
  let child: Pkcs11Child | null = null;
  let starts = 0;
  let lostProofs = 0;
  let isInitialized = true;
  /** Why it is not asked any more. */
  let gone: unknown = null;
  /** Why it is given no more samples. */
  let noMoreProofs: unknown = null;

  const start = async (): Promise<Pkcs11Child> => {
    await mayBeLoaded(options.module, locator);
    const { environment, timeoutMillis, signal } = options;
    return startPkcs11Child({ locator, environment, timeoutMillis, signal });
  };
  /** The process with its module loaded and the user logged in. */
  const opened = async (): Promise<Pkcs11Child> => {
    if (gone !== null) throw gone;
    if (child !== null && !child.isGone) return child;
    return await openingInTurn(options.module)(open);
  };
  /** A failure of this is final: nothing is tried twice. */
  const open = async (): Promise<Pkcs11Child> => {
    let started: Pkcs11Child | null = null;
    try {
      started = await start();
      starts += 1;
      const { module, token, prove = false } = options;
      const before = await started.ask({ ask: 'open', module, token, prove }, tokenReadingSchema);
      isInitialized = before.initialized;
      if (isInitialized) await logIn(started, before);
      // It may have been closed meanwhile.
      if (gone !== null) throw gone;
    } catch (error) {
      started?.end();
      gone = error;
      throw error;
    }
    child = started;
    return started;
  };
  const logIn = (on: Pkcs11Child, before: TokenReading) =>
    logInOnce(locator, before, options.pin, () =>
      on.ask({ ask: 'login', pin: options.pin.reveal() } satisfies Pkcs11Question, tokenReadingSchema),
    );
  const ask = <T>(work: (on: Pkcs11Child) => Promise<T>): Promise<T> =>
    oneAtATime(async () => {
      const on = await opened();
      try {
        return await work(on);
      } catch (error) {
        if (on.isGone && starts - lostProofs >= MOST_STARTS) gone = error;
        throw error;
      }
    });
  const reading = () => ask((on) => on.ask({ ask: 'token' }, tokenReadingSchema));

  return {
    locator,
    reading,
    objects: (name) =>
      ask(async (on) => {
        if (!isInitialized) throw neverInitialized(locator);
        return await on.ask({ ask: 'keys', name }, objectReadingsSchema);
      }),
    names: () =>
      ask(async (on) => {
        if (!isInitialized) throw neverInitialized(locator);
        return await on.ask({ ask: 'names' }, keyNamesSchema);
      }),
    open: (name, sample) =>
      ask(async (on) => {
        if (noMoreProofs !== null) throw noMoreProofs;
        if (!isInitialized) throw neverInitialized(locator);
        try {
          return await on.ask({ ask: 'prove', name, sample }, openedSampleSchema);
        } catch (error) {
          if (on.isGone) lostProofs += 1;
          if (on.isGone && lostProofs >= MOST_LOST_PROOFS) noMoreProofs = error;
          throw error;
        }
      }),
    close() {
      gone ??= new SourceError('not-asked', `${locator}: it was closed`, 'Run the audit again.');
      child?.end();
    },
  };
}

function tokenText({ label, serial }: TokenName): string {
  const texts = [...(label === null ? [] : [JSON.stringify(label)]), ...(serial === null ? [] : [`serial ${serial}`])];
  return texts.join(', ');
}

/** Its absence is told here: the loader of the system has its own, unclear words. */
async function mayBeLoaded(module: string, locator: string): Promise<void> {
  try {
    await access(module, constants.R_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new SourceError(
      'unreachable',
      `${locator}: its module ${module} cannot be read (${code})`,
      'Install the PKCS#11 module of the maker of the HSM on the machine that collects, and name it as module under providers.',
    );
  }
}

export function neverInitialized(locator: string): SourceError {
  return new SourceError(
    'unreachable',
    `${locator}: it was never initialized, so it shows no keys`,
    'Check that the token is the one that holds the keys.',
  );
}
