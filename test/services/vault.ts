import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import { makeServerCertificate } from './certificates.ts';
import { httpRequest } from './http-request.ts';
import { vaultRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import type { ServerProcess } from './server-process.ts';
import { startServerProcess } from './server-process.ts';

export interface VaultOptions {
  /** Serve TLS under an authority made for this server (needs openssl). */
  readonly tls?: boolean;
  /** A `seal` stanza in HCL for auto-unseal; Shamir shares unless stated. */
  readonly seal?: string;
  /** A `storage` stanza in HCL, given the server's scratch folder; raft unless stated. */
  readonly storage?: (directory: string) => string;
  /** False: the server runs and was never initialized; it has no root token and no shares. */
  readonly initialize?: boolean;
  /** For the server's process, such as `VAULT_TOKEN` for a transit seal. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Status and JSON body (null when empty) of an answer of Vault's HTTP API. */
export interface VaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One request as the file audit device wrote it. */
export interface AuditedRequest {
  readonly operation: string;
  readonly path: string;
}

/** A one-node Vault, unless asked for otherwise with raft storage, initialized, unsealed, active, with a file audit device. Disposal stops and removes it. */
export interface VaultServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, or `https:` with TLS. */
  readonly address: string;
  /** PEM file of the authority to trust, null without TLS. */
  readonly caFile: string | null;
  readonly rootToken: string;
  /** Shares that open it: unseal shares, or with a `seal` stanza recovery shares. */
  readonly shares: readonly string[];
  /** The server's scratch folder. */
  readonly directory: string;
  /** Calls `/v1/PATH`, with the root token unless another (or null: none) is given. Any status is an answer. */
  readonly request: (method: string, path: string, body?: object, token?: string | null) => Promise<VaultAnswer>;
  /** A token, not renewable and without the default policy, that has the policy given in HCL and nothing else. */
  readonly createToken: (policy: string) => Promise<string>;
  /** Requests which the audit device saw made with this token, in order. */
  readonly requestsOf: (token: string) => Promise<readonly AuditedRequest[]>;
  readonly seal: () => Promise<void>;
  /** Gives the threshold of shares (Shamir seal only) and waits until it is active. */
  readonly unseal: () => Promise<void>;
  /**
   * Restarts it with a `seal` stanza in HCL in place of its shares, and gives these for the last time (Vault
   * documentation, "Seal migration"). It cannot be stopped and started after that.
   */
  readonly migrateSeal: (stanza: string) => Promise<void>;
  /** Writes a raft snapshot (gzipped tar) to the file, clearly later than whatever was made so far. */
  readonly snapshot: (file: string) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Starts it again after `stop` and, with a Shamir seal, unseals it. */
  readonly start: () => Promise<void>;
}

const initAnswer = z.object({ root_token: z.string(), keys: z.array(z.string()) });
const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });
const hashAnswer = z.object({ data: z.object({ hash: z.string() }) });
const auditLine = z.object({
  type: z.string(),
  auth: z.object({ client_token: z.string().optional() }).default({}),
  request: z.object({ operation: z.string().default(''), path: z.string().default('') }),
});
const SHARES = 3;
/** The header of a snapshot has whole seconds, and so has the creation of most versions. */
export const CLEARLY_LATER_MS = 3000;
const THRESHOLD = 2;
const ACTIVE = 200;
const MAX_OK = 299;

/** Why Vault cannot be had here, or null. */
export function vaultUnavailable(): string | null {
  return cachedServiceUnavailable(vaultRecipe);
}

/** `performance_multiplier` 1 shortens the raft election from seconds to about one. */
export function raftStorage(directory: string, node = 'node-1'): string {
  return `storage "raft" {
  path = "${join(directory, 'raft')}"
  node_id = "${node}"
  performance_multiplier = 1
}`;
}

/** A listener's TLS settings in HCL. @param certificate null: without TLS */
export function listenerTls(
  certificate: { readonly certificateFile: string; readonly keyFile: string } | null,
): string {
  return certificate === null
    ? 'tls_disable = true'
    : `tls_cert_file = "${certificate.certificateFile}"\n  tls_key_file = "${certificate.keyFile}"`;
}

export interface VaultConfiguration {
  readonly address: string;
  readonly clusterPort: number;
  readonly tls: string;
  readonly storage: string;
  readonly seal?: string;
}

/** HCL takes one argument per line. */
export function vaultConfiguration({ address, clusterPort, tls, storage, seal = '' }: VaultConfiguration): string {
  return `
disable_mlock = true
ui = false
${storage}
listener "tcp" {
  address = "${new URL(address).host}"
  cluster_address = "127.0.0.1:${clusterPort}"
  ${tls}
}
api_addr = "${address}"
cluster_addr = "${address.replace(/\d+$/, String(clusterPort))}"
${seal}
`;
}

