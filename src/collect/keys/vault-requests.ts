/** One request that may be sent to a Vault server. */
export interface VaultReadRequest {
  /** LIST goes over the wire as `GET …?list=1`, which Vault treats alike and which every proxy lets through. */
  readonly method: 'GET' | 'LIST' | 'POST';
  /** Path below `/v1/`; `{mount}` stands for the path of a secrets engine, `{name}` for one segment. */
  readonly path: string;
  /** What a policy must grant for it; null where Vault asks for no policy line. */
  readonly capability: 'read' | 'list' | 'update' | null;
  /** Whether token and namespace go with it. Vault serves the others without either, and in the root namespace only. */
  readonly authenticated: boolean;
  /** Left without, one answer is missing and nothing else fails. */
  readonly optional: boolean;
  readonly purpose: string;
}

/**
 * The only requests that are ever sent to Vault. The one POST changes nothing: it asks what the token itself may do.
 * Source: Vault HTTP API documentation 1.21, pages "/sys/health", "/sys/seal-status", "/sys/leader", "/sys/internal/ui/mounts",
 * "Transit", "Token", "/sys/capabilities-self", "/sys/storage/raft" and "/sys/storage/raft/snapshot-auto".
 */
export const VAULT_READ_REQUESTS = {
  health: {
    method: 'GET',
    path: 'sys/health',
    capability: null,
    authenticated: false,
    optional: false,
    purpose: 'whether it is a standby, and its clock',
  },
  sealStatus: {
    method: 'GET',
    path: 'sys/seal-status',
    capability: null,
    authenticated: false,
    optional: false,
    purpose: 'whether it is sealed, and how it is unsealed',
  },
  leader: {
    method: 'GET',
    path: 'sys/leader',
    capability: null,
    authenticated: false,
    optional: false,
    purpose: 'the raft index that a snapshot must not exceed',
  },
  mount: {
    method: 'GET',
    path: 'sys/internal/ui/mounts/{mount}',
    capability: null,
    authenticated: true,
    optional: false,
    purpose: 'the uuid under which a snapshot holds the keys of the mount',
  },
  mounts: {
    method: 'GET',
    path: 'sys/internal/ui/mounts',
    capability: null,
    authenticated: true,
    optional: true,
    purpose: 'uuids of what else is mounted, by which a snapshot without any key is told to be of this Vault',
  },
  keys: {
    method: 'LIST',
    path: '{mount}/keys',
    capability: 'list',
    authenticated: true,
    optional: true,
    purpose: 'whether keys are left of organizations that are gone',
  },
  key: {
    method: 'GET',
    path: '{mount}/keys/{name}',
    capability: 'read',
    authenticated: true,
    optional: false,
    purpose: 'versions and settings of a key',
  },
  tokenSelf: {
    method: 'GET',
    path: 'auth/token/lookup-self',
    capability: 'read',
    authenticated: true,
    optional: true,
    purpose: 'when the token itself expires',
  },
  capabilitiesSelf: {
    method: 'POST',
    path: 'sys/capabilities-self',
    capability: 'update',
    authenticated: true,
    optional: false,
    purpose: 'that the token itself cannot write',
  },
  raftConfiguration: {
    method: 'GET',
    path: 'sys/storage/raft/configuration',
    capability: 'read',
    authenticated: true,
    optional: true,
    purpose: 'the servers that a snapshot must name',
  },
  autopilotState: {
    method: 'GET',
    path: 'sys/storage/raft/autopilot/state',
    capability: 'read',
    authenticated: true,
    optional: true,
    purpose:
      'whether its raft cluster is healthy, how many servers it can lose, and the raft term that a snapshot must not exceed',
  },
  automatedSnapshots: {
    method: 'GET',
    path: 'sys/storage/raft/snapshot-auto/status/{name}',
    capability: 'read',
    authenticated: true,
    optional: true,
    purpose: 'whether the snapshots that Vault Enterprise takes by itself succeed',
  },
} as const satisfies Readonly<Record<string, VaultReadRequest>>;

/**
 * What besides is sent where unwrapping is to be proven, and only then. Vault decrypts the sample and encrypts it anew
 * under the newest version; nothing is stored, and no plaintext leaves it.
 * Source: Vault HTTP API documentation 1.21, "Transit secrets engine", "Rewrap data".
 */
export const VAULT_PROOF_REQUESTS = {
  rewrap: {
    method: 'POST',
    path: '{mount}/rewrap/{name}',
    capability: 'update',
    authenticated: true,
    optional: true,
    purpose: 'with --prove-keys: that a wrapped sample unwraps, without its plaintext leaving Vault',
  },
} as const satisfies Readonly<Record<string, VaultReadRequest>>;

const ALL_REQUESTS = { ...VAULT_READ_REQUESTS, ...VAULT_PROOF_REQUESTS };

export type VaultRequestName = keyof typeof ALL_REQUESTS;

export function vaultRequest(name: VaultRequestName): VaultReadRequest {
  return ALL_REQUESTS[name];
}

const READ = Object.values<VaultReadRequest>(VAULT_READ_REQUESTS);
const ALL = Object.values<VaultReadRequest>(ALL_REQUESTS);

/** The list of what may be sent. @param prove whether unwrapping is to be proven */
function admitted(prove: boolean): readonly VaultReadRequest[] {
  return prove ? ALL : READ;
}

/**
 * The named exception from reading: where the configuration names a login instead of a token, the audit logs in, which
 * makes Vault write a token with its lease, and gives that token back at the end, which removes both. A token that was
 * configured is never revoked.
 */
