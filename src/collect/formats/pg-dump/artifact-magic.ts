import type { Wrapping } from '../compression/wrapping.ts';
import { wrappingOf } from '../compression/wrappings.ts';
import { isTarHeader, tarMemberName } from './tar-member.ts';

/** How many first bytes {@link recognise} wants. */
export const HEAD_LENGTH = 1024;

/** What of pg_dump a file is; `archive` is the custom format or the `toc.dat` of a directory. */
export type DumpKind = 'archive' | 'tar' | 'plain' | 'plain-cluster';

export type Recognised =
  | { readonly as: DumpKind }
  | { readonly as: 'wrapped'; readonly wrapping: Wrapping }
  | {
      readonly as: 'other';
      readonly kind: 'encrypted' | 'compressed' | 'archive' | 'foreign';
      readonly what: string;
      readonly scheme?: EncryptionScheme;
    };

/** How a file is encrypted. */
export type EncryptionScheme = 'age' | 'openpgp' | 'openssl';

type Other = readonly [bytes: string, kind: 'encrypted' | 'compressed', what: string, scheme?: EncryptionScheme];

/**
 * First bytes in hexadecimal: LZ4 Frame Format 1.6.4, RFC 9580 (OpenPGP; session key packets of both
 * packet formats), APPNOTE 6.3 (zip), 7zFormat.txt (7-Zip), RAR 4 and 5 technical notes, lzop 1.04 (lzop.c), lzip manual
 * ("File format"), compress(1) of ncompress, lzma-file-format.txt (XZ Utils, of the usual properties), age-encryption.org/v1, openssl-enc(1).
 */
const OTHERS: readonly Other[] = [
  ['02214c18', 'compressed', 'an lz4 file in the legacy format, which has no end mark'],
  ['504b0304', 'compressed', 'a zip file'],
  ['377abcaf271c', 'compressed', 'a 7z archive'],
  ['526172211a07', 'compressed', 'a RAR archive'],
  ['894c5a4f000d0a1a0a', 'compressed', 'a file compressed with lzop'],
  ['4c5a4950', 'compressed', 'a file compressed with lzip'],
  ['1f9d', 'compressed', 'a file compressed with compress (.Z)'],
  ['5d0000', 'compressed', 'a file compressed with LZMA alone (.lzma)'],
  [Buffer.from('age-encryption.org/').toString('hex'), 'encrypted', 'a file encrypted with age', 'age'],
  [Buffer.from('-----BEGIN AGE ').toString('hex'), 'encrypted', 'a file encrypted with age', 'age'],
  [Buffer.from('-----BEGIN PGP MESSAGE').toString('hex'), 'encrypted', 'a file encrypted with OpenPGP', 'openpgp'],
  [
    Buffer.from('Salted__').toString('hex'),
    'encrypted',
    'a file encrypted with a passphrase (OpenSSL format)',
    'openssl',
  ],
];
const PLAIN_TITLE = /^--\r?\n-- PostgreSQL database (cluster )?dump\r?\n/;

/** What a file is, by its first bytes. They suffice to say how to read it, never that it is whole. */
export function recognise(head: Uint8Array): Recognised {
  const bytes = Buffer.from(head);
  const latin1 = bytes.toString('latin1');
  if (latin1.startsWith('PGDMP')) return { as: 'archive' };
  const wrapping = wrappingOf(bytes);
  if (wrapping !== null) return { as: 'wrapped', wrapping };
  const title = PLAIN_TITLE.exec(latin1);
  if (title !== null) return { as: title[1] === undefined ? 'plain' : 'plain-cluster' };
  if (isTarHeader(bytes)) {
    if (tarMemberName(bytes) === 'toc.dat') return { as: 'tar' };
    // Any file may be in it, dumps included: it is as closed as a zip file.
    return { as: 'other', kind: 'archive', what: 'a tar archive that pg_dump did not write' };
  }
  const hex = bytes.toString('hex', 0, 32);
  const other = OTHERS.find(([start]) => hex.startsWith(start));
  if (other !== undefined) {
    const [, kind, what, scheme] = other;
    return { as: 'other', kind, what, ...(scheme === undefined ? {} : { scheme }) };
  }
  if (isSessionKeyPacket(bytes)) {
    return { as: 'other', kind: 'encrypted', what: 'a file encrypted with OpenPGP', scheme: 'openpgp' };
  }
  if (bytes.length < 5)
    return { as: 'other', kind: 'foreign', what: `a file of ${bytes.length} bytes, too short to be a dump` };
  return { as: 'other', kind: 'foreign', what: 'a file in no format of pg_dump' };
}

/** An OpenPGP message begins with a session key packet: tag 1 of version 3 or 6, or tag 3 of version 4, 5 or 6. */
function isSessionKeyPacket(bytes: Buffer): boolean {
  const first = bytes[0] ?? 0;
  const old = (first & 0xc0) === 0x80;
  const tag = old ? (first & 0x3c) >> 2 : first & 0x3f;
  if (first < 0x80 || (tag !== 1 && tag !== 3)) return false;
  const lengthBytes = old ? ([1, 2, 4][first & 3] ?? 0) : (bytes[1] ?? 0) < 192 ? 1 : 2;
  const version = bytes[1 + lengthBytes] ?? 0;
  return tag === 1 ? version === 3 || version === 6 : version >= 4 && version <= 6;
}
