import { SourceError } from '../../model/source-error.ts';
import type { KeyName } from './pkcs11-messages.ts';

/**
 * The key that a keyring's reference names: `id:` and hexadecimal digits for its CKA_ID, `label:` or nothing and a text
 * for its CKA_LABEL. Colons and blanks between the digits are left out, as tools print them.
 *
 * @throws SourceError malformed for an id that is none
 */
export function keyNameOf(keyRef: string): KeyName {
  if (/^id:/i.test(keyRef)) {
    const digits = keyRef.slice(3).replace(/^0x|[\s:]/gi, '');
    if (/^(?:[0-9a-f]{2})+$/i.test(digits)) return { by: 'id', value: digits.toLowerCase() };
    throw new SourceError(
      'malformed',
      'the reference of the key begins with id: and is no id of a PKCS#11 object',
      'Correct the reference in dataset keyrings: id: and an even number of hexadecimal digits, or the label of the key.',
    );
  }
  const label = /^label:/i.test(keyRef) ? keyRef.slice(6) : keyRef;
  if (label !== '') return { by: 'label', value: label };
  throw new SourceError(
    'malformed',
    'the reference of the key names no key',
    'Correct the reference in dataset keyrings: the label of the key, or id: and its id.',
  );
}
