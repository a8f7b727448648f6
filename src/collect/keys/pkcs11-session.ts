import { createHash } from 'node:crypto';
import type { Handle, TokenInfo } from 'pkcs11js';
import { PKCS11_READ_ATTRIBUTES, type Pkcs11AttributeName } from './pkcs11-functions.ts';
import { READ_ONLY_SESSION, type ReadOnlyModule, USER } from './pkcs11-guard.ts';
import type { ChildFailure, KeyName, ObjectReading, TokenName, TokenReading } from './pkcs11-messages.ts';

/** Why something could not be answered, in words that can be sent. */
export class Pkcs11Failure extends Error {
  readonly failure: ChildFailure;

  constructor(failure: ChildFailure) {
    super(failure.why);
    this.name = 'Pkcs11Failure';
    this.failure = failure;
  }
}

/** A token whose module was loaded. Every method may block for as long as the module does. */
export interface Pkcs11Session {
  /** @throws Pkcs11Failure, as all of them */
  token(): TokenReading;
  login(pin: string): void;
  objects(name: KeyName): readonly ObjectReading[];
  end(): void;
}

/** A key pair with its certificate is three objects of one name; nobody makes this many. */
const MOST_OBJECTS = 64;

/** In bytes. The public part of the largest RSA keys takes half of it; longer labels and ids are none that anybody gave. */
const LONGEST_VALUE = 4096;

const CKF_LOGIN_REQUIRED = 0x4;
const CKF_TOKEN_INITIALIZED = 0x400;
const CKF_USER_PIN_FINAL_TRY = 0x20000;
const CKF_USER_PIN_LOCKED = 0x40000;
/** The token does not have the attribute for this object, or does not show it: no error, but a fact. */
const NO_SUCH_ATTRIBUTE: ReadonlySet<number> = new Set([0x11, 0x12]);
/** Logins hold for all sessions of an application, and some HSMs take several processes for one. */
const ALREADY_LOGGED_IN: ReadonlySet<number> = new Set([0x100]);
/** pkcs11js wants dates and numbers of their full length, and objects without one have an empty one. */
const EMPTY = /has wrong length\. Should be \d+, but is 0$/;
const NO_TOKEN_IN_SLOT: ReadonlySet<number> = new Set([0xe0, 0xe1]);

/**
 * Initializes a module and finds the one token meant in it.
 * @throws Pkcs11Failure
 */
export function openToken(module: ReadOnlyModule, wanted: TokenName): Pkcs11Session {
  called('C_Initialize', () => module.C_Initialize());
  const { libraryDescription, libraryVersion } = called('C_GetInfo', () => module.C_GetInfo());
  const software = `${plain(libraryDescription)} ${libraryVersion.major}.${libraryVersion.minor}`.trim();
  const { slot } = findToken(module, wanted);
  let session: Handle | null = null;
  return {
    token: () =>
      tokenReading(
        called('C_GetTokenInfo', () => module.C_GetTokenInfo(slot)),
        software,
      ),
    login(pin) {
      const opened = called('C_OpenSession', () => module.C_OpenSession(slot, READ_ONLY_SESSION));
      session = opened;
      try {
        called('C_Login', () => module.C_Login(opened, USER, pin));
      } catch (error) {
        if (!(error instanceof Pkcs11Failure && isRefusedWith(error.failure, ALREADY_LOGGED_IN))) throw error;
      }
    },
    objects(name) {
      const opened = session;
      if (opened === null) throw new Pkcs11Failure({ why: 'defect', detail: 'asked for keys without a session' });
      return findObjects(module, opened, name).map((handle) => objectReading(module, opened, handle));
    },
    end() {
      if (session !== null) {
        called('C_Logout', () => module.C_Logout(session as Handle));
        called('C_CloseSession', () => module.C_CloseSession(session as Handle));
      }
      called('C_Finalize', () => module.C_Finalize());
    },
  };
}

function findToken(module: ReadOnlyModule, { label, serial }: TokenName): { readonly slot: Handle } {
  const slots = called('C_GetSlotList', () => module.C_GetSlotList(true));
  const tokens = slots.flatMap((slot) => {
    try {
      const info = called('C_GetTokenInfo', () => module.C_GetTokenInfo(slot));
      return [{ slot, label: plain(info.label), serial: plain(info.serialNumber), isMade: isMade(info) }];
    } catch (error) {
      // It was taken out in between.
      if (error instanceof Pkcs11Failure && isRefusedWith(error.failure, NO_TOKEN_IN_SLOT)) return [];
      throw error;
    }
  });
  const found = tokens.filter(
    (token) => (label === null || token.label === label) && (serial === null || token.serial === serial),
  );
  const [only] = found;
  if (only === undefined) {
    throw new Pkcs11Failure({ why: 'no-token', others: tokens.filter(({ isMade }) => isMade).length });
  }
  if (found.length > 1) throw new Pkcs11Failure({ why: 'two-tokens', serials: found.map((one) => one.serial) });
  return only;
}

