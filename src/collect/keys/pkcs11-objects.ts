import { createHash } from 'node:crypto';
import type { Handle } from 'pkcs11js';
import { called, isRefusedWith, Pkcs11Failure } from './pkcs11-call.ts';
import { PKCS11_READ_ATTRIBUTES, type Pkcs11AttributeName } from './pkcs11-functions.ts';
import { KEY_CLASSES, type ReadOnlyModule } from './pkcs11-guard.ts';
import type { KeyName, ObjectReading } from './pkcs11-messages.ts';

/** A key pair with its certificate is three objects of one name; nobody makes this many. */
const MOST_OBJECTS = 64;

/** In bytes. The public part of the largest RSA keys takes half of it; longer labels and ids are none that anybody gave. */
const LONGEST_VALUE = 4096;

/** The token does not have the attribute for this object, or does not show it: no error, but a fact. */
const NO_SUCH_ATTRIBUTE: ReadonlySet<number> = new Set([0x11, 0x12]);
/** pkcs11js wants dates and numbers of their full length, and objects without one have an empty one. */
const EMPTY = /has wrong length\. Should be \d+, but is 0$/;

/** How many keys of a token are listed; of one with more none is, as nobody would know which. */
const MOST_KEYS = 10_000;

/** The objects that bear a name. */
export function findObjects(module: ReadOnlyModule, session: Handle, { by, value }: KeyName): readonly Handle[] {
  const attribute =
    by === 'label'
      ? { type: PKCS11_READ_ATTRIBUTES.CKA_LABEL, value: Buffer.from(value, 'utf8') }
      : { type: PKCS11_READ_ATTRIBUTES.CKA_ID, value: Buffer.from(value, 'hex') };
  return objectsWith(module, session, attribute, { most: MOST_OBJECTS, why: 'too-many' });
}

/**
 * The names of all secret and private keys, each by its label and by its id as keyrings may refer to it. Public keys and
 * certificates open nothing.
 */
export function keyNames(module: ReadOnlyModule, session: Handle): readonly string[] {
  const handles: Handle[] = [];
  for (const value of KEY_CLASSES) {
    const most = MOST_KEYS - handles.length;
    const attribute = { type: PKCS11_READ_ATTRIBUTES.CKA_CLASS, value };
    handles.push(...objectsWith(module, session, attribute, { most, why: 'too-many-keys' }));
  }
  return handles.flatMap((handle) => {
    const label = attributeOf(module, session, handle, 'CKA_LABEL')?.toString('utf8');
    const id = attributeOf(module, session, handle, 'CKA_ID')?.toString('hex');
    return [...(label === undefined ? [] : [label]), ...(id === undefined ? [] : [`id:${id}`])];
  });
}

function objectsWith(
  module: ReadOnlyModule,
  session: Handle,
  attribute: { readonly type: number; readonly value: Buffer | number },
  { most, why }: { readonly most: number; readonly why: 'too-many' | 'too-many-keys' },
): readonly Handle[] {
  called('C_FindObjectsInit', () => module.C_FindObjectsInit(session, [attribute]));
  try {
    const handles: Handle[] = [];
    for (;;) {
      const more = called('C_FindObjects', () => module.C_FindObjects(session, MOST_OBJECTS));
      if (more.length === 0) return handles;
      handles.push(...more);
      if (handles.length > most) throw new Pkcs11Failure({ why });
    }
  } finally {
    called('C_FindObjectsFinal', () => module.C_FindObjectsFinal(session));
  }
}

/** Null where the object has no such attribute, or does not show it. */
function attributeOf(
  module: ReadOnlyModule,
  session: Handle,
  object: Handle,
  name: Pkcs11AttributeName,
): Buffer | null {
  const type = PKCS11_READ_ATTRIBUTES[name];
  try {
    const [attribute] = called('C_GetAttributeValue', () => module.C_GetAttributeValue(session, object, [{ type }]));
    const length = attribute?.value.length ?? 0;
    return attribute === undefined || length === 0 || length > LONGEST_VALUE ? null : attribute.value;
  } catch (error) {
    if (error instanceof Pkcs11Failure && isRefusedWith(error.failure, NO_SUCH_ATTRIBUTE)) return null;
    if (error instanceof TypeError && EMPTY.test(error.message)) return null;
    throw error;
  }
}

/** What an object is, without its value. */
export function objectReading(module: ReadOnlyModule, session: Handle, object: Handle): ObjectReading {
  // One by one: a single attribute that is not there would refuse all of them.
  const read = (name: Pkcs11AttributeName): Buffer | null => attributeOf(module, session, object, name);
  const flag = (name: Pkcs11AttributeName): boolean | null => {
    const value = read(name);
    return value === null ? null : value[0] !== 0;
  };
  const modulus = read('CKA_MODULUS');
  return {
    objectClass: numberIn(read('CKA_CLASS')) ?? -1,
    keyType: numberIn(read('CKA_KEY_TYPE')),
    label: read('CKA_LABEL')?.toString('utf8') ?? null,
    id: read('CKA_ID')?.toString('hex') ?? null,
    sensitive: flag('CKA_SENSITIVE'),
    alwaysSensitive: flag('CKA_ALWAYS_SENSITIVE'),
    extractable: flag('CKA_EXTRACTABLE'),
    neverExtractable: flag('CKA_NEVER_EXTRACTABLE'),
    modifiable: flag('CKA_MODIFIABLE'),
    local: flag('CKA_LOCAL'),
    decrypt: flag('CKA_DECRYPT'),
    unwrap: flag('CKA_UNWRAP'),
    startDate: read('CKA_START_DATE')?.toString('latin1') ?? null,
    endDate: read('CKA_END_DATE')?.toString('latin1') ?? null,
    valueBytes: numberIn(read('CKA_VALUE_LEN')),
    checkValue: read('CKA_CHECK_VALUE')?.toString('hex') ?? null,
    publicDigest: modulus === null ? null : createHash('sha256').update(modulus).digest('hex'),
    modulusBytes: modulus === null ? null : withoutLeadingZeros(modulus).length,
  };
}

/** CK_ULONG as this machine keeps it: four bytes or eight, the lowest first on every system that Node.js runs on. */
function numberIn(value: Buffer | null): number | null {
  if (value?.length === 8) return Number(value.readBigUInt64LE());
  return value?.length === 4 ? value.readUInt32LE() : null;
}

/** Some tokens put a zero before a number whose highest bit is set. */
function withoutLeadingZeros(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  return number.subarray(first < 0 ? number.length : first);
}
