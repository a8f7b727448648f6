import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import { opensslUnavailable } from '../services/certificates.ts';
import { httpRequest } from '../services/http-request.ts';
import { waitUntil } from '../services/scratch.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { startVaultFront } from '../services/vault-front.ts';
import { startVaultStandby, type VaultStandby } from '../services/vault-standby.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, SECRETS } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { organizationsOf } from './organizations.ts';
import { type Scanned, scan, verdictsOf } from './read-report.ts';

/*
 * What happens to a real Vault while it is being read: every key that was not read is unknown with one clear reason, and
 * nothing else of any organization is hurt.
 */

const ORGANIZATIONS = organizationsOf(5);
const [FIRST] = ORGANIZATIONS;
const KEYS = ['KEY-2', 'KEY-3', 'KEY-13'] as const;
const OTHERS = ['DB-2', 'DB-3', 'FILE-3'] as const;
const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });

describe.skipIf(vaultUnavailable() ?? opensslUnavailable())('a Vault to which something happens during the run', () => {
  let vault: VaultServer;
  let install: Install;
  const cleanup = new AsyncDisposableStack();
  let scans = 0;

  beforeAll(async () => {
    vault = cleanup.use(await startVault({ tls: true }));
    const access = await prepareVault(vault, ORGANIZATIONS);
    install = cleanup.use(await buildInstall({ organizations: ORGANIZATIONS, secondDumps: true, vault: access }));
    await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
  });
  afterAll(() => cleanup.disposeAsync());

  async function succeed(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await vault.request(method, path, body);
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return answer.body;
  }

  interface Happening {
    /** Done when the second key of an organization is asked for, before that goes on. */
    readonly what: () => Promise<void>;
    /** In place of the second: when this key is asked for. */
    readonly first?: string;
    readonly token?: string;
    /** The node behind the front. */
    readonly node?: { readonly address: string };
    readonly headers?: Readonly<Record<string, string>>;
    readonly nodes?: readonly string[];
  }

  async function scannedWhile({
    what,
    first,
    token,
    node = vault,
    headers = {},
    nodes = [],
  }: Happening): Promise<Scanned> {
    let asked = 0;
    let last = Promise.resolve();
    const before = (request: string): Promise<void> => {
      if (!request.startsWith(`GET /v1/transit/keys/${first ?? 'tenant-'}`)) return last;
      asked += 1;
      if (asked !== (first === undefined ? 2 : 1)) return last;
      // Once the first has its answer; those that come meanwhile wait.
      last = sleep(300).then(what);
      return last;
    };
    await using front = await startVaultFront({ address: node.address, caFile: vault.caFile }, { before, headers });
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) =>
          provider.kind === 'vault-transit'
            ? { ...provider, address: front.address, nodes: [...nodes], caFile: front.caFile ?? '' }
            : provider,
        ),
      }),
    );
    scans += 1;
    const environment = { ...install.environment, ...(token === undefined ? {} : { [SECRETS.token]: token }) };
    const result = await scan(configFile, join(install.directories.reports, `scan-${scans}`), { environment });
    expect(asked).toBeGreaterThan(0);
    return result;
  }

  /** Slugs of organizations whose keys were not read; the keys of all others are good, and so is all else of everyone. */
  function unreadOf({ report }: Scanned): readonly string[] {
    const unread = ORGANIZATIONS.filter((one) => statusesOf(report, one, ['KEY-2'])['KEY-2'] !== 'pass');
    for (const one of ORGANIZATIONS) {
      const status = unread.includes(one) ? 'unknown' : 'pass';
      const { verdict: _, ...statuses } = statusesOf(report, one, [...KEYS, ...OTHERS]);
      expect(statuses, one.slug).toEqual({
        ...Object.fromEntries(KEYS.map((id) => [id, status])),
        ...Object.fromEntries(OTHERS.map((id) => [id, 'pass'])),
      });
    }
    expect(report.denominator.organizations).toEqual({ total: 5, judged: 5, blind: 0, excluded: 0 });
    return unread.map(({ slug }) => slug);
  }

  function reasonsOf({ report }: Scanned): string {
    return report.blindSpots.map(({ reason, detail, remedy }) => `${reason}: ${detail}. ${remedy}`).join('\n');
  }

  it('nothing: all are recoverable, through the front, too', async () => {
    const result = await scannedWhile({ what: async () => undefined });
    expect(unreadOf(result)).toEqual([]);
    expect(result.exitCode).toBe(0);
  });

  it('its token expires: what was read stays, and the reason is told once and without the token', async () => {
    const policy = vaultReadPolicy(['transit']);
    await succeed('PUT', 'sys/policies/acl/short', { policy });
    const made = await succeed('POST', 'auth/token/create', { ttl: '20s', policies: ['short'], renewable: false });
    const token = tokenAnswer.parse(made).auth.client_token;
    const isOver = async () => (await vault.request('GET', 'auth/token/lookup-self', undefined, token)).status === 403;
    const result = await scannedWhile({
      token,
      what: async () => void (await waitUntil('the token is over', async () => (await isOver()) || null, 30_000)),
    });
    const unread = unreadOf(result);
    expect(unread).toHaveLength(4);
    expect(reasonsOf(result)).toMatch(
      /unauthorized: .*was accepted earlier in this run, and expired or was revoked since/,
    );
    expect(`${result.stderr}${JSON.stringify(result.report)}`).not.toContain(token);
    expect(result.exitCode).toBe(2);
  });

  it('one key is not to be read: its organization alone is unknown, and the line of policy is named', async () => {
    if (FIRST === undefined) throw new Error('no organization');
    const denied = `path "transit/keys/${FIRST.keyRef}" { capabilities = ["deny"] }`;
    const token = await vault.createToken(`${vaultReadPolicy(['transit'])}\n${denied}`);
    const result = await scannedWhile({ token, what: async () => undefined });
    expect(unreadOf(result)).toEqual([FIRST.slug]);
    expect(reasonsOf(result)).toMatch(/unauthorized: .*transit\/keys\/.*permission denied/);
    const { [FIRST.id]: verdict, ...others } = verdictsOf(result.report);
    expect(verdict).toBe('unknown');
    expect(new Set(Object.values(others))).toEqual(new Set(['recoverable']));
    expect(result.exitCode).toBe(2);
  });

  it('it is sealed: nothing more is known of keys, and what was read stays', async () => {
    const result = await scannedWhile({ what: () => vault.seal() });
    await vault.unseal();
    expect(unreadOf(result)).toHaveLength(4);
    expect(reasonsOf(result)).toMatch(/unreachable: .*Vault is sealed\. Unseal Vault, then run the audit again\./);
    expect(result.exitCode).toBeGreaterThan(0);
  });

  describe('of which there are three nodes', () => {
    let nodes: readonly VaultStandby[];
    beforeAll(async () => {
      nodes = [cleanup.use(await startVaultStandby(vault)), cleanup.use(await startVaultStandby(vault, 'node-3'))];
    });
    /** Two nodes: the one that leads, and one that does not. */
    async function leaderAndOther() {
      const [standby, third] = nodes;
      if (standby === undefined || third === undefined) throw new Error('there are no three nodes');
      const leader = await waitUntil('one node leads', () => standby.leader(), 60_000);
      return { leader, other: standby.address === leader ? third : standby };
    }

    async function stepDown(leader: string): Promise<void> {
      const ca = await readFile(vault.caFile ?? '', 'utf8');
      const headers = { 'X-Vault-Token': vault.rootToken };
      const answer = await httpRequest(`${leader}/v1/sys/step-down`, { method: 'PUT', headers, ca });
      expect(answer.status).toBe(204);
    }

    it('its leader steps down: another is elected, and the run goes on', async () => {
      const { leader, other } = await leaderAndOther();
      const result = await scannedWhile({ node: other, what: () => stepDown(leader) });
      expect(unreadOf(result)).toEqual([]);
      expect(Object.values(verdictsOf(result.report))).toEqual(ORGANIZATIONS.map(() => 'recoverable'));
      expect(result.exitCode).toBe(0);
    });

    it('a standby sends requests on: followed under TLS to a node that is named, and to no other', async () => {
      const { leader, other } = await leaderAndOther();
      const noForwarding = { headers: { 'x-vault-no-request-forwarding': 'true' }, node: other };
      const followed = await scannedWhile({ ...noForwarding, nodes: [leader], what: async () => undefined });
      expect(unreadOf(followed)).toEqual([]);
      expect(followed.exitCode).toBe(0);
      const refused = await scannedWhile({ ...noForwarding, what: async () => undefined });
      expect(unreadOf(refused)).toHaveLength(5);
      expect(reasonsOf(refused)).toMatch(/unreachable: .*sends this request elsewhere \(status 307\)/);
      expect(refused.exitCode).toBe(2);
    });
  });

  // The last: after it the key is another one.
  it('a key is deleted before it is read: that key is missing, and no other is hurt', async () => {
    const [, second] = ORGANIZATIONS;
    if (second === undefined) throw new Error('no second organization');
    const path = `transit/keys/${second.keyRef}`;
    const result = await scannedWhile({
      first: second.keyRef,
      what: async () => {
        await succeed('POST', `${path}/config`, { deletion_allowed: true });
        await succeed('DELETE', path);
      },
    });
    const { [second.id]: verdict, ...others } = verdictsOf(result.report);
    // The snapshot from before still holds it.
    expect(verdict).toBe('at-risk');
    expect(statusesOf(result.report, second, ['KEY-2', 'DB-2', 'REC-1'])).toMatchObject({
      'KEY-2': 'fail',
      'DB-2': 'pass',
      'REC-1': 'pass',
    });
    expect(becauseOf(result.report, 'KEY-2', `keyring-${second.slug}`)).toMatch(
      /^fail: blocked: .*restoring vault\.snap/,
    );
    expect(new Set(Object.values(others))).toEqual(new Set(['recoverable']));
    expect(result.exitCode).toBe(1);
  });
});
