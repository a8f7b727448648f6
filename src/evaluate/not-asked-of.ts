/**
 * Kinds of key providers without a setting of the key that stands between it and its deletion, or where another control
 * judges that setting, with the reason.
 */
export const NOT_ASKED_OF: Readonly<Record<string, string>> = {
  // PKCS#11 v3.1, 4.4 "Storage objects" and 5.7.3 C_DestroyObject: the session of the token's user may destroy its objects.
  pkcs11: 'a token has no list of who may delete a key: whoever logs in as its user may',
  // Microsoft Learn, "Azure Key Vault soft-delete overview".
  'azure-key-vault':
    'what stands against deletion in Azure is soft delete with purge protection, which is judged as recovery of the key (KEY-5)',
};
