import type { z } from 'zod';
import { SourceError } from '../../model/source-error.ts';
import type { VaultClient, VaultRequestParameters } from './vault-client.ts';
import type { VaultAnswer } from './vault-exchange.ts';
import { type VaultRequestName, vaultPolicyLine, vaultRequest, vaultRequestPath } from './vault-requests.ts';
import { saysInvalidToken, saysNoLeader, saysTooMany, vaultSaid } from './vault-said.ts';

/**
 * What an answer that is not 200 means. Statuses by the Vault HTTP API documentation, "HTTP Status Codes" and "/sys/health".
 */
export function vaultError(
  client: VaultClient,
  name: VaultRequestName,
  parameters: VaultRequestParameters,
  answer: VaultAnswer,
): SourceError {
  const request = vaultRequest(name);
  const what = `${client.locator}, ${request.method} ${vaultRequestPath(request, parameters)}`;
  const said = vaultSaid(answer);
  const { status } = answer;
  if (status === 403 || said.includes('missing client token')) return refused(client, name, parameters, said, what);
  if (saysNoLeader(answer)) {
    return new SourceError(
      'unreachable',
      `${what}: the cluster has no leader`,
      'See that most of its nodes run and are unsealed: vault operator raft list-peers. Then run the audit again.',
    );
  }
  if (said.includes('removed from')) {
    return new SourceError(
      'unreachable',
      `${what}: this node was removed from its cluster`,
      'Give the address of a node that belongs to the cluster.',
    );
  }
  if (status === 503 && said.includes('sealed')) {
    return new SourceError('unreachable', `${what}: Vault is sealed`, 'Unseal Vault, then run the audit again.');
  }
  if (status === 501 || said.includes('not initialized')) {
    return new SourceError(
      'unreachable',
      `${what}: Vault is not initialized`,
      'Check that the address is that of the Vault that holds the keys.',
    );
  }
  if (saysTooMany(answer)) {
    return new SourceError(
      'unreachable',
      `${what}: a rate limit quota of Vault refused the request`,
      'Raise the rate limit quota for the token of the audit, or lower its concurrency.',
    );
  }
  if (status === 472) {
    return new SourceError(
      'unreachable',
      `${what}: this is a disaster recovery secondary and serves no keys (status 472)`,
      'Give the address of the primary cluster.',
    );
  }
  if (status === 429 || status === 473) {
    return new SourceError(
      'unreachable',
      `${what}: this node is a standby and does not answer (status ${status})`,
      'Give the address of the active node, or let standby nodes forward requests.',
    );
  }
  if (status === 404) {
    return new SourceError(
      'unreachable',
      `${what}: there is no such path`,
      'Check mount path and namespace in the configuration.',
    );
  }
  if (status >= 500) {
    return new SourceError(
      'unreachable',
      `${what}: answered with status ${status}`,
      'See the log of the Vault server.',
    );
  }
  return new SourceError(
    'malformed',
    `${what}: answered with status ${status}`,
    'Check address, mount path and namespace in the configuration.',
  );
}

function refused(
  client: VaultClient,
  name: VaultRequestName,
  parameters: VaultRequestParameters,
  said: string,
  what: string,
): SourceError {
  if (saysInvalidToken(said) && client.tokenWasAccepted()) {
    return new SourceError(
      'unauthorized',
      `${what}: the token is not valid any more; it was accepted earlier in this run, and expired or was revoked since`,
      'Give the audit a token that lives longer than a run, or a login in its place: it then gets a new one by itself.',
    );
  }
  if (saysInvalidToken(said) || said.includes('missing client token')) {
    return new SourceError(
      'unauthorized',
      `${what}: the token is not valid; it is wrong, revoked or expired, or belongs to another Vault`,
      `Issue a new token for the policy of the audit at ${client.locator}.`,
    );
  }
  if (name === 'mount') {
    return new SourceError(
      'unauthorized',
      `${what}: permission denied`,
      `Check that the mount exists; the token's policy needs any line on a path below it, e.g. ${lineFor('key', parameters)}`,
    );
  }
  return new SourceError(
    'unauthorized',
    `${what}: permission denied`,
    `Add to a policy of the token: ${lineFor(name, parameters)}`,
  );
}

function lineFor(name: VaultRequestName, parameters: VaultRequestParameters): string {
  return (
    vaultPolicyLine(vaultRequest(name), parameters.mount ?? '') ?? 'none is needed; see the log of the Vault server'
  );
}

/**
 * Asks, and reads the answer by `schema`.
 * @throws SourceError as {@link vaultError} says, or malformed where the answer does not have the shape of Vault's
 */
export async function askVault<T>(
  client: VaultClient,
  name: VaultRequestName,
  parameters: VaultRequestParameters,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T; readonly answer: VaultAnswer }> {
  const answer = await client.ask(name, parameters);
  if (answer.status !== 200) throw vaultError(client, name, parameters, answer);
  return { value: readVaultBody(client, name, answer, schema), answer };
}

/** @throws SourceError malformed where the body does not have the shape of Vault's */
export function readVaultBody<T>(
  client: VaultClient,
  name: VaultRequestName,
  answer: VaultAnswer,
  schema: z.ZodType<T>,
): T {
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole body').slice(0, 5);
  throw new SourceError(
    'malformed',
    `${client.locator} answered ${vaultRequest(name).path} in an unknown shape (${fields.join(', ')})`,
    'Check that the address is that of a Vault server of a supported version.',
  );
}
