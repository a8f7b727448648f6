import { createPrivateKey } from 'node:crypto';
import { text } from 'node:stream/consumers';
import pkcs11js from 'pkcs11js';

/*
 * node test/services/seed-token.ts < change.json: adds keys to a token and removes others, as its administrator. The
 * module's own configuration is in the environment.
 */

/** An AES key of 256 bits, unless it says otherwise. What its value is known of wraps outside of the token, too. */
export interface SeededKey {
  readonly label: string;
  /** Hexadecimal digits; none: the key has no id. */
  readonly id?: string;
  /** Hexadecimal digits: the same ones make the same key on two tokens. Default: made in the token. */
  readonly value?: string;
  /** `YYYYMMDD` */
  readonly startDate?: string;
  readonly endDate?: string;
  /** Whether it may decrypt and unwrap, or one of them alone. Default: both. */
  readonly opens?: boolean | 'unwrap' | 'decrypt';
  /** A private key of RSA, as PKCS#8 in hexadecimal digits, in place of an AES key. */
  readonly rsa?: string;
  /** An object that is no key at all. */
  readonly isData?: boolean;
}

export interface TokenChange {
  readonly module: string;
  /** Label of the token. */
  readonly token: string;
  readonly pin: string;
  readonly add?: readonly SeededKey[];
  /** Labels of the keys to remove. */
  readonly remove?: readonly string[];
}

const RW_SESSION = pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION;

function attributesOf(key: SeededKey): pkcs11js.Template {
  const named = [
    { type: pkcs11js.CKA_TOKEN, value: true },
    // SoftHSM 2.6.1 cannot read the dates of a private object back: it decrypts what it never encrypted.
    { type: pkcs11js.CKA_PRIVATE, value: key.startDate === undefined && key.endDate === undefined },
    { type: pkcs11js.CKA_LABEL, value: key.label },
  ];
  if (key.isData === true) {
    return [
      ...named,
      { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_DATA },
      { type: pkcs11js.CKA_VALUE, value: 'data' },
    ];
  }
  const opens = key.opens ?? true;
  const day = (type: number, date: string | undefined) =>
    date === undefined ? [] : [{ type, value: Buffer.from(date, 'latin1') }];
  if (key.rsa !== undefined) return [...named, ...rsaAttributes(key.rsa, opens), ...idOf(key)];
  return [
    ...named,
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_AES },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_ENCRYPT, value: true },
    { type: pkcs11js.CKA_WRAP, value: true },
    { type: pkcs11js.CKA_DECRYPT, value: opens === true || opens === 'decrypt' },
    { type: pkcs11js.CKA_UNWRAP, value: opens === true || opens === 'unwrap' },
    ...idOf(key),
    ...day(pkcs11js.CKA_START_DATE, key.startDate),
    ...day(pkcs11js.CKA_END_DATE, key.endDate),
    key.value === undefined
      ? { type: pkcs11js.CKA_VALUE_LEN, value: 32 }
      : { type: pkcs11js.CKA_VALUE, value: Buffer.from(key.value, 'hex') },
  ];
}

function idOf({ id }: SeededKey): pkcs11js.Template {
  return id === undefined ? [] : [{ type: pkcs11js.CKA_ID, value: Buffer.from(id, 'hex') }];
}

function rsaAttributes(pkcs8: string, opens: NonNullable<SeededKey['opens']>): pkcs11js.Template {
  const key = createPrivateKey({ key: Buffer.from(pkcs8, 'hex'), format: 'der', type: 'pkcs8' }).export({
    format: 'jwk',
  });
  const number = (type: number, value = '') => ({ type, value: Buffer.from(value, 'base64url') });
  return [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_RSA },
    { type: pkcs11js.CKA_SENSITIVE, value: true },
    { type: pkcs11js.CKA_EXTRACTABLE, value: false },
    { type: pkcs11js.CKA_DECRYPT, value: opens === true || opens === 'decrypt' },
    { type: pkcs11js.CKA_UNWRAP, value: opens === true || opens === 'unwrap' },
    number(pkcs11js.CKA_MODULUS, key.n),
    number(pkcs11js.CKA_PUBLIC_EXPONENT, key.e),
    number(pkcs11js.CKA_PRIVATE_EXPONENT, key.d),
    number(pkcs11js.CKA_PRIME_1, key.p),
    number(pkcs11js.CKA_PRIME_2, key.q),
    number(pkcs11js.CKA_EXPONENT_1, key.dp),
    number(pkcs11js.CKA_EXPONENT_2, key.dq),
    number(pkcs11js.CKA_COEFFICIENT, key.qi),
  ];
}

function apply({ module, token, pin, add = [], remove = [] }: TokenChange): void {
  const library = new pkcs11js.PKCS11();
  library.load(module);
  library.C_Initialize();
  const slot = library.C_GetSlotList(true).find((one) => library.C_GetTokenInfo(one).label.trim() === token);
  if (slot === undefined) throw new Error(`there is no token ${token}`);
  const session = library.C_OpenSession(slot, RW_SESSION);
  library.C_Login(session, pkcs11js.CKU_USER, pin);
  for (const label of remove) {
    library.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_LABEL, value: label }]);
    const found = library.C_FindObjects(session, 100);
    library.C_FindObjectsFinal(session);
    for (const object of found) library.C_DestroyObject(session, object);
  }
  for (const key of add) {
    const attributes = attributesOf(key);
    if (key.value === undefined && key.rsa === undefined && key.isData !== true) {
      library.C_GenerateKey(session, { mechanism: pkcs11js.CKM_AES_KEY_GEN }, attributes);
    } else library.C_CreateObject(session, attributes);
  }
  library.C_Logout(session);
  library.C_Finalize();
}

apply(JSON.parse(await text(process.stdin)) as TokenChange);
