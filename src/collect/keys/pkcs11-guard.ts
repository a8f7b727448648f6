import type { PKCS11 } from 'pkcs11js';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { PKCS11_READ_ATTRIBUTES, PKCS11_READ_FUNCTIONS, type Pkcs11FunctionName } from './pkcs11-functions.ts';

/** A vendor's module of which nothing but the functions of the allow-list can be called. */
export type ReadOnlyModule = { readonly [N in Pkcs11FunctionName]: PKCS11[N] };

/** PKCS #11 2.40, section 3.3: CKF_SERIAL_SESSION must always be set, CKF_RW_SESSION never is. */
export const READ_ONLY_SESSION = 0x04;
/** CKU_USER. The security officer (0) may make and destroy, and sees no private key. */
export const USER = 1;
/** CKO_PRIVATE_KEY and CKO_SECRET_KEY. */
export const KEY_CLASSES = [0x03, 0x04] as const;
const LABEL_OR_ID: ReadonlySet<number> = new Set([PKCS11_READ_ATTRIBUTES.CKA_LABEL, PKCS11_READ_ATTRIBUTES.CKA_ID]);
const READABLE: ReadonlySet<number> = new Set(Object.values(PKCS11_READ_ATTRIBUTES));

/**
 * The one way to a vendor's module where nothing is to be proven. A call that could do anything but read is refused before
 * the module sees it.
 *
 * @param module a module that was loaded; every other function of it stays out of reach
 */
export function guardedModule(module: ReadOnlyModule): ReadOnlyModule {
  const admit = (name: string, args: readonly unknown[]) => refusalToRead(name as Pkcs11FunctionName, args);
  return Object.freeze(guarded(Object.keys(PKCS11_READ_FUNCTIONS), module, admit)) as unknown as ReadOnlyModule;
}

/**
 * The named functions of a module, each behind its refusal.
 * @param refusal why a call must not be made; null where it may
 */
export function guarded(
  names: readonly string[],
  module: object,
  refusal: (name: string, args: readonly unknown[]) => string | null,
): Readonly<Record<string, (...args: readonly unknown[]) => unknown>> {
  const calls = names.map((name) => {
    const call = (...args: readonly unknown[]): unknown => {
      const why = refusal(name, args);
      if (why !== null) throw new ForbiddenRequestError(`${name} ${why}; the module was not called`);
      const method: unknown = Reflect.get(module, name);
      if (typeof method !== 'function') throw new TypeError(`the module has no ${name}`);
      return Reflect.apply(method, module, args);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(calls);
}

/** Why a call of a function that is on the list is none that only reads; null where it is. */
export function refusalToRead(name: Pkcs11FunctionName, args: readonly unknown[]): string | null {
  switch (name) {
    case 'C_OpenSession':
      return args[1] === READ_ONLY_SESSION ? null : 'would open another session than a read-only one';
    case 'C_Login':
      return args[1] === USER ? null : 'would log in as another than the user of the token';
    case 'C_FindObjectsInit':
      return typesIn(args[1]).every((type) => LABEL_OR_ID.has(type)) || isKeyClass(args[1])
        ? null
        : 'would look for more than label and id, or all keys';
    case 'C_GetAttributeValue':
      return typesIn(args[2]).every((type) => READABLE.has(type)) ? null : 'would read an attribute that is not listed';
    default:
      return null;
  }
}

/** Whether a template asks for all secret keys, or all private ones, and for nothing else. */
function isKeyClass(template: unknown): boolean {
  if (!Array.isArray(template) || template.length !== 1) return false;
  const [attribute]: readonly unknown[] = template;
  return (
    typesIn(template)[0] === PKCS11_READ_ATTRIBUTES.CKA_CLASS &&
    typeof attribute === 'object' &&
    attribute !== null &&
    'value' in attribute &&
    KEY_CLASSES.some((one) => one === attribute.value)
  );
}

/** Types of attributes in a template; NaN, which is on no list, for what is none. */
function typesIn(template: unknown): readonly number[] {
  if (!Array.isArray(template) || template.length === 0) return [Number.NaN];
  return template.map((attribute: unknown) => {
    const type = typeof attribute === 'object' && attribute !== null && 'type' in attribute ? attribute.type : null;
    return typeof type === 'number' ? type : Number.NaN;
  });
}
