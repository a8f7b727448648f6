import type { Handle } from 'pkcs11js';
import { called, isRefusedWith, Pkcs11Failure } from './pkcs11-call.ts';
import { READ_ONLY_SESSION } from './pkcs11-guard.ts';
import type { KeyName, ObjectReading, OpenedSample, SampleToOpen } from './pkcs11-messages.ts';
import { findObjects, objectReading } from './pkcs11-objects.ts';
import { type ProvingModule, SESSION_KEY } from './pkcs11-proof-guard.ts';
import { mechanismFor, PKCS11_WRAPPING_MECHANISMS } from './pkcs11-wrapping.ts';

type Opener = 'C_UnwrapKey' | 'C_Decrypt';
type Refused = OpenedSample & { readonly is: 'refused' };

/** CKO_PRIVATE_KEY and CKO_SECRET_KEY. */
const OPENS: ReadonlySet<number> = new Set([3, 4]);
const CKF_DECRYPT = 0x200;
const CKF_UNWRAP = 0x40000;
/** CKR_FUNCTION_NOT_SUPPORTED and CKR_MECHANISM_INVALID. */
const NO_SUCH_MECHANISM: ReadonlySet<number> = new Set([0x54, 0x70]);
/**
 * CKR_GENERAL_ERROR and CKR_FUNCTION_FAILED, which say nothing of what is wrong. Tokens that have no other word for a
 * sample that is not of the key answer with them, so that it is tried once more: what only stumbled opens it then.
 */
const VAGUE: ReadonlySet<number> = new Set([0x05, 0x06]);
/** What the padding of a mechanism may take up beside the text. */
const ROOM = 64;

/**
 * Opens a sample with the one key that bears a name: into a key of a session that is made for it where that can be, else
 * by decrypting it, and keeps nothing of it. What the session holds ends with it, whatever happens.
 *
 * @throws Pkcs11Failure for what says nothing of the sample, such as a token that is gone
 */
export function openSample(module: ProvingModule, slot: Handle, name: KeyName, sample: SampleToOpen): OpenedSample {
  const offered = mechanismFlags(module, slot, PKCS11_WRAPPING_MECHANISMS[sample.wrapping].mechanism);
  if (offered === 0) return { is: 'not-offered' };
  const first = attempt(module, slot, name, sample, offered);
  if (first.is !== 'refused' || !VAGUE.has(first.code)) return first;
  const second = attempt(module, slot, name, sample, offered);
  return second.is === 'refused' ? { ...second, times: 2 } : second;
}

/** Which of unwrapping and decrypting the token has a mechanism for; 0 for neither. */
function mechanismFlags(module: ProvingModule, slot: Handle, mechanism: number): number {
  try {
    const { flags } = called('C_GetMechanismInfo', () => module.C_GetMechanismInfo(slot, mechanism));
    return flags & (CKF_DECRYPT | CKF_UNWRAP);
  } catch (error) {
    if (error instanceof Pkcs11Failure && isRefusedWith(error.failure, NO_SUCH_MECHANISM)) return 0;
    throw error;
  }
}

function attempt(
  module: ProvingModule,
  slot: Handle,
  name: KeyName,
  sample: SampleToOpen,
  offered: number,
): OpenedSample {
  // The login holds for every session of this process.
  const session = called('C_OpenSession', () => module.C_OpenSession(slot, READ_ONLY_SESSION));
  try {
    const keys = findObjects(module, session, name)
      .map((handle) => ({ handle, reading: objectReading(module, session, handle) }))
      .filter(({ reading }) => OPENS.has(reading.objectClass));
    const [key] = keys;
    if (key === undefined || keys.length > 1) return { is: 'no-key' };
    const by = openerOf(key.reading, offered);
    if (by === null) return { is: 'not-permitted', lacks: lacking(offered) };
    return openedBy(by, module, session, key.handle, sample);
  } finally {
    called('C_CloseSession', () => module.C_CloseSession(session));
  }
}

/** Unwrapping comes first, as nothing of it leaves the token. What a token does not tell of a key is tried. */
function openerOf({ unwrap, decrypt }: ObjectReading, offered: number): Opener | null {
  if ((offered & CKF_UNWRAP) !== 0 && unwrap !== false) return 'C_UnwrapKey';
  return (offered & CKF_DECRYPT) !== 0 && decrypt !== false ? 'C_Decrypt' : null;
}

function lacking(offered: number): ('CKA_UNWRAP' | 'CKA_DECRYPT')[] {
  return [
    ...((offered & CKF_UNWRAP) === 0 ? [] : (['CKA_UNWRAP'] as const)),
    ...((offered & CKF_DECRYPT) === 0 ? [] : (['CKA_DECRYPT'] as const)),
  ];
}

function openedBy(
  by: Opener,
  module: ProvingModule,
  session: Handle,
  key: Handle,
  { wrapping, bytes, context }: SampleToOpen,
): OpenedSample {
  const additional = context === null ? null : Buffer.from(context, 'hex');
  const { mechanism, wrapped } = mechanismFor(wrapping, Buffer.from(bytes, 'hex'), additional);
  try {
    if (by === 'C_UnwrapKey') {
      const made = called(by, () => module.C_UnwrapKey(session, mechanism, key, wrapped, [...SESSION_KEY]));
      destroy(module, session, made);
    } else {
      called('C_DecryptInit', () => module.C_DecryptInit(session, mechanism, key));
      called(by, () => module.C_Decrypt(session, wrapped, Buffer.alloc(wrapped.length + ROOM)));
    }
  } catch (error) {
    const refused = error instanceof Pkcs11Failure ? refusalOf(error) : null;
    if (refused === null) throw error;
    return refused;
  }
  return { is: 'opened', by };
}

/** A key of a session ends with it at the latest (PKCS #11 3.0, section 3.2), so that a token which refuses changes nothing. */
function destroy(module: ProvingModule, session: Handle, made: Handle): void {
  try {
    called('C_DestroyObject', () => module.C_DestroyObject(session, made));
  } catch (error) {
    if (!(error instanceof Pkcs11Failure)) throw error;
  }
}

function refusalOf({ failure }: Pkcs11Failure): Refused | null {
  if (failure.why !== 'refused') return null;
  const { function: by, name, code } = failure;
  return { is: 'refused', function: by, name, code, times: 1 };
}
