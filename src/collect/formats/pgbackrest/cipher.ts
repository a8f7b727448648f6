import { createDecipheriv, createHash, type Decipheriv } from 'node:crypto';
import type { Secret } from '../../../model/secret.ts';
import { PgBackRestDamage } from './damage.ts';

/** What every encrypted file begins with; eight bytes of salt follow. */
const SALTED = Buffer.from('Salted__', 'latin1');
const SALT_BYTES = 8;
const HEADER_BYTES = SALTED.length + SALT_BYTES;
const KEY_BYTES = 32;
const VECTOR_BYTES = 16;

/** Whether bytes that a file begins with are those of an encrypted one. */
export function isSalted(head: Uint8Array): boolean {
  return head.length >= SALTED.length && SALTED.equals(head.subarray(0, SALTED.length));
}

/**
 * The content of a file encrypted with `repo-cipher-type=aes-256-cbc`: the layout of `openssl enc`, key and vector by
 * EVP_BytesToKey with SHA-1 and one round (OpenSSL manual, EVP_BytesToKey(3); the digest found by opening files that
 * pgBackRest 2.45 wrote, which neither MD5 nor SHA-256 opens).
 *
 * @throws PgBackRestDamage while iterating, when the bytes do not open with the passphrase or are cut off
 */
export async function* decrypted(
  chunks: AsyncIterable<Uint8Array>,
  passphrase: Secret,
): AsyncGenerator<Uint8Array, void, undefined> {
  let head = Buffer.alloc(0);
  let decipher: Decipheriv | null = null;
  for await (const chunk of chunks) {
    if (decipher !== null) {
      yield decipher.update(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEADER_BYTES) continue;
    decipher = decipherOf(head, passphrase);
    yield decipher.update(head.subarray(HEADER_BYTES));
  }
  if (decipher === null) throw new PgBackRestDamage('it is cut off before its first encrypted byte');
  let last: Uint8Array;
  try {
    last = decipher.final();
  } catch (error) {
    throw new PgBackRestDamage('it is cut off, damaged, or encrypted with another passphrase', { cause: error });
  }
  yield last;
}

function decipherOf(head: Uint8Array, passphrase: Secret): Decipheriv {
  if (!isSalted(head)) throw new PgBackRestDamage('it is not encrypted, unlike the repository it lies in');
  const salt = head.subarray(SALTED.length, HEADER_BYTES);
  let derived = Buffer.alloc(0);
  let digest = Buffer.alloc(0);
  while (derived.length < KEY_BYTES + VECTOR_BYTES) {
    digest = createHash('sha1').update(digest).update(passphrase.reveal(), 'utf8').update(salt).digest();
    derived = Buffer.concat([derived, digest]);
  }
  const vector = derived.subarray(KEY_BYTES, KEY_BYTES + VECTOR_BYTES);
  return createDecipheriv('aes-256-cbc', derived.subarray(0, KEY_BYTES), vector);
}
