import type { Handle, TokenInfo } from 'pkcs11js';
import { called, isRefusedWith, Pkcs11Failure } from './pkcs11-call.ts';
import { READ_ONLY_SESSION, type ReadOnlyModule, USER } from './pkcs11-guard.ts';
import type { KeyName, ObjectReading, OpenedSample, SampleToOpen, TokenName, TokenReading } from './pkcs11-messages.ts';
import { findObjects, keyNames, objectReading } from './pkcs11-objects.ts';
import type { ProvingModule } from './pkcs11-proof-guard.ts';
import { openSample } from './pkcs11-unwrap.ts';

/** A token whose module was loaded. Every method may block for as long as the module does. */
export interface Pkcs11Session {
  /** @throws Pkcs11Failure, as all of them */
  token(): TokenReading;
  login(pin: string): void;
  objects(name: KeyName): readonly ObjectReading[];
  /** Labels and ids of all keys. */
  names(): readonly string[];
  /** Opens a sample and keeps nothing of it. */
  prove(name: KeyName, sample: SampleToOpen): OpenedSample;
  end(): void;
}

const CKF_LOGIN_REQUIRED = 0x4;
const CKF_TOKEN_INITIALIZED = 0x400;
const CKF_USER_PIN_FINAL_TRY = 0x20000;
const CKF_USER_PIN_LOCKED = 0x40000;
/** Logins hold for all sessions of an application, and some HSMs take several processes for one. */
const ALREADY_LOGGED_IN: ReadonlySet<number> = new Set([0x100]);
const NO_TOKEN_IN_SLOT: ReadonlySet<number> = new Set([0xe0, 0xe1]);

/**
 * Initializes a module and finds the one token meant in it.
 * @param proving the same module, of which more can be called, where unwrapping is to be proven; else null
 * @throws Pkcs11Failure
 */
export function openToken(module: ReadOnlyModule, wanted: TokenName, proving: ProvingModule | null): Pkcs11Session {
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
    names() {
      if (session === null) throw new Pkcs11Failure({ why: 'defect', detail: 'asked for keys without a session' });
      return keyNames(module, session);
    },
    prove(name, sample) {
      if (session === null || proving === null) {
        throw new Pkcs11Failure({ why: 'defect', detail: 'asked to prove without being allowed to' });
      }
      return openSample(proving, slot, name, sample);
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

/** Texts of tokens are filled up with blanks; some makers use null bytes. None may break a line of a message. */
function plain(text: string): string {
  return text.replace(/[\0 ]+$/, '').replace(/\p{Cc}/gu, '?');
}
