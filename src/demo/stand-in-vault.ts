import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { matchVaultReadRequest, VAULT_READ_REQUESTS } from '../collect/keys/vault-requests.ts';
import { SECOND, toMillis } from '../model/instant.ts';
import type { WrappingKey } from './install-rows.ts';

/** A server that answers what the audit asks of a Vault, and nothing else. */
export interface StandInVault {
  readonly address: string;
  stop(): Promise<void>;
}

export interface StandInVaultOptions {
  readonly token: string;
  readonly mount: string;
  readonly mountUuid: string;
  readonly serverId: string;
  readonly raftIndex: number;
  readonly keys: readonly WrappingKey[];
}

/** The version whose answers it imitates, marked as none that HashiCorp ever released. */
export const STAND_IN_VERSION = '1.21.2+stand-in';
const NAME = 'stand-in-vault (made by recoverage demo)';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Starts it on a free port of 127.0.0.1. Shapes of the answers: Vault HTTP API documentation 1.21, the pages that
 * {@link VAULT_READ_REQUESTS} names.
 */
export async function startStandInVault(options: StandInVaultOptions): Promise<StandInVault> {
  const server = createServer((request, response) => {
    void bodyOf(request)
      .then((body) => send(response, answer(options, request, body)))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(options: StandInVaultOptions, request: IncomingMessage, body: string): Answer {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const method = request.method ?? 'GET';
  const asked = matchVaultReadRequest(method, url);
  const denied: Answer = { status: 403, body: { errors: ['1 error occurred:\n\t* permission denied\n\n'] } };
  if (asked === null) return denied;
  if (asked.authenticated && request.headers['x-vault-token'] !== options.token) return denied;
  const path = decodeURIComponent(url.pathname.slice('/v1/'.length));
  switch (asked) {
    case VAULT_READ_REQUESTS.health:
      return ok({ ...identity(), standby: false, server_time_utc: Math.floor(Date.now() / SECOND) });
    case VAULT_READ_REQUESTS.sealStatus:
      return ok({ ...identity(), type: 'shamir', t: 3, n: 5, progress: 0, storage_type: 'raft', recovery_seal: false });
    case VAULT_READ_REQUESTS.leader:
      return ok({ ha_enabled: true, is_self: true, raft_applied_index: options.raftIndex });
    case VAULT_READ_REQUESTS.tokenSelf:
      return ok({ data: { policies: ['recoverage-demo'], expire_time: null } });
    case VAULT_READ_REQUESTS.capabilitiesSelf:
      return ok({ data: capabilities(options, body) });
    case VAULT_READ_REQUESTS.raftConfiguration:
      return ok({ data: { config: { servers: [{ node_id: options.serverId, address: '127.0.0.1:8201' }] } } });
    case VAULT_READ_REQUESTS.autopilotState:
      return ok({ data: { healthy: true, failure_tolerance: 0, servers: {} } });
    case VAULT_READ_REQUESTS.mount:
      if (path !== `sys/internal/ui/mounts/${options.mount}`) return denied;
      return ok({ data: { type: 'transit', uuid: options.mountUuid, accessor: 'transit_standin' } });
    case VAULT_READ_REQUESTS.mounts:
      return ok({ data: { secret: { [`${options.mount}/`]: { uuid: options.mountUuid } }, auth: {} } });
    case VAULT_READ_REQUESTS.keys:
      return path === `${options.mount}/keys` ? ok({ data: { keys: options.keys.map((key) => key.name) } }) : denied;
    case VAULT_READ_REQUESTS.key:
      return keyAnswer(options, path) ?? { status: 404, body: { errors: [] } };
    default:
      return denied;
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function identity() {
  return {
    initialized: true,
    sealed: false,
    version: STAND_IN_VERSION,
    cluster_name: NAME,
    cluster_id: '00000000-0000-4000-8000-000000000000',
  };
}

function keyAnswer(options: StandInVaultOptions, path: string): Answer | null {
  const key = options.keys.find(({ name }) => path === `${options.mount}/keys/${name}`);
  if (key === undefined) return null;
  const versions = key.created.map((at, index) => [String(index + 1), Math.floor(toMillis(at) / SECOND)] as const);
  return ok({
    data: {
      name: key.name,
      type: 'aes256-gcm96',
      latest_version: key.created.length,
      min_decryption_version: 1,
      min_available_version: 0,
      deletion_allowed: false,
      allow_plaintext_backup: false,
      exportable: false,
      supports_decryption: true,
      keys: Object.fromEntries(versions),
    },
  });
}

const pathsSchema = z.object({ paths: z.array(z.string()) });

/** The token may read keys, and nothing else. */
function capabilities(options: StandInVaultOptions, body: string): Record<string, readonly string[]> {
  const { paths } = pathsSchema.parse(JSON.parse(body));
  const isKey = (path: string) => path.startsWith(`${options.mount}/keys/`) && path.split('/').length === 3;
  return Object.fromEntries(paths.map((path) => [path, isKey(path) ? ['read'] : ['deny']]));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
