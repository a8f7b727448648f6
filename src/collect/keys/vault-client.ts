import nodeVault from 'node-vault';
import { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { type VaultAnswer, VaultRedirectError } from './vault-exchange.ts';
import { createLeaderPatience } from './vault-leader.ts';
import { loginBody, readLogin, type VaultLogin } from './vault-login.ts';
import {
  isVaultKeyName,
  isVaultMount,
  VAULT_SESSION_REQUESTS,
  type VaultReadRequest,
  type VaultRequestName,
  vaultLoginPath,
  vaultRequest,
  vaultRequestPath,
} from './vault-requests.ts';
import { saysInvalidToken, vaultSaid } from './vault-said.ts';
import { givenToken, loginSession } from './vault-session.ts';
import { createVaultTransport, type VaultWireRequest } from './vault-transport.ts';

export interface VaultClientOptions {
  /** `http://` or `https://`, host and port, nothing else. */
  readonly address: string;
  /** A token, or how to get one. */
  readonly token: Secret | VaultLogin;
  /** Addresses of other nodes of the same cluster, to which a standby may send a request on. */
  readonly nodes?: readonly string[];
  /** Namespace of Vault Enterprise or HCP Vault in which the transit mounts lie. */
  readonly namespace?: string;
  /** PEM file with certificate authorities to trust besides the ones Node.js trusts. */
  readonly caFile?: string;
  /** For one request, from the first byte sent to the last one received. */
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal;
  /** Whether samples may be rewrapped. Default: no. */
  readonly prove?: boolean;
  /** For how long a rate limit quota may refuse every request before that is the answer. Default: a minute. */
  readonly quotaPatienceMillis?: number;
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
  /** Whether the token was given, and not made by a login of this run, which makes another one when it expires. */
  readonly hasGivenToken: boolean;
  /** Whether Vault accepted the token before: one that it refuses now expired or was revoked since. */
  tokenWasAccepted(): boolean;
  /** Gives back the token of a login, as far as Vault answers, and closes idle connections. */
  close(): Promise<void>;
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
  const login = options.token instanceof Secret ? null : options.token;
  if (options.token instanceof Secret && !/^[\x21-\x7e]+$/.test(options.token.reveal())) {
    throw new SourceError(
      'unauthorized',
      `the token for ${locator} is empty or has characters that no token has`,
      'Give the token alone, without spaces or line breaks.',
    );
  }
  if (login !== null && !isVaultMount(login.mount)) {
    throw new SourceError(
      'malformed',
      `${JSON.stringify(login.mount.slice(0, 80))} cannot be the mount of an auth method of ${locator}`,
      'Set login.mount to the path that vault auth list shows.',
    );
  }
  const transport = createVaultTransport({
    where: locator,
    caFile: options.caFile ?? null,
    timeoutMillis: options.timeoutMillis,
    signal: options.signal ?? null,
    loginMount: login?.mount ?? null,
    nodes: (options.nodes ?? []).map(parseAddress),
    prove: options.prove ?? false,
    quotaPatienceMillis: options.quotaPatienceMillis ?? null,
  });
  const vault = nodeVault({
    endpoint,
    noCustomHTTPVerbs: true,
    debug: () => undefined,
    // Only its read, list and write are used, whose requests the transport checks: no other command is made.
    commands: {},
    tv4: Object.assign(() => true, { validate: () => true }),
    'request-promise': { defaults: () => (request: VaultWireRequest) => transport.send(request) },
  });
  // node-vault falls back to the environment for each of these when it is not given, and drops the status of an answer.
  Object.assign(vault, {
    token: '',
    namespace: options.namespace ?? '',
    pathPrefix: '',
    handleVaultResponse: (answer: VaultAnswer) => answer,
  });
  const send: Readonly<Record<VaultReadRequest['method'], (path: string, body: unknown) => Promise<VaultAnswer>>> = {
    GET: (path) => vault.read(path),
    LIST: (path) => vault.list(path),
    POST: (path, body) => vault.write(path, body),
  };
  const leader = createLeaderPatience(options.signal ?? null);
  const session =
    login === null
      ? givenToken((options.token as Secret).reveal())
      : loginSession(locator, async () => {
          const body = await loginBody(login);
          const logIn = (): Promise<VaultAnswer> => vault.write(vaultLoginPath(login.mount), body);
          const answer = await leader.wait(await logIn(), logIn);
          return readLogin(locator, login, answer, vaultSaid(answer)).token;
        });
  let accepted = false;

  async function ask(request: VaultReadRequest, path: string, body: unknown): Promise<VaultAnswer> {
    const sendOnce = () => send[request.method](path, body);
    if (!request.authenticated) return await leader.wait(await sendOnce(), sendOnce);
    const sendWith = async (token: string): Promise<VaultAnswer | VaultRedirectError> => {
      // node-vault puts it into the headers before it gives control back.
      vault.token = token;
      try {
        return await sendOnce();
      } catch (error) {
        // What answered before and now sends elsewhere may be about to have another leader.
        if (accepted && error instanceof VaultRedirectError) return error;
        throw error;
      }
    };
    // What is there already is not waited for: ten thousand keys are asked for one after the other.
    const held = session.token();
    const token = typeof held === 'string' ? held : await held;
    const answer = await leader.wait(await sendWith(token), () => sendWith(token));
    if (answer.status !== 403 || !saysInvalidToken(vaultSaid(answer))) {
      accepted ||= answer.status === 200 || answer.status === 404;
      return answer;
    }
    const next = await session.renewed(token);
    return next === null ? answer : await leader.wait(await sendWith(next), () => sendWith(next));
  }

  return {
    locator,
    async ask(name, parameters = {}) {
      const request = vaultRequest(name);
      requireNames(locator, request, parameters);
      return await ask(request, vaultRequestPath(request, parameters), parameters.body ?? {});
    },
    hasGivenToken: login === null,
    tokenWasAccepted: () => accepted,
    async close() {
      const own = session.own();
      if (own !== null) {
        vault.token = own;
        // A token that could not be given back ends by its own time to live.
        await Promise.resolve(vault.write(VAULT_SESSION_REQUESTS.revokeSelf.path, {})).catch(() => undefined);
      }
      transport.close();
    },
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
