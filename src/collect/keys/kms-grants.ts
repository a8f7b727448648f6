import type { ListGrantsCommandOutput } from '@aws-sdk/client-kms';
import type { Facts } from '../../model/facts.ts';
import type { KmsClient } from './kms-client.ts';
import { kmsError } from './kms-error.ts';

export type KeyGrantee = NonNullable<Facts['key-settings']['grants']>[number];
type Right = KeyGrantee['rights'][number];

/** A page has at most 100, and AWS allows 50,000 grants on a key (AWS KMS Developer Guide, "Resource quotas"). */
const MAX_PAGES = 500;

/** What of a grant's operations matters to who can read or pass on a key. No operation that a grant can allow takes it away. */
const RIGHTS: ReadonlyMap<string, Right> = new Map([
  ['Decrypt', 'decrypt'],
  ['ReEncryptFrom', 'decrypt'],
  ['CreateGrant', 'create-grants'],
  ['RetireGrant', 'retire-grants'],
]);

/**
 * Everyone whom grants on a key let decrypt with it, create further grants or retire grants; others that hold grants are left
 * out. Conditions of grants are not looked at.
 * Source: AWS KMS API Reference, "ListGrants" and "GrantListEntry".
 * @param keyId id of the key
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readKmsGrants(client: KmsClient, keyId: string): Promise<readonly KeyGrantee[]> {
  const found = new Map<string, Set<Right>>();
  const note = (principal: string | undefined, right: Right | undefined) => {
    if (principal === undefined || right === undefined) return;
    found.set(principal, (found.get(principal) ?? new Set()).add(right));
  };
  let marker: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const output: ListGrantsCommandOutput = await client.listGrants(keyId, marker).catch((error: unknown) => {
      throw kmsError(client, 'ListGrants', keyId, error);
    });
    if (!Array.isArray(output.Grants)) throw kmsError(client, 'ListGrants', keyId, null);
    for (const { GranteePrincipal, RetiringPrincipal, Operations = [] } of output.Grants) {
      for (const operation of Operations) note(GranteePrincipal, RIGHTS.get(operation));
      note(RetiringPrincipal, 'retire-grants');
    }
    if (output.Truncated !== true || output.NextMarker === undefined) break;
    marker = output.NextMarker;
  }
  return [...found]
    .map(([principal, rights]) => ({ principal, rights: [...rights].sort() }))
    .sort((a, b) => (a.principal < b.principal ? -1 : 1));
}