export const VAULT_SESSION_REQUESTS = {
  login: { method: 'POST', path: 'auth/{login}/login', purpose: 'a token of its own' },
  revokeSelf: { method: 'POST', path: 'auth/token/revoke-self', purpose: 'to give back the token that a login gave' },
} as const;

/** The path below `/v1/` at which an auth method logs in. @param mount e.g. `approle` */
export function vaultLoginPath(mount: string): string {
  return VAULT_SESSION_REQUESTS.login.path.replace('{login}', () =>
    trimSlashes(mount).split('/').map(encodeURIComponent).join('/'),
  );
}

/**
 * Which request of a login one on the wire is; null where it is none, or no login is configured.
 * @param mount of the one auth method that is configured; null: none is
 */
export function matchVaultSessionRequest(
  method: string,
  url: URL,
  mount: string | null,
): keyof typeof VAULT_SESSION_REQUESTS | null {
  if (mount === null || method !== 'POST' || url.search !== '') return null;
  if (url.pathname === `${PREFIX}${vaultLoginPath(mount)}`) return 'login';
  return url.pathname === `${PREFIX}${VAULT_SESSION_REQUESTS.revokeSelf.path}` ? 'revokeSelf' : null;
}

const PREFIX = '/v1/';
/** No slash in disguise: Vault decodes a path before it looks at it. */
const SEGMENT = '(?:(?!%2f)[^/])+';
/** Neither Vault's own paths nor a login: what lies below these is on the list by its exact path or not at all. */
const MOUNT = `(?!(?:sys|auth|identity|cubbyhole)/)${SEGMENT}(?:/${SEGMENT})*`;

/** What is asked of every key comes first, as it is asked ten thousand times. */
const BY_FREQUENCY = [VAULT_READ_REQUESTS.key, ...admitted(true)];
const MATCHERS = BY_FREQUENCY.map((request) => ({
  request,
  pattern: new RegExp(
    `^${request.path
      .split('/')
      .map((part) => (part === '{mount}' ? MOUNT : part === '{name}' ? SEGMENT : part))
      .join('/')}$`,
    'iu',
  ),
}));

/**
 * The entry of the allow-list that a request on the wire falls under, or null where there is none. Takes what is really
 * sent, after the URL has been normalized, so that no `..` in a name can turn one path into another.
 *
 * @param prove whether unwrapping is to be proven: then {@link VAULT_PROOF_REQUESTS} are on the list
 */
export function matchVaultReadRequest(method: string, url: URL, prove = false): VaultReadRequest | null {
  if (!url.pathname.startsWith(PREFIX)) return null;
  const listed = method === 'GET' && url.search === '?list=1';
  if (!listed && url.search !== '') return null;
  const wanted = listed ? 'LIST' : method;
  const path = url.pathname.slice(PREFIX.length);
  const list = admitted(prove);
  const matches = MATCHERS.find(
    ({ request, pattern }) => list.includes(request) && request.method === wanted && pattern.test(path),
  );
  return matches?.request ?? null;
}

/** The path below `/v1/` of a request, each segment percent-encoded. */
export function vaultRequestPath(
  request: VaultReadRequest,
  parameters: { readonly mount?: string; readonly name?: string },
): string {
  return request.path
    .replace('{mount}', () =>
      trimSlashes(parameters.mount ?? '')
        .split('/')
        .map(encodeURIComponent)
        .join('/'),
    )
    .replace('{name}', () => encodeURIComponent(parameters.name ?? ''));
}

/** The line of a Vault policy (HCL) that grants a request on a mount, or null where none is needed. `+` is any one segment. */
export function vaultPolicyLine(request: VaultReadRequest, mount: string): string | null {
  if (request.capability === null) return null;
  const path = request.path.replace('{mount}', () => quotable(mount)).replace('{name}', '+');
  return `path "${path}" { capabilities = ["${request.capability}"] }`;
}

/**
 * The least policy (HCL) under which all of {@link VAULT_READ_REQUESTS} answer for the given transit mounts.
 * @param login whether the token is had by logging in, and given back
 * @param prove whether it is for {@link VAULT_PROOF_REQUESTS}, too
 * @throws RangeError when a mount is no path that Vault could have
 */
export function vaultReadPolicy(
  mounts: readonly string[],
  { login = false, prove = false }: { readonly login?: boolean; readonly prove?: boolean } = {},
): string {
  const lines = admitted(prove).flatMap((request) => {
    const places = request.path.includes('{mount}') ? mounts : [''];
    const granted = places.flatMap((mount) => vaultPolicyLine(request, mount) ?? []);
    return granted.length === 0 ? [] : [`# ${request.purpose}${request.optional ? ' (optional)' : ''}`, ...granted];
  });
  const { path, purpose } = VAULT_SESSION_REQUESTS.revokeSelf;
  const session = login ? [`# ${purpose}`, `path "${path}" { capabilities = ["update"] }`] : [];
  return `${[...lines, ...session].join('\n')}\n`;
}

function quotable(mount: string): string {
  if (!isVaultMount(mount))
    throw new RangeError(`not the path of a secrets engine: ${JSON.stringify(mount.slice(0, 80))}`);
  return trimSlashes(mount);
}

/** Whether a secrets engine can be mounted at this path; nothing that a policy would read as a pattern. */
export function isVaultMount(mount: string): boolean {
  const path = trimSlashes(mount);
  return (
    /^[^"\\*+$%{}\p{Cc}\s]+$/u.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Whether a transit key can have this name, as far as one segment of a path can say it. */
export function isVaultKeyName(name: string): boolean {
  return /^[^/\p{Cc}]+$/u.test(name) && name.isWellFormed() && name !== '.' && name !== '..';
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