function tokenReading(info: TokenInfo, software: string): TokenReading {
  const { flags, firmwareVersion } = info;
  return {
    label: plain(info.label),
    serial: plain(info.serialNumber),
    manufacturer: plain(info.manufacturerID),
    model: plain(info.model),
    firmware: `${firmwareVersion.major}.${firmwareVersion.minor}`,
    module: software,
    initialized: isMade(info),
    loginRequired: (flags & CKF_LOGIN_REQUIRED) !== 0,
    pinLocked: (flags & CKF_USER_PIN_LOCKED) !== 0,
    pinLastTry: (flags & CKF_USER_PIN_FINAL_TRY) !== 0,
    freePrivateBytes: told(info.freePrivateMemory),
    totalPrivateBytes: told(info.totalPrivateMemory),
    sessions: told(info.sessionCount),
    maxSessions: told(info.maxSessionCount) || null,
  };
}

function isMade({ flags }: TokenInfo): boolean {
  return (flags & CKF_TOKEN_INITIALIZED) !== 0;
}

/**
 * CK_UNAVAILABLE_INFORMATION is the largest number there is, of 32 or 64 bits. Sizes come as bigint, whatever the types of
 * pkcs11js say.
 */
function told(amount: number | bigint): number | null {
  const number = Number(amount);
  return Number.isSafeInteger(number) && number >= 0 && number !== 0xffffffff ? number : null;
}

function findObjects(module: ReadOnlyModule, session: Handle, { by, value }: KeyName): readonly Handle[] {
  const attribute =
    by === 'label'
      ? { type: PKCS11_READ_ATTRIBUTES.CKA_LABEL, value: Buffer.from(value, 'utf8') }
      : { type: PKCS11_READ_ATTRIBUTES.CKA_ID, value: Buffer.from(value, 'hex') };
  called('C_FindObjectsInit', () => module.C_FindObjectsInit(session, [attribute]));
  try {
    const handles: Handle[] = [];
    for (;;) {
      const more = called('C_FindObjects', () => module.C_FindObjects(session, MOST_OBJECTS));
      if (more.length === 0) return handles;
      handles.push(...more);
      if (handles.length > MOST_OBJECTS) throw new Pkcs11Failure({ why: 'too-many' });
    }
  } finally {
    called('C_FindObjectsFinal', () => module.C_FindObjectsFinal(session));
  }
}

function objectReading(module: ReadOnlyModule, session: Handle, object: Handle): ObjectReading {
  // One by one: a single attribute that is not there would refuse all of them.
  const read = (name: Pkcs11AttributeName): Buffer | null => {
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
  };
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
  };
}

/** CK_ULONG as this machine keeps it: four bytes or eight, the lowest first on every system that Node.js runs on. */
function numberIn(value: Buffer | null): number | null {
  if (value?.length === 8) return Number(value.readBigUInt64LE());
  return value?.length === 4 ? value.readUInt32LE() : null;
}

/** Texts of tokens are filled up with blanks; some makers use null bytes. None may break a line of a message. */
function plain(text: string): string {
  return text.replace(/[\0 ]+$/, '').replace(/\p{Cc}/gu, '?');
}

function isRefusedWith(failure: ChildFailure, codes: ReadonlySet<number>): boolean {
  return failure.why === 'refused' && codes.has(failure.code);
}

/** Calls the module; what it throws for an error of the module becomes a failure that can be sent. */
function called<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const [, result, code] =
      /(CKR_\w+):(\d+)/.exec(error instanceof Error ? `${error.message} ${error.stack}` : '') ?? [];
    if (result !== undefined)
      throw new Pkcs11Failure({ why: 'refused', function: name, name: result, code: Number(code) });
    if (isError(error) && /^CKR_\w+$/.test(error.message)) {
      throw new Pkcs11Failure({ why: 'refused', function: name, name: error.message, code: error.code });
    }
    throw error;
  }
}

function isError(error: unknown): error is Error & { readonly code: number } {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}
