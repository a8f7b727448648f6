import nodeVault from 'node-vault';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import type { VaultAnswer } from './vault-exchange.ts';
import {
  isVaultKeyName,
  isVaultMount,
  type VaultReadRequest,
  type VaultRequestName,
  vaultRequest,
  vaultRequestPath,
} from './vault-requests.ts';
import { createVaultTransport, type VaultWireRequest } from './vault-transport.ts';

export interface VaultClientOptions {
  /** `http://` or `https://`, host and port, nothing else. */
  readonly address: string;
  readonly token: Secret;
  /** Namespace of Vault Enterprise or HCP Vault in which the transit mounts lie. */
  readonly namespace?: string;
  /** PEM file with certificate authorities to trust besides the ones Node.js trusts. */
  readonly caFile?: string;
  /** For one request, from the first byte sent to the last one received. */
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal;
  /** Whether samples may be rewrapped. Default: no. */
  readonly prove?: boolean;
}

/** A Vault server that can only be asked what VAULT_READ_REQUESTS lists, and what VAULT_PROOF_REQUESTS does where it may prove. */
export interface VaultClient {
  /** Safe to print, e.g. `Vault at https://vault.example:8200`. */
  readonly locator: string;
  /**
   * The answer whatever its status, so that a sealed Vault's answer is one too.
   * @throws SourceError unreachable, timeout, malformed (no JSON, or a mount or key name that none can have)
   */
  ask(request: VaultRequestName, parameters?: VaultRequestParameters): Promise<VaultAnswer>;
  /** Closes idle connections. */
  close(): void;
}

export interface VaultRequestParameters {
  /** Path of a secrets engine, e.g. `transit`. */
  readonly mount?: string;
  readonly name?: string;
  /** JSON body of a POST. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/**
 * A client on node-vault whose every request goes through one transport of ours. The environment (`VAULT_TOKEN`,
 * `VAULT_SKIP_VERIFY`, `VAULT_NAMESPACE`, `VAULT_PREFIX`, proxies) has no influence.
 * @throws SourceError malformed when the address is none, unauthorized when the token cannot be one
 */
export function createVaultClient(options: VaultClientOptions): VaultClient {
  const endpoint = parseAddress(options.address);
  const locator = `Vault at ${endpoint}`;
  if (!/^[\x21-\x7e]+$/.test(options.token.reveal())) {
    throw new SourceError(
      'unauthorized',
      `the token for ${locator} is empty or has characters that no token has`,
      'Give the token alone, without spaces or line breaks.',
    );
  }
  const transport = createVaultTransport({
    where: locator,
    caFile: options.caFile ?? null,
    timeoutMillis: options.timeoutMillis,
    signal: options.signal ?? null,
    prove: options.prove ?? false,
  });
  const vault = nodeVault({
    endpoint,
    noCustomHTTPVerbs: true,
    debug: () => undefined,
    'request-promise': { defaults: () => (request: VaultWireRequest) => transport.send(request) },
  });
  // node-vault falls back to the environment for each of these when it is not given, and drops the status of an answer.
  Object.assign(vault, {
    token: options.token.reveal(),
    namespace: options.namespace ?? '',
    pathPrefix: '',
    handleVaultResponse: (answer: VaultAnswer) => answer,
  });
  const send: Readonly<Record<VaultReadRequest['method'], (path: string, body: unknown) => Promise<VaultAnswer>>> = {
    GET: (path) => vault.read(path),
    LIST: (path) => vault.list(path),
    POST: (path, body) => vault.write(path, body),
  };
  return {
    locator,
    async ask(name, parameters = {}) {
      const request = vaultRequest(name);
      requireNames(locator, request, parameters);
      return await send[request.method](vaultRequestPath(request, parameters), parameters.body ?? {});
    },
    close: () => transport.close(),
  };
}

/** Names come from the audited databases: one that Vault could not have is an answer about them, and must not end the run. */
function requireNames(
  locator: string,
  { path }: VaultReadRequest,
  { mount = '', name = '' }: VaultRequestParameters,
): void {
  if (path.includes('{mount}') && !isVaultMount(mount)) {
    throw new SourceError(
      'malformed',
      `${JSON.stringify(mount.slice(0, 80))} cannot be a mount of ${locator}`,
      'Correct the mount path of the key provider.',
    );
  }
  if (path.includes('{name}') && !isVaultKeyName(name)) {
    throw new SourceError(
      'malformed',
      `${JSON.stringify(name.slice(0, 80))} cannot be a key of ${locator}`,
      'Check the reference of the key where the organization keeps it.',
    );
  }
}

function parseAddress(address: string): string {
  const url = URL.parse(address);
  const remedy = 'Write the address as https://host:port.';
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SourceError('malformed', 'the address of Vault is not an http or https address', remedy);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new SourceError(
      'malformed',
      `the address of Vault at ${url.host} holds more than a scheme, a host and a port`,
      remedy,
    );
  }
  if (url.pathname !== '/') {
    throw new SourceError(
      'malformed',
      `the address of Vault at ${url.host} has a path; requests below a path are not on the allow-list`,
      remedy,
    );
  }
  return url.origin;
}
