/** What the install records of a key in Azure Key Vault or Managed HSM. */
export interface AzureKeyReference {
  /** `https://NAME.vault.azure.net` where the reference is a whole identifier; null where it leaves the vault out. */
  readonly vault: string | null;
  /** In lower case: names are compared without it. */
  readonly name: string;
  /** 32 hexadecimal digits, in lower case; null where the reference means the key with all its versions. */
  readonly version: string | null;
}

const REFERENCE = /^(?:keys\/)?([0-9a-z-]{1,127})(?:\/([0-9a-f]{32}))?$/;

/**
 * Reads `NAME`, `NAME/VERSION` or the identifier that Azure shows (`https://…/keys/NAME/VERSION`); null for what is none.
 * Source: Microsoft Learn, "Azure Key Vault keys, secrets, and certificates overview", "Object identifiers": names are of
 * 1 to 127 letters, digits and dashes, versions of 32 characters, and both are compared without case.
 */
export function parseAzureKeyReference(keyRef: string): AzureKeyReference | null {
  const text = keyRef.trim();
  const url = text.includes('://') ? URL.parse(text) : null;
  if (text.includes('://') && (url === null || url.protocol !== 'https:' || url.search !== '' || url.username !== '')) {
    return null;
  }
  if (url !== null && !url.pathname.startsWith('/keys/')) return null;
  const path = url === null ? text : url.pathname.replace(/^\/|\/$/g, '');
  const [, name, version] = REFERENCE.exec(path.toLowerCase()) ?? [];
  if (name === undefined) return null;
  return { vault: url === null ? null : url.origin, name, version: version ?? null };
}

/** Whether two references of one provider mean the same key, whatever versions they name. */
export function sameAzureKey(one: string, other: string): boolean {
  const [a, b] = [parseAzureKeyReference(one), parseAzureKeyReference(other)];
  if (a === null || b === null || a.name !== b.name) return false;
  return a.vault === null || b.vault === null || a.vault === b.vault;
}
