import type { Facts } from '../../model/facts.ts';
import { DAY, type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { KeyName, ObjectReading, TokenReading } from './pkcs11-messages.ts';

/** What a token shows under the name of a key. */
export type FoundKey =
  | { readonly is: 'missing' }
  /** Objects bear the name, such as a public key or a certificate, and none of them could open anything. */
  | { readonly is: 'no-key'; readonly object: ObjectReading }
  | { readonly is: 'key'; readonly object: ObjectReading };

/** CKO_… of PKCS #11 2.40: what can unwrap. */
const CLASSES: Readonly<Record<number, string>> = {
  0: 'data',
  1: 'certificate',
  2: 'public key',
  3: 'private key',
  4: 'secret key',
};
const OPENS: ReadonlySet<number> = new Set([3, 4]);
/** CKK_… of the same specification. */
const KEY_TYPES: Readonly<Record<number, string>> = {
  0: 'RSA',
  3: 'EC',
  16: 'generic secret',
  19: 'DES2',
  21: 'DES3',
  31: 'AES',
  37: 'Camellia',
  39: 'SEED',
};

/**
 * The one key among the objects that bear its name.
 * @throws SourceError malformed where several keys bear it, as nothing tells which of them is used
 */
export function keyAmong(objects: readonly ObjectReading[], name: KeyName, locator: string): FoundKey {
  const keys = objects.filter(({ objectClass }) => OPENS.has(objectClass));
  const [object] = keys;
  if (object !== undefined && keys.length === 1) return { is: 'key', object };
  if (object !== undefined) {
    const ids = keys.map(({ id }) => (id === null ? 'without an id' : `id ${id}`)).join(', ');
    throw new SourceError(
      'malformed',
      `${locator}: ${keys.length} keys bear the same ${name.by} (${ids}), and nothing tells which of them is used`,
      'Give each key an id of its own, and name it by id:HEX in the reference of the keyring.',
    );
  }
  const [other] = objects;
  return other === undefined ? { is: 'missing' } : { is: 'no-key', object: other };
}

/** PKCS#11 keeps no versions and no time of creation; its dates are days, taken in UTC, of which the last still counts. */
export function pkcs11KeyState(found: FoundKey, token: TokenReading): Facts['key-state'] {
  const unknown = {
    latestVersion: null,
    minDecryptionVersion: null,
    minAvailableVersion: null,
    versions: null,
    createdAt: null,
    deletionDate: null,
  };
  if (found.is === 'missing') {
    return { ...unknown, state: 'missing', identity: null, expiresAt: null, origin: null, canDecrypt: false };
  }
  const { object } = found;
  const { expiresAt, startsAt } = datesOf(object);
  return {
    ...unknown,
    state: 'enabled',
    identity: identityOf(object, token),
    expiresAt,
    origin: object.local === null ? null : object.local ? 'made in the token' : 'imported',
    canDecrypt: found.is === 'key' ? mayOpen(object) : false,
    attributes: {
      class: CLASSES[object.objectClass] ?? `class ${object.objectClass}`,
      keyType: keyTypeText(object),
      label: object.label,
      id: object.id,
      checkValue: object.checkValue,
      startsAt,
      sensitive: object.sensitive,
      extractable: object.extractable,
      neverExtractable: object.neverExtractable,
      modifiable: object.modifiable,
    },
  };
}

/** Whether a key may open what it wrapped; null where the token does not tell. */
export function mayOpen({ decrypt, unwrap }: ObjectReading): boolean | null {
  if (decrypt === true || unwrap === true) return true;
  return decrypt === null || unwrap === null ? null : false;
}

export function keyTypeText({ keyType, valueBytes }: ObjectReading): string | null {
  if (keyType === null) return null;
  const name = KEY_TYPES[keyType] ?? `key type ${keyType}`;
  return valueBytes === null ? name : `${name}, ${valueBytes * 8} bits`;
}

/**
 * The key whatever name it was asked by, in the manner of RFC 7512. By its id, or where it has none by its label; and by
 * its check value, as ids are given by hand and one may have been given twice.
 */
function identityOf({ id, label, checkValue }: ObjectReading, { serial }: TokenReading): string {
  const own = id === null ? `object=${encodeURIComponent(label ?? '')}` : `id=${id.replace(/../g, '%$&')}`;
  const check = checkValue === null ? '' : `;x-check-value=${checkValue}`;
  return `pkcs11:serial=${encodeURIComponent(serial)};${own}${check}`;
}

/** From when on a key may be used, and until when: its last day still counts. */
export function datesOf({ startDate, endDate }: ObjectReading): {
  readonly startsAt: Instant | null;
  readonly expiresAt: Instant | null;
} {
  const ends = dayOf(endDate);
  return { startsAt: dayOf(startDate), expiresAt: ends === null ? null : toInstant(Date.parse(ends) + DAY) };
}

/** The beginning of a day as the token keeps it (`YYYYMMDD`); null for none. */
function dayOf(text: string | null): Instant | null {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(text ?? '') ?? [];
  const millis = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(millis) ? null : toInstant(millis);
}
