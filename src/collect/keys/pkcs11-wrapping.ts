import type { Mechanism } from 'pkcs11js';
import type { Pkcs11Wrapping } from '../../model/wrapping.ts';

/** What a mechanism takes and gives. Numbers: OASIS PKCS #11 3.0, header pkcs11t.h. */
interface WrappingMechanism {
  /** CKM_… */
  readonly mechanism: number;
  /** CKK_… of the key that wraps by it. */
  readonly keyType: number;
  /** Whether other data may have gone along, which must be given again. */
  readonly takesContext: boolean;
  /** Whether what this wraps can have this many bytes. An RSA key wraps into as many as its modulus has. */
  readonly isLength: (bytes: number, modulusBytes: number | null) => boolean;
}

const CKK_RSA = 0x00;
const CKK_AES = 0x1f;
/** Of a sample that was encrypted by AES-GCM: where its parts are is a convention, and this is the usual one. */
export const GCM_IV_BYTES = 12;
const GCM_TAG_BYTES = 16;

const aes = (mechanism: number, isLength: (bytes: number) => boolean): WrappingMechanism => ({
  mechanism,
  keyType: CKK_AES,
  takesContext: false,
  isLength,
});
const OAEP: WrappingMechanism = {
  mechanism: 0x09,
  keyType: CKK_RSA,
  takesContext: true,
  isLength: (bytes, modulusBytes) => modulusBytes === null || bytes === modulusBytes,
};
/** RFC 3394, section 2.2.1: one block of eight bytes more than was wrapped, which were two at least. */
const isWrapped = (bytes: number) => bytes >= 24 && bytes % 8 === 0;
/** RFC 5649, section 4.1: the same, of one block at least. */
const isPadded = (bytes: number) => bytes >= 16 && bytes % 8 === 0;

export const PKCS11_WRAPPING_MECHANISMS: Readonly<Record<Pkcs11Wrapping, WrappingMechanism>> = {
  CKM_AES_KEY_WRAP: aes(0x2109, isWrapped),
  CKM_AES_KEY_WRAP_PAD: aes(0x210a, isPadded),
  CKM_AES_KEY_WRAP_KWP: aes(0x210b, isPadded),
  CKM_AES_GCM: { ...aes(0x1087, (bytes) => bytes > GCM_IV_BYTES + GCM_TAG_BYTES), takesContext: true },
  'CKM_RSA_PKCS_OAEP/SHA-1': OAEP,
  'CKM_RSA_PKCS_OAEP/SHA-256': OAEP,
  'CKM_RSA_PKCS_OAEP/SHA-384': OAEP,
  'CKM_RSA_PKCS_OAEP/SHA-512': OAEP,
};

/** CKM_… of the hash, and CKG_MGF1_… by the same one. */
const OAEP_HASHES: Readonly<Partial<Record<Pkcs11Wrapping, readonly [number, number]>>> = {
  'CKM_RSA_PKCS_OAEP/SHA-1': [0x220, 1],
  'CKM_RSA_PKCS_OAEP/SHA-256': [0x250, 2],
  'CKM_RSA_PKCS_OAEP/SHA-384': [0x260, 3],
  'CKM_RSA_PKCS_OAEP/SHA-512': [0x270, 4],
};
const CKZ_DATA_SPECIFIED = 1;
/** CK_PARAMS_… of pkcs11js 2.1, which are its own and no numbers of PKCS#11. */
const PARAMS_RSA_OAEP = 4;
const PARAMS_GCM = 25;

/**
 * What is given to the module: the mechanism with its parameters, and the bytes that it opens.
 * @param context what went along when it was wrapped: additional data or a label
 */
export function mechanismFor(
  wrapping: Pkcs11Wrapping,
  sample: Buffer,
  context: Buffer | null,
): { readonly mechanism: Mechanism; readonly wrapped: Buffer } {
  const { mechanism } = PKCS11_WRAPPING_MECHANISMS[wrapping];
  const hash = OAEP_HASHES[wrapping];
  if (hash !== undefined) {
    const [hashAlg, mgf] = hash;
    const label = context === null ? {} : { sourceData: context };
    const parameter = { type: PARAMS_RSA_OAEP, hashAlg, mgf, source: CKZ_DATA_SPECIFIED, ...label };
    return { mechanism: { mechanism, parameter }, wrapped: sample };
  }
  if (wrapping !== 'CKM_AES_GCM') return { mechanism: { mechanism }, wrapped: sample };
  const additional = context === null ? {} : { aad: context };
  const iv = sample.subarray(0, GCM_IV_BYTES);
  const parameter = { type: PARAMS_GCM, iv, ivBits: 8 * GCM_IV_BYTES, tagBits: 8 * GCM_TAG_BYTES, ...additional };
  return { mechanism: { mechanism, parameter }, wrapped: sample.subarray(GCM_IV_BYTES) };
}
