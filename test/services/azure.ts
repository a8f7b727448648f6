import './azure-names.ts';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type AzureMaterial, openBy, rsaNumbers } from './azure-material.ts';
import { isGranted } from './azure-rights.ts';
import { makeServerCertificate, type ServerCertificate } from './certificates.ts';
import { scratchDirectory } from './scratch.ts';

/*
 * No emulator of Azure Key Vault can be had. This fixture speaks what Microsoft documents of the REST API 2025-07-01 and of
 * its sign-in, over TLS, with the challenge that the real service begins with. Its answers are documented shapes, observed
 * from nobody: what the real service does otherwise, no test here can find.
 */

export const TENANT = '11111111-2222-3333-4444-555555555555';
export const CLIENT = '66666666-7777-8888-9999-aaaaaaaaaaaa';
export const CLIENT_SECRET = 'PLANTED-client-secret-4tGz';
/** What the sign-in gives out, and must be seen nowhere. */
export const ACCESS_TOKEN = 'PLANTED-access-token-9kQw';

export interface FixtureVersion {
  readonly version: string;
  readonly enabled?: boolean;
  /** Seconds since the epoch, as all times here; null: from before the service kept it. */
  readonly created?: number | null;
  readonly nbf?: number;
  readonly exp?: number;
  /** What it really unwraps with; without one it unwraps nothing. */
  readonly material?: AzureMaterial;
}

export interface FixtureKey {
  readonly name: string;
  /** Oldest first. */
  readonly versions: readonly FixtureVersion[];
  readonly kty?: string;
  readonly keyOps?: readonly string[];
  readonly recoveryLevel?: string;
  readonly recoverableDays?: number;
  /** Where it was deleted. */
  readonly deleted?: { readonly deletedDate: number; readonly scheduledPurgeDate: number };
}

export interface FixtureRequest {
  readonly host: string;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
}

export interface FixtureAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AzureFixture extends AsyncDisposable {
  readonly caFile: string;
  readonly authorityHost: string;
  readonly vault: string;
  readonly managedHsm: string;
  /** Azure Resource Manager, which answers about the resources of the two. */
  readonly resourceManager: string;
  /** Everything that it was sent. */
  readonly requests: readonly FixtureRequest[];
  /** Of both services alike. */
  setKeys(keys: readonly FixtureKey[]): void;
  /** Answers in its place where it gives one; null ends that. */
  answerBy(answer: ((request: FixtureRequest) => FixtureAnswer | null) | null): void;
}

const PAGE = 25;
const DEFAULT_OPS = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];

/** Version names as the service makes them. */
export function versionName(number: number): string {
  return number.toString(16).padStart(32, '0');
}

export async function startAzure(): Promise<AzureFixture> {
  const directory = scratchDirectory('azure');
  const certificate = await makeServerCertificate(directory.path, [
    '*.vault.azure.test',
    '*.managedhsm.azure.test',
    'login.azure.test',
    'management.azure.test',
  ]);
  const requests: FixtureRequest[] = [];
  const sockets = new Set<Socket>();
  let keys: readonly FixtureKey[] = [];
  let instead: ((request: FixtureRequest) => FixtureAnswer | null) | null = null;
  const server = await listen(certificate, sockets, (request) => {
    requests.push(request);
    return instead?.(request) ?? answer(request, keys);
  });
  const { port } = server.address() as AddressInfo;
  return {
    caFile: certificate.caFile,
    authorityHost: `https://login.azure.test:${port}`,
    vault: `https://acme.vault.azure.test:${port}`,
    managedHsm: `https://acme.managedhsm.azure.test:${port}`,
    resourceManager: `https://management.azure.test:${port}`,
    requests,
    setKeys(next) {
      keys = next;
    },
    answerBy(next) {
      instead = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      directory[Symbol.dispose]();
    },
  };
}

