import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import { PKCS11_WRAPPINGS, type Pkcs11Wrapping } from '../../model/wrapping.ts';
import type { ProofQuestion } from './key-provider.ts';
import { pkcs11Error } from './pkcs11-error.ts';
import { keyNameOf } from './pkcs11-key-name.ts';
import { type FoundKey, keyTypeText, mayOpen } from './pkcs11-key-state.ts';
import type { ObjectReading, OpenedSample } from './pkcs11-messages.ts';
import type { Pkcs11Token } from './pkcs11-token.ts';
import { PKCS11_WRAPPING_MECHANISMS } from './pkcs11-wrapping.ts';
import { bytesOfSample, otherWrapping, statedWrapping } from './sample-wrapping.ts';

type Proof = Facts['unwrap-proof'];
type Refused = OpenedSample & { readonly is: 'refused' };

/**
 * CKR_…: the sample is not what the mechanism makes of anything with this key (CKR_ENCRYPTED_DATA_INVALID and _LEN_RANGE,
 * CKR_WRAPPED_KEY_INVALID and _LEN_RANGE), or an error without a word of its own that came twice, while the token showed
 * the key in between (CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED).
 */
const NOT_OPENED: ReadonlySet<number> = new Set([0x40, 0x41, 0x110, 0x112, 0x05, 0x06]);
/** CKR_FUNCTION_NOT_SUPPORTED, CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD. */
const NOT_OFFERED: ReadonlySet<number> = new Set([0x54, 0x70, 0x71, 0x07]);
/** CKR_KEY_FUNCTION_NOT_PERMITTED. */
const NOT_PERMITTED = 0x68;
/**
 * CKR_ATTRIBUTE_READ_ONLY, _TYPE_INVALID and _VALUE_INVALID, CKR_ACTION_PROHIBITED, CKR_SESSION_READ_ONLY,
 * CKR_TEMPLATE_INCOMPLETE and _INCONSISTENT: of what a sample would be unwrapped into, not of the sample.
 */
const NO_SESSION_KEYS: ReadonlySet<number> = new Set([0x10, 0x12, 0x13, 0x1b, 0xb5, 0xd0, 0xd1]);
/** CKR_USER_NOT_LOGGED_IN, of a key that wants the PIN for each use (CKA_ALWAYS_AUTHENTICATE). */
const PIN_EACH_TIME = 0x101;

/**
 * Has a token unwrap a sample: into a key of a session that ends at once, or, where it can only decrypt, into the memory of
 * the process that holds its module, which is overwritten.
 *
 * @param found what bears the name of the key
 * @param configured how samples were wrapped that do not tell it themselves
 * @throws SourceError where the token does not answer the question, such as unsupported for what it does not offer
 */
export async function provePkcs11Key(
  token: Pkcs11Token,
  found: FoundKey,
  configured: Pkcs11Wrapping | null,
  { keyRef, version, sample }: ProofQuestion,
): Promise<Proof> {
  const answer = (outcome: Proof['outcome'], because: string): Proof => ({ version, outcome, because });
  const stated = statedWrapping(sample, configured, PKCS11_WRAPPINGS, token.locator);
  if (stated.is === 'other') return answer('unproven', otherWrapping(PKCS11_WRAPPINGS));
  if (found.is === 'missing') return answer('refused', 'the token has no such key');
  if (found.is === 'no-key' || mayOpen(found.object) === false) {
    return answer('refused', 'the key may neither unwrap nor decrypt (CKA_UNWRAP and CKA_DECRYPT are false)');
  }
  const { wrapping } = stated;
  const bytes = bytesOfSample(sample.value);
  const context = contextOf(sample.context);
  const unfit = misfit(wrapping, found.object, bytes, context);
  if (unfit !== null || bytes === null || context === undefined) {
    return answer('unproven', unfit ?? 'the sample is neither bytes nor base64');
  }
  const opened = await token.open(keyNameOf(keyRef), {
    wrapping,
    bytes: bytes.toString('hex'),
    context: context?.toString('hex') ?? null,
  });
  switch (opened.is) {
    case 'opened':
      return answer('unwrapped', openedText(opened.by, wrapping));
    case 'not-permitted':
      return answer(
        'refused',
        `the key may not do what ${wrapping} is offered for (${opened.lacks.join(', ')} is false)`,
      );
    case 'not-offered':
      throw notOffered(token.locator, wrapping, null);
    case 'no-key':
      throw changed(token.locator);
    case 'refused':
      return refused(token.locator, wrapping, opened, sample.context !== undefined, answer);
  }
}

