import { dearmored } from './armor.ts';
import { oneOf } from './listed.ts';

const ARMOR = '-----BEGIN AGE ENCRYPTED FILE-----';
const FIRST_LINE = /^age-encryption\.org\/v\d+$/;
const STANZA = /^-> ([\x21-\x7e]+)(?: ([\x21-\x7e ]+))?$/;
const END = /^--- [A-Za-z0-9+/]{43}$/;
const LONGEST_SHOWN = 64;
/** Stanzas that tell nothing of whom they are for (C2SP age specification, "X25519 recipient stanza"; age 1.3). */
const NAMELESS = new Set(['X25519', 'mlkem768x25519']);

/**
 * To whom a file is encrypted with age, as far as its header tells (age-encryption.org/v1: a line for each recipient up
 * to the line with the MAC). Stanzas of SSH keys begin with a tag, the first four bytes of the SHA-256 of the public key.
 *
 * @param beginning of the file, binary or armored
 */
export function describeAge(beginning: Uint8Array): string {
  const text = Buffer.from(beginning).toString('latin1');
  const header = text.startsWith(ARMOR) ? Buffer.from(dearmored(text)).toString('latin1') : text;
  const [first = '', ...lines] = header.split('\n');
  const end = lines.findIndex((line) => END.test(line));
  const found = (end < 0 ? lines : lines.slice(0, end)).flatMap((line) => {
    const [, kind, rest = ''] = STANZA.exec(line) ?? [];
    return kind === undefined || kind.endsWith('-grease') ? [] : [{ kind, tag: rest.split(' ')[0] ?? '' }];
  });
  if (!FIRST_LINE.test(first) || lines.length === 0) return 'its header is damaged or cut off';
  const whom = recipients(found);
  const cut = end < 0 ? '; its header goes on beyond what was read, or is cut off' : '';
  return whom === '' ? `its header names no recipient${cut}` : `it opens with ${whom}${cut}`;
}

function recipients(stanzas: readonly { readonly kind: string; readonly tag: string }[]): string {
  const passphrase = stanzas.some(({ kind }) => kind === 'scrypt') ? ['a passphrase'] : [];
  const ssh = stanzas
    .filter(({ kind }) => kind.startsWith('ssh-'))
    .map(({ kind, tag }) => `the ${shown(kind)} key whose SHA-256 begins with ${shown(tag)} in base64`);
  const nameless = [...NAMELESS].flatMap((name) => {
    const count = stanzas.filter(({ kind }) => kind === name).length;
    if (count === 0) return [];
    return [
      count === 1
        ? `an ${name} identity that it does not name`
        : `any of ${count} ${name} identities that it does not name`,
    ];
  });
  const others = stanzas
    .filter(({ kind }) => kind !== 'scrypt' && !kind.startsWith('ssh-') && !NAMELESS.has(kind))
    .map(({ kind, tag }) => `an identity of the plug-in kind ${shown(kind)}${tag === '' ? '' : ` (${shown(tag)})`}`);
  return oneOf([...passphrase, ...nameless, ...ssh, ...others]);
}

function shown(text: string): string {
  return text.slice(0, LONGEST_SHOWN);
}