async function listen(
  certificate: ServerCertificate,
  sockets: Set<Socket>,
  answerTo: (request: FixtureRequest) => FixtureAnswer,
): Promise<Server> {
  const [cert, key] = await Promise.all([readFile(certificate.certificateFile), readFile(certificate.keyFile)]);
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.once('end', () => {
      const url = request.url ?? '';
      const { status, body, headers } = answerTo({
        host: request.headers.host ?? '',
        method: request.method ?? '',
        url,
        path: decodeURIComponent(url.split('?')[0] ?? ''),
        authorization: request.headers.authorization ?? null,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers }).end(text);
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function answer(request: FixtureRequest, keys: readonly FixtureKey[]): FixtureAnswer {
  if (request.host.startsWith('login.')) return signIn(request);
  if (request.authorization !== `Bearer ${ACCESS_TOKEN}`) return challenge(request);
  if (request.host.startsWith('management.')) return answerOfManager(request);
  if (!isGranted(request)) {
    return { status: 403, body: fault('Forbidden', 'Caller is not authorized to perform action.', 'ForbiddenByRbac') };
  }
  return { ...answerOfVault(request, keys), headers: { 'x-ms-keyvault-region': 'westeurope' } };
}

/** The resource is the domain below which the vault's name stands, as of `NAME.vault.azure.net`. */
export function challenge({ host }: Pick<FixtureRequest, 'host'>): FixtureAnswer {
  const [, ...domain] = host.split(':')[0]?.split('.') ?? [];
  const port = host.split(':')[1] ?? '';
  const authorization = `https://login.azure.test:${port}/${TENANT}`;
  return {
    status: 401,
    body: fault('Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.'),
    headers: { 'WWW-Authenticate': `Bearer authorization="${authorization}", resource="https://${domain.join('.')}"` },
  };
}

export function fault(code: string, message: string, inner?: string): object {
  return { error: { code, message, ...(inner === undefined ? {} : { innererror: { code: inner } }) } };
}

function signIn({ host, method, path, body }: FixtureRequest): FixtureAnswer {
  const base = `https://${host}/${TENANT}`;
  if (method === 'GET' && path === `/${TENANT}/v2.0/.well-known/openid-configuration`) {
    return {
      status: 200,
      body: {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        issuer: `${base}/v2.0`,
      },
    };
  }
  if (method !== 'POST' || path !== `/${TENANT}/oauth2/v2.0/token`) return { status: 404, body: {} };
  const form = new URLSearchParams(body);
  const proven = form.get('client_secret') === CLIENT_SECRET || (form.get('client_assertion') ?? '') !== '';
  if (form.get('client_id') !== CLIENT || !proven) return refusedSignIn(body);
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: ACCESS_TOKEN } };
}

/** Repeats what it was sent, as no client may. */
export function refusedSignIn(sent: string): FixtureAnswer {
  return {
    status: 401,
    body: {
      error: 'invalid_client',
      error_description: `AADSTS7000215: Invalid client secret provided. ${sent}`,
      error_codes: [7000215],
    },
  };
}

const GROUP = '/subscriptions/99999999-8888-7777-6666-555555555555/resourceGroups/keys/providers/Microsoft.KeyVault';
/** What `az keyvault show --query id` prints of the two. */
export const VAULT_RESOURCE = `${GROUP}/vaults/acme`;
export const HSM_RESOURCE = `${GROUP}/managedHSMs/acme`;

/** "Vaults - Get" and "Managed Hsms - Get" of the management API 2023-07-01, which alone a role that only reads allows. */
function answerOfManager({ method, url, path }: FixtureRequest): FixtureAnswer {
  if (method !== 'GET' || ![VAULT_RESOURCE, HSM_RESOURCE].includes(path)) {
    return { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no authorization' } } };
  }
  if (!url.endsWith('?api-version=2023-07-01')) {
    return { status: 400, body: { error: { code: 'MissingApiVersionParameter', message: 'no version' } } };
  }
  return {
    status: 200,
    body: {
      id: path,
      name: 'acme',
      type: path.split('/').slice(6, 8).join('/'),
      location: 'westeurope',
      properties: {
        tenantId: TENANT,
        sku: { family: 'A', name: 'standard' },
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
        enablePurgeProtection: true,
        enableRbacAuthorization: true,
        publicNetworkAccess: 'Enabled',
        networkAcls: {
          bypass: 'AzureServices',
          defaultAction: 'Deny',
          ipRules: [{ value: '203.0.113.7/32' }],
          virtualNetworkRules: [],
        },
        provisioningState: 'Succeeded',
      },
    },
  };
}

/** Keys on one page of their list. */
const KEYS_A_PAGE = 2;

function answerOfVault({ host, method, url, path, body }: FixtureRequest, keys: readonly FixtureKey[]): FixtureAnswer {
  if (method === 'POST') return answerOfUse({ host, path, body }, keys);
  if (method !== 'GET') return { status: 405, body: fault('MethodNotAllowed', 'not in this test') };
  const [, collection = '', name = '', rest = ''] = path.split('/');
  const base = `https://${host}`;
  const key = keys.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (collection === 'keys' && name === '') {
    const live = keys.filter((one) => one.deleted === undefined);
    const { searchParams } = new URL(url, base);
    const from = Number(searchParams.get('$skiptoken') ?? 0);
    const to = from + Number(searchParams.get('maxresults') ?? KEYS_A_PAGE);
    const value = live.slice(from, to).map((one) => item(base, one, newest(one), false));
    const next = `${base}/keys?api-version=${searchParams.get('api-version')}&$skiptoken=${to}`;
    return { status: 200, body: { value, nextLink: to < live.length ? next : null } };
  }
  if (collection === 'deletedkeys') {
    if (key?.deleted === undefined) return notFound(name);
    const recoveryId = `${base}/deletedkeys/${key.name}`;
    return { status: 200, body: { ...bundle(base, key, newest(key)), recoveryId, ...key.deleted } };
  }
  if (rest === 'versions') {
    // Of what is not there, the list is empty.
    const versions = key === undefined || key.deleted !== undefined ? [] : [...key.versions].reverse();
    const from = Number(new URLSearchParams(url.split('?')[1]).get('$skiptoken') ?? 0);
    const next = `${base}/keys/${name}/versions?api-version=2025-07-01&$skiptoken=${from + PAGE}&maxresults=${PAGE}`;
    const value = versions
      .slice(from, from + PAGE)
      .flatMap((version) => (key === undefined ? [] : item(base, key, version, true)));
    return { status: 200, body: { value, nextLink: versions.length > from + PAGE ? next : null } };
  }
  if (collection !== 'keys' || key === undefined || key.deleted !== undefined) return notFound(name);
  const version = rest === '' ? newest(key) : key.versions.find((one) => one.version === rest);
  return version === undefined ? notFound(name) : { status: 200, body: bundle(base, key, version) };
}

/** What "Unwrap Key" and "Decrypt" document: one request and one answer, of both alike. */
function answerOfUse(
  { host, path, body }: Pick<FixtureRequest, 'host' | 'path' | 'body'>,
  keys: readonly FixtureKey[],
): FixtureAnswer {
  const [, collection, name = '', version, operation = ''] = path.split('/');
  const key = keys.find((one) => one.name === name && one.deleted === undefined);
  const used = key?.versions.find((one) => one.version === version);
  if (collection !== 'keys' || key === undefined || used === undefined) return notFound(name);
  if (used.enabled === false) {
    return { status: 403, body: fault('Forbidden', 'Operation is not allowed on a disabled key.', 'KeyDisabled') };
  }
  if (!(key.keyOps ?? DEFAULT_OPS).some((one) => one.toLowerCase() === operation)) {
    return {
      status: 403,
      body: fault('Forbidden', 'Operation is not permitted on this key.', 'KeyOperationForbidden'),
    };
  }
  const opened = used.material === undefined ? null : openBy(used.material, body);
  if (opened === null) return { status: 400, body: fault('BadParameter', 'The parameter is incorrect.\r\n') };
  return {
    status: 200,
    body: { kid: `https://${host}/keys/${name}/${used.version}`, value: opened.toString('base64url') },
  };
}

function notFound(name: string): FixtureAnswer {
  return { status: 404, body: fault('KeyNotFound', `A key with (name/id) ${name} was not found in this key vault.`) };
}

function newest({ versions }: FixtureKey): FixtureVersion {
  return versions.at(-1) ?? { version: versionName(0) };
}

function bundle(base: string, key: FixtureKey, version: FixtureVersion): object {
  const { kty = 'RSA', keyOps = DEFAULT_OPS } = key;
  return {
    key: { kid: `${base}/keys/${key.name}/${version.version}`, kty, key_ops: keyOps, ...publicPart(version) },
    attributes: attributes(key, version),
    tags: {},
  };
}

function publicPart({ material }: FixtureVersion): object {
  if (Buffer.isBuffer(material)) return {};
  return material === undefined ? { n: 'AQAB', e: 'AQAB' } : rsaNumbers(material);
}

function item(base: string, key: FixtureKey, version: FixtureVersion, named: boolean): object {
  const kid = `${base}/keys/${key.name}${named ? `/${version.version}` : ''}`;
  return { kid, attributes: attributes(key, version), tags: {} };
}

function attributes(
  { recoveryLevel = 'CustomizedRecoverable', recoverableDays = 30 }: FixtureKey,
  { enabled = true, created = 1_700_000_000, nbf, exp }: FixtureVersion,
): object {
  return {
    enabled,
    ...(nbf === undefined ? {} : { nbf }),
    ...(exp === undefined ? {} : { exp }),
    ...(created === null ? {} : { created, updated: created }),
    recoveryLevel,
    recoverableDays,
    exportable: false,
  };
}
