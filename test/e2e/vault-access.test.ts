import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import { makeExpiredCertificate, opensslUnavailable } from '../services/certificates.ts';
import { freePort } from '../services/scratch.ts';
import { startTokenReviewApi } from '../services/token-review.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { startVaultFront } from '../services/vault-front.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES, SECRETS } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { organizationsOf } from './organizations.ts';
import { type ReportDocument, type Scanned, scan, verdictsOf } from './read-report.ts';
import { runCli } from './run-cli.ts';
import { startSilentServer } from './silent-server.ts';
import { writtenBelow } from './written.ts';

const tokenAnswer = z.object({ auth: z.object({ client_token: z.string() }) });
const roleIdAnswer = z.object({ data: z.object({ role_id: z.string() }) });
const secretIdAnswer = z.object({ data: z.object({ secret_id: z.string() }) });
const accessorsAnswer = z.object({ data: z.object({ keys: z.array(z.string()) }) });
const ASKED_OF_KEYS = ['KEY-2', 'KEY-3', 'KEY-4', 'KEY-7', 'KEY-13'] as const;

describe.skipIf(vaultUnavailable() ?? opensslUnavailable())('a Vault and what it answers', () => {
  let vault: VaultServer;
  let install: Install;
  let scans = 0;
  beforeAll(async () => {
    vault = await startVault({ tls: true });
    const organizations = organizationsOf(3);
    install = await buildInstall({ organizations, secondDumps: true, vault: await prepareVault(vault, organizations) });
    await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await vault?.[Symbol.asyncDispose]();
  });

  function scanned(
    configFile = install.configFile,
    token = install.environment[SECRETS.token] ?? '',
  ): Promise<Scanned> {
    scans += 1;
    const environment = { ...install.environment, [SECRETS.token]: token };
    return scan(configFile, join(install.directories.reports, `scan-${scans}`), { environment });
  }

  function withProvider(change: {
    readonly address?: string;
    readonly caFile?: string;
    readonly mount?: string;
  }): Promise<string> {
    return install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) =>
          provider.kind === 'vault-transit' ? { ...provider, ...change } : provider,
        ),
      }),
    );
  }

  /** What holds of every scan in which the Vault said nothing about keys. */
  function expectOnlyKeysUnknown({ report, exitCode }: Scanned, ofTheProvider: 'fail' | 'unknown'): void {
    for (const organization of install.organizations) {
      expect(statusesOf(report, organization, ['KEY-1', ...ASKED_OF_KEYS, 'REC-1', 'DB-2', 'DB-3', 'FILE-3'])).toEqual({
        verdict: 'unknown',
        'KEY-1': ofTheProvider,
        ...Object.fromEntries(ASKED_OF_KEYS.map((id) => [id, 'unknown'])),
        'REC-1': 'unknown',
        'DB-2': 'pass',
        'DB-3': 'pass',
        'FILE-3': 'pass',
      });
    }
    expect(report.denominator.organizations).toEqual({ total: 3, judged: 3, blind: 0, excluded: 0 });
    expect(report.install.verdict).toBe('unknown');
    expect(exitCode).toBe(ofTheProvider === 'fail' ? 1 : 2);
  }

  function remedies(report: ReportDocument): string {
    return report.blindSpots.map(({ reason, detail, remedy }) => `${reason}: ${detail}. ${remedy}`).join('\n');
  }

  it('is read and never written: its own audit log shows it, and the token that suffices is refused a write', async () => {
    const printed = await runCli(['permissions', '--config', install.configFile, '--source', 'vault-main'], install);
    const policy = printed.stdout;
    const token = await vault.createToken(policy);
    const { report, exitCode } = await scanned(install.configFile, token);
    expect(exitCode).toBe(0);
    expect(Object.values(verdictsOf(report))).toEqual(['recoverable', 'recoverable', 'recoverable']);
    expect(report.blindSpots).toEqual([]);

    const asked = await vault.requestsOf(token);
    const changing = asked.filter(({ operation }) => operation !== 'read' && operation !== 'list');
    expect(changing.map(({ operation, path }) => `${operation} ${path}`)).toEqual(
      changing.map(() => 'update sys/capabilities-self'),
    );
    expect(asked.map(({ path }) => path)).toContain('transit/keys/tenant-alder');
    const writes = [
      ['POST', 'transit/keys/planted'],
      ['POST', 'transit/keys/tenant-alder/rotate'],
      ['POST', 'transit/encrypt/tenant-alder'],
      ['DELETE', 'transit/keys/tenant-alder'],
      ['PUT', 'sys/seal'],
      ['GET', 'sys/storage/raft/snapshot'],
    ] as const;
    for (const [method, path] of writes) {
      const answer = await vault.request(method, path, method === 'GET' ? undefined : {}, token);
      expect(`${method} ${path}: ${answer.status}`).toBe(`${method} ${path}: 403`);
    }
  });

  it('with a login in place of a token: the same verdicts, and the token that it wrote is given back', async () => {
    const printed = await runCli(['permissions', '--config', install.configFile, '--source', 'vault-main'], install);
    const giveBack = 'path "auth/token/revoke-self" { capabilities = ["update"] }';
    const send = async (method: string, path: string, body?: object): Promise<unknown> => {
      const answer = await vault.request(method, path, body);
      expect(answer.status, path).toBeLessThan(300);
      return answer.body;
    };
    await send('PUT', 'sys/policies/acl/audit', { policy: `${printed.stdout}\n${giveBack}` });
    await send('POST', 'sys/auth/approle', { type: 'approle' });
    await send('POST', 'auth/approle/role/audit', { token_policies: ['audit'], token_no_default_policy: true });
    const role = roleIdAnswer.parse(await send('GET', 'auth/approle/role/audit/role-id')).data.role_id;
    const made = secretIdAnswer.parse(await send('POST', 'auth/approle/role/audit/secret-id', {})).data;
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) => {
          if (provider.kind !== 'vault-transit') return provider;
          const { token: _, ...others } = provider;
          return { ...others, login: { method: 'approle', roleId: 'env:E2E_ROLE', secretId: 'env:E2E_SECRET' } };
        }),
      }),
    );
    const accessors = async () =>
      accessorsAnswer.parse(await send('GET', 'auth/token/accessors?list=true')).data.keys.length;
    const before = await accessors();
    const environment = { ...install.environment, E2E_ROLE: role, E2E_SECRET: made.secret_id };
    const { report, exitCode, stderr } = await scan(configFile, join(install.directories.reports, 'login'), {
      environment,
    });
    expect(report.blindSpots).toEqual([]);
    expect(exitCode).toBe(0);
    expect(Object.values(verdictsOf(report))).toEqual(['recoverable', 'recoverable', 'recoverable']);
    expect(await accessors()).toBe(before);
    expect(`${stderr}${JSON.stringify(report)}`).not.toContain(made.secret_id);
  });

  it('with a JWT: the same verdicts, and neither it nor what packages would print is seen anywhere', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const send = async (method: string, path: string, body?: object): Promise<void> => {
      expect((await vault.request(method, path, body)).status, path).toBeLessThan(300);
    };
    await send('PUT', 'sys/policies/acl/pipeline', { policy: vaultReadPolicy(['transit'], { login: true }) });
    await send('POST', 'sys/auth/jwt', { type: 'jwt' });
    await send('POST', 'auth/jwt/config', {
      jwt_validation_pubkeys: [publicKey.export({ type: 'spki', format: 'pem' })],
      bound_issuer: 'https://issuer.test',
    });
    await send('POST', 'auth/jwt/role/audit', {
      role_type: 'jwt',
      user_claim: 'sub',
      bound_audiences: ['vault'],
      token_policies: ['pipeline'],
      token_no_default_policy: true,
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'https://issuer.test', sub: 'audit', aud: 'vault', iat: now, exp: now + 300 };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
    const jwt = `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) => {
          if (provider.kind !== 'vault-transit') return provider;
          const { token: _, ...others } = provider;
          return { ...others, login: { method: 'jwt', role: 'audit', jwt: 'env:E2E_JWT' } };
        }),
      }),
    );
    const directory = join(install.directories.reports, 'jwt');
    const environment = { ...install.environment, E2E_JWT: jwt, DEBUG: '*' };
    const { report, stdout, stderr } = await scan(configFile, directory, { environment });
    expect(report.blindSpots).toEqual([]);
    expect(Object.values(verdictsOf(report))).toEqual(['recoverable', 'recoverable', 'recoverable']);
    expect(stderr).not.toContain('node-vault');
    for (const output of [stdout, stderr, await writtenBelow(directory)]) expect(output.includes(jwt)).toBe(false);
  });

  it('with the token of a service account, in a file, which Vault lets a stand-in for Kubernetes review', async () => {
    await using kubernetes = await startTokenReviewApi();
    const send = async (method: string, path: string, body?: object): Promise<void> => {
      expect((await vault.request(method, path, body)).status, path).toBeLessThan(300);
    };
    await send('PUT', 'sys/policies/acl/pod', { policy: vaultReadPolicy(['transit'], { login: true }) });
    await send('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
    await send('POST', 'auth/kubernetes/config', {
      kubernetes_host: kubernetes.host,
      kubernetes_ca_cert: kubernetes.authority,
      token_reviewer_jwt: kubernetes.reviewerToken,
      disable_local_ca_jwt: true,
    });
    await send('POST', 'auth/kubernetes/role/audit', {
      bound_service_account_names: ['recoverage'],
      bound_service_account_namespaces: ['audit'],
      audience: 'vault',
      token_policies: ['pod'],
      token_no_default_policy: true,
    });
    const account = kubernetes.serviceAccount('audit', 'recoverage');
    const file = join(install.directories.root, 'service-account-token');
    const jwt = account.token();
    await writeFile(file, `${jwt}\n`, { mode: 0o600 });
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) => {
          if (provider.kind !== 'vault-transit') return provider;
          const { token: _, ...others } = provider;
          return { ...others, login: { method: 'kubernetes', role: 'audit', jwt: `file:${file}` } };
        }),
      }),
    );
    const good = await scanned(configFile);
    expect(good.report.blindSpots).toEqual([]);
    expect(Object.values(verdictsOf(good.report))).toEqual(['recoverable', 'recoverable', 'recoverable']);
    expect(kubernetes.reviewed).toContain(jwt);
    account.remove();
    const refused = await scanned(configFile);
    expectOnlyKeysUnknown(refused, 'unknown');
    expect(remedies(refused.report)).toMatch(/unauthorized: .*login at auth\/kubernetes.*refused.*service account/);
    expect(`${refused.stderr}${JSON.stringify(refused.report)}`).not.toContain(jwt);
  });

  it('with a token that may do nothing: the blind spot names the line that the policy lacks', async () => {
    const token = await vault.createToken('path "elsewhere/*" { capabilities = ["read"] }');
    const result = await scanned(install.configFile, token);
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(/unauthorized: .*path "transit\/keys\/\+" \{ capabilities = \["read"\] \}/);
    expect(`${result.stderr}${JSON.stringify(result.report)}`).not.toContain(token);
  });

  it('with a token that ran out', async () => {
    const answer = await vault.request('POST', 'auth/token/create', { ttl: '1s', policies: ['default'] });
    const token = tokenAnswer.parse(answer.body).auth.client_token;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const result = await scanned(install.configFile, token);
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(/unauthorized: .*token/);
    expect(`${result.stderr}${JSON.stringify(result.report)}`).not.toContain(token);
  });

  const NO_WAY_AROUND = /skip|insecure|reject_unauthorized|NODE_TLS|VAULT_SKIP/i;

  it('under a name that its certificate does not bear', async () => {
    const { port } = new URL(vault.address);
    const other = createServer((socket) => {
      const onward = connect(Number(port), '127.0.0.1');
      socket.on('error', () => onward.destroy()).pipe(onward);
      onward.on('error', () => socket.destroy()).pipe(socket);
    });
    other.listen(0, '127.0.0.2');
    await once(other, 'listening');
    try {
      const place = other.address();
      if (place === null || typeof place === 'string') throw new Error('the forwarder has no port');
      const result = await scanned(await withProvider({ address: `https://127.0.0.2:${place.port}` }));
      expectOnlyKeysUnknown(result, 'unknown');
      expect(remedies(result.report)).toMatch(
        /unreachable: .*127\.0\.0\.2\S* shows a certificate for another name.*Use in the address one of its names: .*localhost/,
      );
      expect(remedies(result.report)).not.toMatch(NO_WAY_AROUND);
    } finally {
      other.close();
    }
  });

  it('with a certificate of an authority that is not trusted, or of a file that is none', async () => {
    const other = join(install.directories.root, 'no-authority.pem');
    await writeFile(other, 'this is no certificate\n');
    const result = await scanned(await withProvider({ caFile: other }));
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(/no-authority\.pem|authority|certificate/);
  });

  it('with a certificate of an authority that nobody named: it says which file to name, and no way around the check', async () => {
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (configuration.providers ?? []).map((provider) => {
          if (provider.kind !== 'vault-transit') return provider;
          const { caFile: _, ...others } = provider;
          return others;
        }),
      }),
    );
    const result = await scanned(configFile);
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(
      /unreachable: .*certificate of an authority that is not trusted.*Name the file with the certificate authority/,
    );
    expect(remedies(result.report)).not.toMatch(NO_WAY_AROUND);
  });

  it('with a certificate whose time is over', async () => {
    await using front = await startVaultFront(vault, { certificate: makeExpiredCertificate });
    const result = await scanned(await withProvider({ address: front.address, caFile: front.caFile ?? '' }));
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(/unreachable: .*certificate that has expired.*Renew the certificate/);
    expect(remedies(result.report)).not.toMatch(NO_WAY_AROUND);
  });

  it('that takes connections and never answers: the run ends in time, and says so', async () => {
    await using silent = await startSilentServer();
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        collect: { ...configuration.collect, requestTimeoutSeconds: 1 },
        providers: (configuration.providers ?? []).map((provider) =>
          provider.kind === 'vault-transit' ? { ...provider, address: `https://127.0.0.1:${silent.port}` } : provider,
        ),
      }),
    );
    const began = performance.now();
    const result = await scanned(configFile);
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(/timeout: /);
    expect(performance.now() - began).toBeLessThan(60_000);
  });

  it('that is not there', async () => {
    const result = await scanned(await withProvider({ address: `https://127.0.0.1:${await freePort()}` }));
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toContain('unreachable: ');
  });

  it('at another mount than the install records: it is not the one that holds the keys, and is not asked', async () => {
    const answer = await vault.request('POST', 'sys/mounts/transit-old', { type: 'transit' });
    expect(answer.status).toBeLessThan(300);
    const result = await scanned(await withProvider({ mount: 'transit-old' }));
    expectOnlyKeysUnknown(result, 'unknown');
    expect(remedies(result.report)).toMatch(
      /not-asked: .*records key provider vault-main with mount "transit", where the configuration states "transit-old"/,
    );
  });

  it('at another address than the install records: it may be the same one, so that is a notice', async () => {
    const settings = (text: string) =>
      install.server.query(`UPDATE novantra.key_providers SET settings = '${text}'`, NAMES.installDatabase);
    await settings('{"mount": "/transit/", "address": "https://vault.example:8200"}');
    try {
      const { report, exitCode } = await scanned();
      expect(Object.values(verdictsOf(report))).toEqual(['recoverable', 'recoverable', 'recoverable']);
      expect(exitCode).toBe(0);
      expect(report.notices.map(({ text }) => text)).toContainEqual(
        `Key provider vault-main was asked at the configured address ${vault.address}, and the install database records https://vault.example:8200`,
      );
    } finally {
      await settings('{"mount": "transit"}');
    }
  });

  it('sealed: a gap of the provider that says what opens it, and nothing is known of its keys', async () => {
    await vault.seal();
    try {
      const result = await scanned();
      expectOnlyKeysUnknown(result, 'fail');
      expect(becauseOf(result.report, 'KEY-1', 'vault-main')).toMatch(/^fail: .*sealed.* 2 shares are needed/);
    } finally {
      await vault.unseal();
    }
    expect((await scanned()).exitCode).toBe(0);
  });
});
