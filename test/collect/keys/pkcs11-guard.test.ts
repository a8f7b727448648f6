import { describe, expect, it, vi } from 'vitest';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import {
  PKCS11_READ_ATTRIBUTES,
  PKCS11_READ_FUNCTIONS,
  pkcs11Rights,
} from '../../../src/collect/keys/pkcs11-functions.ts';
import { guardedModule, type ReadOnlyModule } from '../../../src/collect/keys/pkcs11-guard.ts';

const HANDLE = Buffer.alloc(8);
const CKF_RW_SESSION = 0x2;
const CKF_SERIAL_SESSION = 0x4;
const CKU_SO = 0;
const CKU_CONTEXT_SPECIFIC = 2;
const CKA_VALUE = 0x11;
const CKA_PRIVATE_EXPONENT = 0x123;

function stub() {
  const names = [...Object.keys(PKCS11_READ_FUNCTIONS), 'C_SetPIN', 'C_DestroyObject', 'C_Decrypt', 'C_WrapKey'];
  const calls = Object.fromEntries(names.map((name) => [name, vi.fn((..._args: readonly unknown[]) => 'called')]));
  return { calls, guarded: guardedModule(calls as unknown as ReadOnlyModule) };
}

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
});
