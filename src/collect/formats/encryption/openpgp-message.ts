import { dearmored } from './armor.ts';
import { counted, oneOf } from './listed.ts';
import { type Packet, packetsOf } from './openpgp-packets.ts';

const ARMOR = '-----BEGIN PGP MESSAGE';
const TAG = {
  publicKeySession: 1,
  passphraseSession: 3,
  unprotected: 9,
  marker: 10,
  protected: 18,
  gnupgAead: 20,
} as const;
const V3_KEY_ID = { start: 1, end: 9 } as const;

interface Recipients {
  /** Of public keys: ids of 8 bytes, or fingerprints. */
  readonly keys: string[];
  hidden: number;
  passphrases: number;
}

/**
 * To whom a message is encrypted and whether an alteration of it would be noticed (RFC 9580 sections 5.1, 5.3, 5.7, 5.13;
 * packet 20 is GnuPG's, draft-koch-librepgp). A key id may be left out (`--hidden-recipient`).
 *
 * @param beginning of the file, binary or armored
 */
export function describeOpenPgp(beginning: Uint8Array): string {
  const text = Buffer.from(beginning.subarray(0, ARMOR.length)).toString('latin1');
  const bytes = text === ARMOR ? dearmored(Buffer.from(beginning).toString('latin1')) : beginning;
  const found: Recipients = { keys: [], hidden: 0, passphrases: 0 };
  let protection: string | null = null;
  for (const packet of packetsOf(bytes)) {
    if (packet === null) break;
    if (isEncryptedData(packet.tag)) {
      protection = protectionOf(packet);
      break;
    }
    if (!note(packet, found)) break;
  }
  const whom = opening(found);
  const rest = protection ?? 'its encrypted data do not follow in what was read: it has more recipients, or is damaged';
  return `${whom === '' ? 'it names no recipient' : `it opens with ${whom}`}; ${rest}`;
}

function isEncryptedData(tag: number): boolean {
  return tag === TAG.unprotected || tag === TAG.protected || tag === TAG.gnupgAead;
}

/** Takes in a session key; false where the packet is none, or cut off. */
function note({ tag, body, isWhole }: Packet, found: Recipients): boolean {
  if (!isWhole) return false;
  if (tag === TAG.marker) return true;
  if (tag === TAG.passphraseSession) {
    found.passphrases += 1;
    return true;
  }
  if (tag !== TAG.publicKeySession) return false;
  const id = body[0] === 3 ? body.subarray(V3_KEY_ID.start, V3_KEY_ID.end) : body.subarray(3, 2 + (body[1] ?? 0));
  const isHidden = id.every((byte) => byte === 0);
  if (isHidden) found.hidden += 1;
  else found.keys.push(Buffer.from(id).toString('hex').toUpperCase());
  return true;
}

function opening({ keys, hidden, passphrases }: Recipients): string {
  return oneOf([
    ...keys.map((key) => `the ${key.length === 16 ? 'key' : 'key with fingerprint'} ${key}`),
    ...(hidden === 0 ? [] : [`${counted(hidden, 'key')} whose id is left out`]),
    ...(passphrases === 0 ? [] : [passphrases === 1 ? 'a passphrase' : `any of ${passphrases} passphrases`]),
  ]);
}

function protectionOf({ tag, body }: Packet): string {
  if (tag === TAG.unprotected)
    return 'its data carry no protection of their integrity, so that an alteration goes unnoticed';
  if (tag === TAG.protected && body[0] === 1)
    return 'its data carry a code that shows alterations when they are decrypted';
  return 'its data are authenticated, which shows alterations when they are decrypted';
}