/** Starts a Vault of its own. Throws when it is not built or does not become active. */
export async function startVault({
  tls = false,
  seal,
  storage = raftStorage,
  initialize = true,
  environment = {},
}: VaultOptions = {}): Promise<VaultServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('vault'));
  const certificate = tls ? await makeServerCertificate(directory) : null;
  const ca = certificate ? await readFile(certificate.caFile, 'utf8') : null;
  const address = `${tls ? 'https' : 'http'}://127.0.0.1:${await freePort()}`;
  const configurationFile = join(directory, 'vault.hcl');
  const auditFile = join(directory, 'audit.log');
  await mkdir(join(directory, 'raft'));
  await writeFile(
    configurationFile,
    vaultConfiguration({
      address,
      clusterPort: await freePort(),
      tls: listenerTls(certificate),
      storage: storage(directory),
      ...(seal === undefined ? {} : { seal }),
    }),
  );
  let rootToken = '';
  let shares: readonly string[] = [];
  let server: ServerProcess | null = null;

  async function send(method: string, path: string, body?: object, token: string | null = rootToken) {
    const headers = token ? { 'X-Vault-Token': token } : {};
    const question = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}), ...(ca ? { ca } : {}) };
    return httpRequest(`${address}/v1/${path}`, question);
  }
  async function request(method: string, path: string, body?: object, token?: string | null): Promise<VaultAnswer> {
    const answer = await send(method, path, body, token);
    const text = answer.body.toString('utf8');
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  }
  async function succeed(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await request(method, path, body);
    if (answer.status > MAX_OK) throw new Error(`Vault answered ${answer.status} to ${method} ${path}`);
    return answer.body;
  }
  async function isActive(): Promise<true | null> {
    return (await send('GET', 'sys/health', undefined, null)).status === ACTIVE || null;
  }
  async function unseal(migrate = false): Promise<void> {
    const how = migrate ? { migrate } : {};
    for (const key of shares.slice(0, THRESHOLD)) await succeed('PUT', 'sys/unseal', { key, ...how });
    await waitUntil('Vault is active', isActive, 60_000, server?.ended);
  }
  async function launch(): Promise<void> {
    const program = requireCachedProgram(vaultRecipe);
    const args = ['server', `-config=${configurationFile}`];
    const logFile = join(directory, 'server.log');
    const started = await startServerProcess({ program, args, cwd: directory, environment, logFile });
    server = started;
    await waitUntil('Vault answers', () => send('GET', 'sys/health', undefined, null), 60_000, started.ended);
  }
  async function stop(): Promise<void> {
    await server?.[Symbol.asyncDispose]();
    server = null;
  }
  async function start(): Promise<void> {
    await launch();
    await unseal();
  }

  cleanup.defer(stop);
  await launch();
  if (initialize) {
    const kind = seal ? 'recovery' : 'secret';
    const split = { [`${kind}_shares`]: SHARES, [`${kind}_threshold`]: THRESHOLD };
    const initialized = initAnswer.parse(await succeed('PUT', 'sys/init', split));
    rootToken = initialized.root_token;
    shares = initialized.keys;
    await unseal();
    await succeed('PUT', 'sys/audit/file', { type: 'file', options: { file_path: auditFile } });
  }
  const owned = cleanup.move();
  return {
    address,
    caFile: certificate?.caFile ?? null,
    rootToken,
    shares,
    directory,
    request,
    async createToken(policy) {
      const name = `test-${randomUUID()}`;
      await succeed('PUT', `sys/policies/acl/${name}`, { policy });
      const wanted = { policies: [name], no_default_policy: true, renewable: false };
      return tokenAnswer.parse(await succeed('POST', 'auth/token/create', wanted)).auth.client_token;
    },
    async requestsOf(token) {
      const { hash } = hashAnswer.parse(await succeed('POST', 'sys/audit-hash/file', { input: token })).data;
      const lines = (await readFile(auditFile, 'utf8')).split('\n').filter(Boolean);
      return lines
        .map((line) => auditLine.parse(JSON.parse(line)))
        .filter((line) => line.type === 'request' && line.auth.client_token === hash)
        .map(({ request: { operation, path } }) => ({ operation, path }));
    },
    async seal() {
      await succeed('PUT', 'sys/seal');
    },
    unseal: () => unseal(),
    async migrateSeal(stanza) {
      await stop();
      await appendFile(configurationFile, `${stanza}\n`);
      await launch();
      await unseal(true);
    },
    async snapshot(file) {
      await sleep(CLEARLY_LATER_MS);
      const answer = await send('GET', 'sys/storage/raft/snapshot');
      if (answer.status !== ACTIVE) throw new Error(`Vault answered ${answer.status} to the request for a snapshot`);
      await writeFile(file, answer.body);
    },
    stop,
    start,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
