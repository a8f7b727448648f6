import { z } from 'zod';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { VaultClient } from './vault-client.ts';
import { askVault, readVaultBody } from './vault-error.ts';

/** What a token may do, as Vault itself answers. */
export interface TokenRightsReading {
  /** Whether it may change anything at one of the paths asked about. */
  readonly canWrite: boolean;
  /** Vault's answer per path, e.g. `['deny']`, `['read']`, `['root']`. */
  readonly evidence: readonly { readonly path: string; readonly capabilities: readonly string[] }[];
  /** Of a token that was given: null where it does not expire, or may not look itself up. Of one of a login: null. */
  readonly expiresAt: Instant | null;
}

/** Vault documentation, "Policies", "Capabilities": what these allow changes something. */
const WRITING = new Set(['create', 'update', 'patch', 'delete', 'sudo', 'root']);

const capabilitiesSchema = z.object({ data: z.record(z.string(), z.union([z.array(z.string()), z.null()])) });

const lookupSchema = z.object({ data: z.object({ expire_time: z.string().nullish() }) });

/**
 * Paths at which a right to write would harm: using, rotating, changing and deleting keys of a mount, and the server itself.
 * @param keyNames keys to ask about by name, besides any other key of the mount
 */
export function vaultWritePaths(mount: string, keyNames: readonly string[] = []): readonly string[] {
  const perKey = ['any-other-key', ...keyNames].flatMap((name) => [
    `${mount}/keys/${name}`,
    `${mount}/keys/${name}/rotate`,
    `${mount}/keys/${name}/config`,
    `${mount}/keys/${name}/trim`,
    `${mount}/encrypt/${name}`,
    `${mount}/restore/${name}`,
  ]);
  return [
    ...perKey,
    `sys/mounts/${mount}`,
    'sys/policies/acl/any-policy',
    'sys/seal',
    'sys/rotate',
    'sys/step-down',
    'sys/storage/raft/snapshot',
    'auth/token/create',
  ];
}

const PATHS_PER_REQUEST = 500;

/**
 * Asks Vault what the token may do at each of `paths`.
 * Source: Vault HTTP API documentation, "/sys/capabilities-self" and "Token", "Lookup a token (self)".
 * @throws SourceError unauthorized where the token is not valid or may not ask
 */
export async function readTokenRights(client: VaultClient, paths: readonly string[]): Promise<TokenRightsReading> {
  const evidence: { path: string; capabilities: readonly string[] }[] = [];
  for (let start = 0; start < paths.length; start += PATHS_PER_REQUEST) {
    const some = paths.slice(start, start + PATHS_PER_REQUEST);
    const { value } = await askVault(client, 'capabilitiesSelf', { body: { paths: some } }, capabilitiesSchema);
    for (const path of some) evidence.push({ path, capabilities: answered(client, path, value.data[path]) });
  }
  return {
    canWrite: evidence.some(({ capabilities }) => capabilities.some((capability) => WRITING.has(capability))),
    evidence,
    expiresAt: client.hasGivenToken ? await readExpiry(client) : null,
  };
}

async function readExpiry(client: VaultClient): Promise<Instant | null> {
  const self = await client.ask('tokenSelf');
  if (self.status !== 200) return null;
  const expires = Date.parse(readVaultBody(client, 'tokenSelf', self, lookupSchema).data.expire_time ?? '');
  return Number.isNaN(expires) ? null : toInstant(expires);
}

/** A path that the answer leaves out must never read as "may not write". */
function answered(
  client: VaultClient,
  path: string,
  capabilities: readonly string[] | null | undefined,
): readonly string[] {
  if (capabilities !== undefined && capabilities !== null) return capabilities;
  throw new SourceError(
    'malformed',
    `${client.locator} did not say what the token may do at ${path}`,
    'Check the version of the Vault server.',
  );
}