function openedText(by: 'C_UnwrapKey' | 'C_Decrypt', wrapping: Pkcs11Wrapping): string {
  return by === 'C_UnwrapKey'
    ? `the token unwrapped the sample by ${wrapping} into a key of the session, which could not be read and ended at once; its plaintext never left the token`
    : `the token decrypted the sample by ${wrapping}, as it cannot unwrap it; its plaintext came into the memory of the audit and was overwritten there unread`;
}

function refused(
  locator: string,
  wrapping: Pkcs11Wrapping,
  { function: name, name: result, code, times }: Refused,
  hasContext: boolean,
  answer: (outcome: Proof['outcome'], because: string) => Proof,
): Proof {
  if (code === NOT_PERMITTED)
    return answer('refused', `the token does not let the key be used for ${name} (${result})`);
  if (NOT_OFFERED.has(code)) throw notOffered(locator, wrapping, `${name} answered ${result}`);
  if (code === PIN_EACH_TIME) {
    throw new SourceError(
      'unsupported',
      `${locator}: a key wants the PIN anew for each use, which the audit gives once (${name} answered ${result})`,
      'Unwrap a data key by hand, or restore into a scratch database and sign in.',
    );
  }
  if (NO_SESSION_KEYS.has(code)) {
    throw new SourceError(
      'unsupported',
      `${locator}: it unwraps nothing into a key of a read-only session (${name} answered ${result})`,
      'Unwrap a data key by hand, or restore into a scratch database and sign in.',
    );
  }
  if (!NOT_OPENED.has(code)) throw pkcs11Error(locator, { why: 'refused', function: name, name: result, code });
  const said = `the token does not open the sample by ${wrapping} (${name} answered ${result}${times > 1 ? `, ${times} times` : ''})`;
  if (PKCS11_WRAPPING_MECHANISMS[wrapping].takesContext && !hasContext) {
    const because = `${said}: it is damaged, of another key, or was wrapped with other data beside it, which the samples of the mapping have no column for`;
    return answer('unproven', because);
  }
  return answer('refused', `${said}: it is damaged, of another key, or was wrapped otherwise than is stated`);
}

/** Why the sample cannot be of this key by this mechanism, so that asking would show nothing; null where it can. */
function misfit(
  wrapping: Pkcs11Wrapping,
  key: ObjectReading,
  bytes: Buffer | null,
  context: Buffer | null | undefined,
): string | null {
  const { keyType, takesContext, isLength } = PKCS11_WRAPPING_MECHANISMS[wrapping];
  if (key.keyType !== null && key.keyType !== keyType) {
    return `${wrapping}, by which the sample is said to be wrapped, takes a key of another kind than this (${keyTypeText(key)})`;
  }
  if (bytes === null) return 'the sample is neither bytes nor base64';
  if (context === undefined) return 'the context of the sample is no base64';
  if (context !== null && !takesContext) return `the sample has a context, which ${wrapping} does not take`;
  if (isLength(bytes.length, key.modulusBytes)) return null;
  return `the sample has ${bytes.length} bytes, which nothing has that this key wrapped by ${wrapping}`;
}

/** Null: none. Undefined: something that is no base64. */
function contextOf(text: string | null | undefined): Buffer | null | undefined {
  if (text === null || text === undefined || text.trim() === '') return null;
  return bytesOfSample(text) ?? undefined;
}

function notOffered(locator: string, wrapping: Pkcs11Wrapping, said: string | null): SourceError {
  return new SourceError(
    'unsupported',
    `${locator}: it does not offer ${wrapping} as it is needed here${said === null ? '' : ` (${said})`}`,
    'Look with pkcs11-tool --module MODULE --list-mechanisms which mechanism the product wraps by, and correct wrapping of the provider or the column mechanism of samples.',
  );
}

function changed(locator: string): SourceError {
  return new SourceError(
    'malformed',
    `${locator}: the key that was shown a moment ago is not the only one of its name any more`,
    'Run the audit again.',
  );
}
