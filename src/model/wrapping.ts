/*
 * How a wrapped sample was wrapped, in the words of its provider's kind. A provider that is given the key, the sample and
 * nothing else cannot tell. Only ways by which a wrong key or a damaged sample is noticed are listed: of others, such as
 * CKM_AES_CBC_PAD, CKM_RSA_PKCS or RSA1_5, something comes out by chance, so that unwrapping would show nothing.
 */

/**
 * Mechanisms of PKCS#11; of OAEP with the hash, which is also that of its mask.
 * Source: OASIS PKCS #11 Cryptographic Token Interface Current Mechanisms Specification 3.0; RFC 3394, RFC 5649, RFC 8017.
 */
export const PKCS11_WRAPPINGS = [
  'CKM_AES_KEY_WRAP',
  'CKM_AES_KEY_WRAP_PAD',
  'CKM_AES_KEY_WRAP_KWP',
  'CKM_AES_GCM',
  'CKM_RSA_PKCS_OAEP/SHA-1',
  'CKM_RSA_PKCS_OAEP/SHA-256',
  'CKM_RSA_PKCS_OAEP/SHA-384',
  'CKM_RSA_PKCS_OAEP/SHA-512',
] as const;
export type Pkcs11Wrapping = (typeof PKCS11_WRAPPINGS)[number];

/**
 * Algorithms of Azure Key Vault and Managed HSM.
 * Source: Azure Key Vault REST API 2025-07-01, "Unwrap Key", JsonWebKeyEncryptionAlgorithm.
 */
export const AZURE_WRAPPINGS = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'A128KW',
  'A192KW',
  'A256KW',
  'CKM_AES_KEY_WRAP',
  'CKM_AES_KEY_WRAP_PAD',
] as const;
export type AzureWrapping = (typeof AZURE_WRAPPINGS)[number];

/** What of Azure unwraps a sample: each takes a right of its own. */
export const AZURE_UNWRAP_OPERATIONS = ['unwrapKey', 'decrypt'] as const;
export type AzureUnwrapOperation = (typeof AZURE_UNWRAP_OPERATIONS)[number];
