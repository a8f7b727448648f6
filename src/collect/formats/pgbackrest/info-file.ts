import type { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { decrypted, isSalted } from './cipher.ts';
import { PgBackRestDamage } from './damage.ts';

const HEAD = 16;
/** The first section of every file of the format. */
const BEGINNING = '[backrest]';

/**
 * The text of an info file or manifest, decrypted where it is encrypted.
 *
 * @param what the name of the file, for messages
 * @throws SourceError while iterating: `unauthorized` when it is encrypted and there is no passphrase or another one
 */
export async function* infoFileText(
  chunks: AsyncIterable<Uint8Array>,
  passphrase: Secret | null,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isFirst = true;
  for await (const text of onceEncrypted(chunks, passphrase, what)) {
    // Another passphrase opens a file to noise, or to nothing at all.
    if (isFirst && text.encrypted && !BEGINNING.startsWith(latin1(text.bytes).slice(0, BEGINNING.length))) {
      throw wrongPassphrase(what);
    }
    isFirst &&= text.bytes.length === 0;
    yield text.bytes;
  }
}

/** Whether the bytes that a file begins with are encrypted, for what is told of a file that nobody opens. */
export function looksEncrypted(head: Uint8Array): boolean {
  return isSalted(head);
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly encrypted: boolean;
}

async function* onceEncrypted(
  chunks: AsyncIterable<Uint8Array>,
  passphrase: Secret | null,
  what: string,
): AsyncGenerator<Piece, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    let ended = false;
    while (head.length < HEAD && !ended) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else head = Buffer.concat([head, next.value]);
    }
    const whole = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield head;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    };
    if (!isSalted(head)) {
      for await (const bytes of whole()) yield { bytes, encrypted: false };
      return;
    }
    if (passphrase === null) throw noPassphrase(what);
    yield* opened(decrypted(whole(), passphrase), what);
  } finally {
    await iterator.return?.();
  }
}

async function* opened(text: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Piece, void, undefined> {
  try {
    for await (const bytes of text) yield { bytes, encrypted: true };
  } catch (error) {
    if (!(error instanceof PgBackRestDamage)) throw error;
    throw new PgBackRestDamage(`${what} cannot be decrypted: ${error.message}`, { cause: error });
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 0, BEGINNING.length);
}

function noPassphrase(what: string): SourceError {
  return new SourceError(
    'unauthorized',
    `${what} is encrypted and no passphrase is given`,
    'Refer to the repository passphrase (repo-cipher-pass) in the configuration, or give the output of "pgbackrest info --output=json" in a file.',
  );
}

function wrongPassphrase(what: string): SourceError {
  return new SourceError(
    'unauthorized',
    `${what} is encrypted and does not open with the passphrase that is given`,
    'Check that the passphrase is the repo-cipher-pass of this repository.',
  );
}
