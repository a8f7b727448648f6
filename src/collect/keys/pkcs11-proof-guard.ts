import type { PKCS11 } from 'pkcs11js';
import {
  PKCS11_PROOF_FUNCTIONS,
  PKCS11_READ_FUNCTIONS,
  type Pkcs11FunctionName,
  type Pkcs11ProofFunctionName,
} from './pkcs11-functions.ts';
import { guarded, type ReadOnlyModule, refusalToRead } from './pkcs11-guard.ts';
import { PKCS11_WRAPPING_MECHANISMS } from './pkcs11-wrapping.ts';

/** A module of which the functions that prove can be called, too. */
export type ProvingModule = ReadOnlyModule & { readonly [N in Pkcs11ProofFunctionName]: PKCS11[N] };

/**
 * All that a sample is ever unwrapped into: a key that is of the session alone, and whose value the token shows nobody.
 * Numbers: CKA_… , CKO_SECRET_KEY and CKK_GENERIC_SECRET, which has any length, of the same specification.
 */
export const SESSION_KEY = Object.freeze([
  { type: 0x00, value: 0x04 },
  { type: 0x100, value: 0x10 },
  { type: 0x01, value: false },
  { type: 0x02, value: true },
  { type: 0x103, value: true },
  { type: 0x162, value: false },
] as const);

const MECHANISMS: ReadonlySet<number> = new Set(
  Object.values(PKCS11_WRAPPING_MECHANISMS).map(({ mechanism }) => mechanism),
);

/**
 * The way to a vendor's module where unwrapping is to be proven: what {@link guarded} admits, and the functions of the
 * second list in their narrow forms. What is decrypted never gets past it.
 *
 * @param module a module that was loaded; every other function of it stays out of reach
 */
export function provingModule(module: ProvingModule): ProvingModule {
  /** Handles of what was unwrapped, so that nothing else can be destroyed. */
  const made = new Set<string>();
  const names = [...Object.keys(PKCS11_READ_FUNCTIONS), ...Object.keys(PKCS11_PROOF_FUNCTIONS)];
  const admitted = guarded(names, module, (name, args) => refusalToProve(name, args, made));
  return Object.freeze({
    ...admitted,
    C_UnwrapKey: (...args: readonly unknown[]): unknown => {
      const handle = admitted['C_UnwrapKey']?.(...args);
      if (Buffer.isBuffer(handle)) made.add(handle.toString('hex'));
      return handle;
    },
    C_Decrypt: (...args: readonly unknown[]): unknown => {
      const outputs: unknown[] = [args[2]];
      try {
        outputs.push(admitted['C_Decrypt']?.(...args));
      } finally {
        for (const output of outputs) if (Buffer.isBuffer(output)) output.fill(0);
      }
      return Buffer.alloc(0);
    },
  }) as unknown as ProvingModule;
}

function refusalToProve(name: string, args: readonly unknown[], made: ReadonlySet<string>): string | null {
  switch (name) {
    case 'C_UnwrapKey':
      if (!isSessionKey(args[4])) return 'would make another object than a key of the session that nobody can read';
      return isListed(args[1]) ? null : 'would use a mechanism that is not listed';
    case 'C_DecryptInit':
      return isListed(args[1]) ? null : 'would use a mechanism that is not listed';
    case 'C_DestroyObject': {
      const [, object] = args;
      return Buffer.isBuffer(object) && made.has(object.toString('hex')) ? null : 'would destroy what it did not make';
    }
    default:
      return refusalToRead(name as Pkcs11FunctionName, args);
  }
}

function isListed(mechanism: unknown): boolean {
  if (typeof mechanism !== 'object' || mechanism === null || !('mechanism' in mechanism)) return false;
  return typeof mechanism.mechanism === 'number' && MECHANISMS.has(mechanism.mechanism);
}

function isSessionKey(template: unknown): boolean {
  return (
    Array.isArray(template) &&
    template.length === SESSION_KEY.length &&
    SESSION_KEY.every(({ type, value }, index) => {
      const attribute: unknown = template[index];
      if (typeof attribute !== 'object' || attribute === null) return false;
      return 'type' in attribute && attribute.type === type && 'value' in attribute && attribute.value === value;
    })
  );
}
