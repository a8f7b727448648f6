/** One function of PKCS#11 that may be called. */
export interface Pkcs11Function {
  readonly purpose: string;
  /** How it may be called, where not every call would only read. */
  readonly only?: string;
}

/**
 * The only functions of a vendor's module that are called where nothing is to be proven. None changes, makes or uses a key.
 * Source: OASIS PKCS #11 Cryptographic Token Interface Base Specification 2.40, section 5.
 */
export const PKCS11_READ_FUNCTIONS = {
  C_Initialize: { purpose: 'begins the use of the module' },
  C_GetInfo: { purpose: 'maker and version of the module' },
  C_GetSlotList: { purpose: 'which tokens there are, as numbers of slots change' },
  C_GetTokenInfo: { purpose: 'label, serial number, firmware, memory and session limits of a token' },
  C_OpenSession: {
    purpose: 'a session to ask in',
    only: 'without CKF_RW_SESSION, so that the token itself refuses every change',
  },
  C_Login: {
    purpose: 'private keys are shown to a user only',
    only: 'as CKU_USER; a PIN that is refused is never tried again in the same run',
  },
  C_FindObjectsInit: {
    purpose: 'looks for the keys that keyrings name, and for those of organizations that are gone',
    only: 'by label or id, and for all secret and private keys',
  },
  C_FindObjects: { purpose: 'looks for the keys that keyrings name' },
  C_FindObjectsFinal: { purpose: 'looks for the keys that keyrings name' },
  C_GetAttributeValue: {
    purpose: 'what a key is and may be used for',
    only: 'for the attributes listed below, never for CKA_VALUE or any other key material',
  },
  C_Logout: { purpose: 'ends the login' },
  C_CloseSession: { purpose: 'ends the session' },
  C_Finalize: { purpose: 'ends the use of the module' },
} as const satisfies Readonly<Record<string, Pkcs11Function>>;

export type Pkcs11FunctionName = keyof typeof PKCS11_READ_FUNCTIONS;

/** What besides is called where unwrapping is to be proven, and only then. It uses keys, and leaves nothing in the token. */
export const PKCS11_PROOF_FUNCTIONS = {
  C_GetMechanismInfo: { purpose: 'whether the token offers what samples were wrapped by' },
  C_UnwrapKey: {
    purpose: 'that a wrapped sample unwraps',
    only: 'into a key of the session that is sensitive and not extractable: CKA_TOKEN false, CKA_SENSITIVE true, CKA_EXTRACTABLE false',
  },
  C_DestroyObject: { purpose: 'ends that key at once', only: 'for what C_UnwrapKey has just made' },
  C_DecryptInit: {
    purpose: 'the same, where the key or the mechanism may decrypt and not unwrap',
    only: 'by mechanisms that notice a wrong key',
  },
  C_Decrypt: { purpose: 'the same', only: 'its output is overwritten before anything looks at it' },
} as const satisfies Readonly<Record<string, Pkcs11Function>>;

export type Pkcs11ProofFunctionName = keyof typeof PKCS11_PROOF_FUNCTIONS;

/**
 * The only attributes of objects that are ever read: none is a secret of a key. Numbers and meaning: the same
 * specification, section 4 and appendix.
 */
export const PKCS11_READ_ATTRIBUTES = {
  CKA_CLASS: 0x00,
  CKA_LABEL: 0x03,
  CKA_CHECK_VALUE: 0x90,
  CKA_KEY_TYPE: 0x100,
  CKA_ID: 0x102,
  CKA_SENSITIVE: 0x103,
  CKA_DECRYPT: 0x105,
  CKA_UNWRAP: 0x107,
  CKA_START_DATE: 0x110,
  CKA_END_DATE: 0x111,
  CKA_MODULUS: 0x120,
  CKA_VALUE_LEN: 0x161,
  CKA_EXTRACTABLE: 0x162,
  CKA_LOCAL: 0x163,
  CKA_NEVER_EXTRACTABLE: 0x164,
  CKA_ALWAYS_SENSITIVE: 0x165,
  CKA_MODIFIABLE: 0x170,
} as const;

export type Pkcs11AttributeName = keyof typeof PKCS11_READ_ATTRIBUTES;

/**
 * What the administrator of an HSM has to give the audit, and can hold its log against.
 * @param prove whether samples are unwrapped, too
 */
export function pkcs11Rights(prove = false): string {
  return [
    'A user of the token that sees the private keys, and its PIN: never the security officer (CKU_SO).',
    'Where the HSM knows users that may look and not use keys, let it be one of those. PKCS#11 itself has one',
    'kind of user only, whose PIN would also open sessions that write: the audit opens none.',
    'On the machine that collects: reading the module and its configuration, and the group that it asks for.',
    '',
    'The functions that are called, and no others:',
    ...functionLines(PKCS11_READ_FUNCTIONS),
    ...(prove ? ['', 'With --prove-keys, also:', ...functionLines(PKCS11_PROOF_FUNCTIONS), '', ...KEY_RIGHTS] : []),
    '',
    'The attributes that are read, and no others:',
    ...wrapped(Object.keys(PKCS11_READ_ATTRIBUTES)),
    '',
    'A login is written down by most HSMs, in their log or in the record of the token. Nothing else changes.',
    '',
  ].join('\n');
}

/** PKCS#11 knows no rights of a user beside those of the key itself. */
const KEY_RIGHTS = [
  'The keys that wrapped the samples need CKA_UNWRAP, or CKA_DECRYPT where the mechanism is offered for decrypting alone.',
  'Sessions stay read-only: a key of the session is none of the token, and ends with it.',
];

function functionLines(functions: Readonly<Record<string, Pkcs11Function>>): readonly string[] {
  return Object.entries(functions).map(
    ([name, one]) => `  ${name.padEnd(20)} ${one.purpose}${one.only === undefined ? '' : ` (${one.only})`}`,
  );
}

function wrapped(names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 100) lines.push(`  ${name}`);
    else lines[lines.length - 1] = `${last}, ${name}`;
  }
  return lines;
}
