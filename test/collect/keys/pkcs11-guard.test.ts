import { describe, expect, it, vi } from 'vitest';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import {
  PKCS11_PROOF_FUNCTIONS,
  PKCS11_READ_ATTRIBUTES,
  PKCS11_READ_FUNCTIONS,
  pkcs11Rights,
} from '../../../src/collect/keys/pkcs11-functions.ts';
import { guardedModule, type ReadOnlyModule } from '../../../src/collect/keys/pkcs11-guard.ts';
import { keyNames } from '../../../src/collect/keys/pkcs11-objects.ts';
import { type ProvingModule, provingModule, SESSION_KEY } from '../../../src/collect/keys/pkcs11-proof-guard.ts';

const HANDLE = Buffer.alloc(8);
const CKF_RW_SESSION = 0x2;
const CKF_SERIAL_SESSION = 0x4;
const CKU_SO = 0;
const CKU_CONTEXT_SPECIFIC = 2;
const CKA_TOKEN = 0x01;
const CKA_CLASS = 0x00;
const CKO_DATA = 0x00;
const CKO_SECRET_KEY = 0x04;
const CKA_VALUE = 0x11;
const CKA_SENSITIVE = 0x103;
const CKA_EXTRACTABLE = 0x162;
const CKA_PRIVATE_EXPONENT = 0x123;

function stub() {
  const names = [...Object.keys(PKCS11_READ_FUNCTIONS), 'C_SetPIN', 'C_DestroyObject', 'C_Decrypt', 'C_WrapKey'];
  const calls = Object.fromEntries(names.map((name) => [name, vi.fn((..._args: readonly unknown[]) => 'called')]));
  return { calls, guarded: guardedModule(calls as unknown as ReadOnlyModule) };
}

function provingStub() {
  const names = [
    ...Object.keys(PKCS11_READ_FUNCTIONS),
    ...Object.keys(PKCS11_PROOF_FUNCTIONS),
    'C_WrapKey',
    'C_CreateObject',
  ];
  const calls = Object.fromEntries(names.map((name) => [name, vi.fn((..._args: readonly unknown[]): unknown => MADE)]));
  return { calls, guarded: provingModule(calls as unknown as ProvingModule) };
}

const MADE = Buffer.alloc(8, 7);
const WRAPPED = Buffer.alloc(40);
const KEY_WRAP = { mechanism: 0x2109 };
const CKM_AES_ECB = { mechanism: 0x1081 };
const sessionKeyWith = (type: number, value: boolean) =>
  SESSION_KEY.map((attribute) => (attribute.type === type ? { type, value } : attribute));

describe('a vendor’s module behind the guard of proofs', () => {
  it('has the functions of both lists and no others', () => {
    const { guarded } = provingStub();
    const names = [...Object.keys(PKCS11_READ_FUNCTIONS), ...Object.keys(PKCS11_PROOF_FUNCTIONS)];
    expect(Object.keys(guarded).sort()).toEqual(names.sort());
  });

  it.each<[string, (module: ProvingModule) => unknown]>([
    ['C_OpenSession', (module) => module.C_OpenSession(HANDLE, CKF_SERIAL_SESSION | CKF_RW_SESSION)],
    ['C_Login', (module) => module.C_Login(HANDLE, CKU_SO, 'pin')],
    ['C_GetAttributeValue', (module) => module.C_GetAttributeValue(HANDLE, HANDLE, [{ type: CKA_VALUE }])],
    ['C_UnwrapKey', (module) => module.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, sessionKeyWith(CKA_TOKEN, true))],
    [
      'C_UnwrapKey',
      (module) => module.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, sessionKeyWith(CKA_EXTRACTABLE, true)),
    ],
    [
      'C_UnwrapKey',
      (module) => module.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, sessionKeyWith(CKA_SENSITIVE, false)),
    ],
    ['C_UnwrapKey', (module) => module.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, SESSION_KEY.slice(1))],
    [
      'C_UnwrapKey',
      (module) =>
        module.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, [...SESSION_KEY, { type: CKA_EXTRACTABLE, value: true }]),
    ],
    ['C_UnwrapKey', (module) => module.C_UnwrapKey(HANDLE, CKM_AES_ECB, HANDLE, WRAPPED, [...SESSION_KEY])],
    ['C_DecryptInit', (module) => module.C_DecryptInit(HANDLE, CKM_AES_ECB, HANDLE)],
    ['C_DestroyObject', (module) => module.C_DestroyObject(HANDLE, MADE)],
  ])('refuses %s where it would do more than prove', (name, call) => {
    const { calls, guarded } = provingStub();
    expect(() => call(guarded)).toThrow(ForbiddenRequestError);
    expect(calls[name]).not.toHaveBeenCalled();
  });

  it('destroys what it unwrapped, and nothing else', () => {
    const { calls, guarded } = provingStub();
    expect(guarded.C_UnwrapKey(HANDLE, KEY_WRAP, HANDLE, WRAPPED, [...SESSION_KEY])).toBe(MADE);
    guarded.C_DestroyObject(HANDLE, MADE);
    expect(calls['C_DestroyObject']).toHaveBeenCalledExactlyOnceWith(HANDLE, MADE);
    expect(() => guarded.C_DestroyObject(HANDLE, HANDLE)).toThrow(ForbiddenRequestError);
  });

  it('lets nothing past that was decrypted, also where decrypting fails', () => {
    const { calls, guarded } = provingStub();
    const output = Buffer.alloc(40);
    calls['C_Decrypt']?.mockImplementation((_session, _wrapped, to) => Buffer.from((to as Buffer).fill('K')));
    expect(guarded.C_Decrypt(HANDLE, WRAPPED, output)).toHaveLength(0);
    expect(output.equals(Buffer.alloc(40))).toBe(true);
    calls['C_Decrypt']?.mockImplementation((_session, _wrapped, to) => {
      (to as Buffer).fill('K');
      throw new Error('CKR_GENERAL_ERROR:5');
    });
    expect(() => guarded.C_Decrypt(HANDLE, WRAPPED, output)).toThrow('CKR_GENERAL_ERROR');
    expect(output.equals(Buffer.alloc(40))).toBe(true);
  });
});

describe('a vendor’s module behind its guard', () => {
  it('has the functions of the allow-list and no others', () => {
    const { guarded } = stub();
    expect(Object.keys(guarded).sort()).toEqual(Object.keys(PKCS11_READ_FUNCTIONS).sort());
    expect(Object.keys(guarded)).not.toContain('C_Decrypt');
  });

  it('hands on calls that only read', () => {
    const { calls, guarded } = stub();
    expect(guarded.C_OpenSession(HANDLE, CKF_SERIAL_SESSION)).toBe('called');
    guarded.C_Login(HANDLE, 1, 'pin');
    guarded.C_FindObjectsInit(HANDLE, [{ type: PKCS11_READ_ATTRIBUTES.CKA_LABEL, value: 'a' }]);
    guarded.C_FindObjectsInit(HANDLE, [{ type: CKA_CLASS, value: CKO_SECRET_KEY }]);
    guarded.C_GetAttributeValue(HANDLE, HANDLE, [{ type: PKCS11_READ_ATTRIBUTES.CKA_CHECK_VALUE }]);
    expect(calls['C_Login']).toHaveBeenCalledWith(HANDLE, 1, 'pin');
    expect(calls['C_GetAttributeValue']).toHaveBeenCalledOnce();
  });

  it.each<[string, (module: ReadOnlyModule) => unknown]>([
    ['C_OpenSession', (module) => module.C_OpenSession(HANDLE, CKF_SERIAL_SESSION | CKF_RW_SESSION)],
    ['C_Login', (module) => module.C_Login(HANDLE, CKU_SO, 'pin')],
    ['C_Login', (module) => module.C_Login(HANDLE, CKU_CONTEXT_SPECIFIC, 'pin')],
    ['C_FindObjectsInit', (module) => module.C_FindObjectsInit(HANDLE, [{ type: CKA_VALUE, value: 'x' }])],
    ['C_FindObjectsInit', (module) => module.C_FindObjectsInit(HANDLE, [])],
    ['C_FindObjectsInit', (module) => module.C_FindObjectsInit(HANDLE, [{ type: CKA_CLASS, value: CKO_DATA }])],
    ['C_FindObjectsInit', (module) => module.C_FindObjectsInit(HANDLE, [{ type: CKA_CLASS }])],
    ['C_GetAttributeValue', (module) => module.C_GetAttributeValue(HANDLE, HANDLE, [{ type: CKA_VALUE }])],
    ['C_GetAttributeValue', (module) => module.C_GetAttributeValue(HANDLE, HANDLE, [{ type: CKA_PRIVATE_EXPONENT }])],
    ['C_GetAttributeValue', (module) => module.C_GetAttributeValue(HANDLE, HANDLE, [])],
  ])('refuses %s where it would do more, before the module is called', (name, call) => {
    const { calls, guarded } = stub();
    expect(() => call(guarded)).toThrow(ForbiddenRequestError);
    expect(calls[name]).not.toHaveBeenCalled();
  });

  it('tells the administrator the same list', () => {
    const text = pkcs11Rights();
    for (const name of [...Object.keys(PKCS11_READ_FUNCTIONS), ...Object.keys(PKCS11_READ_ATTRIBUTES)]) {
      expect(text).toContain(name);
    }
    expect(Object.values(PKCS11_READ_ATTRIBUTES)).not.toContain(CKA_VALUE);
  });

  it('tells of what proves where that is asked for, and only there', () => {
    for (const name of Object.keys(PKCS11_PROOF_FUNCTIONS)) {
      expect(pkcs11Rights()).not.toContain(name);
      expect(pkcs11Rights(true)).toContain(name);
    }
  });
});

describe('the keys of a token', () => {
  /** A module with so many secret keys, each without label and id. */
  const tokenWith = (keys: number) => {
    let left = 0;
    return guardedModule({
      C_FindObjectsInit: (_: unknown, [{ value }]: readonly [{ readonly value: number }]) => {
        left = value === CKO_SECRET_KEY ? keys : 0;
      },
      C_FindObjects: (_: unknown, most: number) => {
        const count = Math.min(most, left);
        left -= count;
        return Array.from({ length: count }, () => HANDLE);
      },
      C_FindObjectsFinal: () => undefined,
      C_GetAttributeValue: (_: unknown, __: unknown, [{ type }]: readonly [{ readonly type: number }]) => [
        { type, value: Buffer.from(type === PKCS11_READ_ATTRIBUTES.CKA_LABEL ? 'a' : [0xab]) },
      ],
    } as unknown as ReadOnlyModule);
  };

  it('are listed by label and id, and not at all where there are more than anybody would look through', () => {
    expect(keyNames(tokenWith(2), HANDLE)).toEqual(['a', 'id:ab', 'a', 'id:ab']);
    expect(keyNames(tokenWith(10_000), HANDLE)).toHaveLength(20_000);
    expect(() => keyNames(tokenWith(10_001), HANDLE)).toThrow('too-many-keys');
  });
});
