import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerPermissions } from '../../src/cli/commands/permissions.ts';
import { UsageError } from '../../src/cli/io.ts';
import { AWS_BACKUP_READ_OPERATIONS } from '../../src/collect/backups/physical/aws/aws-operations.ts';
import { ADDRESS_OPERATIONS } from '../../src/collect/hosts/addresses/address-operations.ts';
import { azureDataActions } from '../../src/collect/keys/azure-role.ts';
import { STS_READ_OPERATIONS } from '../../src/collect/keys/kms-caller.ts';
import { KMS_READ_OPERATIONS } from '../../src/collect/keys/kms-operations.ts';
import { PKCS11_READ_FUNCTIONS } from '../../src/collect/keys/pkcs11-functions.ts';
import { VAULT_READ_REQUESTS } from '../../src/collect/keys/vault-requests.ts';
import { checkInstallMapping, checkTenantMapping } from '../../src/collect/organizations/mapping-check.ts';
import { readServerCatalogue } from '../../src/collect/organizations/server-catalogue.ts';
import { openReadOnly } from '../../src/collect/postgres/read-only-connection.ts';
import { S3_READ_OPERATIONS } from '../../src/collect/trees/s3-operations.ts';
import {
  INSTALL_DATABASE,
  makeReferenceDatabases,
  referenceMapping,
} from '../collect/organizations/reference-databases.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../services/postgres-embedded.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const CONFIG = `
version: 1
install:
  host: host-1
  database: { name: novantra, host: db.internal, user: printed_auditor }
  licenseFile: /etc/novantra/license.json
  addresses: [{ url: 'https://novantra.example.com', certificateFile: /etc/novantra/tls/chain.pem }, { url: 'https://[2001:db8::7]:8443' }]
servers:
  - { name: tenants-2, host: db2.internal, user: printed_auditor }
locations:
  - { name: dumps, kind: directory, path: "/srv/backups/it's here", purposes: [dumps] }
  - { name: offsite, kind: directory, path: /srv/restic, purposes: [restic, files], files: {} }
  - { name: bucket, kind: s3, bucket: backups, prefix: novantra/, accessKeyId: env:A, secretAccessKey: env:B, purposes: [dumps] }
  - { name: managed, kind: aws, region: eu-central-1, accessKeyId: env:A, secretAccessKey: env:B, purposes: [managed-backups] }
  - { name: disks, kind: aws, region: eu-west-1, accessKeyId: env:A, secretAccessKey: env:B, purposes: [managed-backups], volumes: [{ server: tenants-2, volumeIds: [vol-0123456789abcdef0] }] }
providers:
  - { id: "vault\\nmain", kind: vault-transit, address: "https://vault.internal:8200", mount: transit, token: env:T }
  - { id: vault-2, kind: vault-transit, address: "https://vault-2.internal:8200", login: { method: jwt, mount: ci, role: audit, jwt: env:J } }
  - { id: kms, kind: aws-kms, region: eu-central-1, accessKeyId: env:A, secretAccessKey: env:B, failureDomain: { account: '111122223333' } }
  - { id: hsm, kind: pkcs11, module: /opt/vendor/p11.so, tokenLabel: keys, pin: env:P, peer: { module: /opt/vendor/p11.so, tokenSerial: '77', pin: env:P } }
  - { id: azure, kind: azure-key-vault, address: 'https://acme.vault.azure.net', tenantId: 11111111-2222-3333-4444-555555555555, clientId: 11111111-2222-3333-4444-555555555555, clientSecret: env:A, resourceId: /subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys/providers/Microsoft.KeyVault/vaults/acme }
  - { id: azure-hsm, kind: azure-key-vault, address: 'https://acme.managedhsm.azure.net', tenantId: 11111111-2222-3333-4444-555555555555, clientId: 11111111-2222-3333-4444-555555555555, clientSecret: env:A, unwrapBy: decrypt }
stores:
  default: { kind: bundled, path: '/srv/files/{organizationId}' }
  s3: [{ bucket: live-files, accessKeyId: env:A, secretAccessKey: env:B }]
`;

const scratch = scratchDirectory('permissions');
const file = join(scratch.path, 'recoverage.yaml');
beforeAll(() => writeFile(file, CONFIG));
afterAll(() => scratch[Symbol.dispose]());

const run = (...args: readonly string[]) => runCommand(registerPermissions, ['permissions', '-c', file, ...args]);

describe('permissions', () => {
  it('tells what is run of restic, and what reads files where the repository holds files of the install', async () => {
    const { stdout } = await run('--source', 'offsite');
    for (const command of ['snapshots: which', 'ls SNAPSHOT [DIRECTORY…]: which']) {
      expect(stdout).toContain(`It runs restic --no-lock --no-cache --json ${command}`);
    }
    expect(stdout).toContain(
      'It runs restic --no-lock --no-cache dump SNAPSHOT FILE: what a drawn file or a host file',
    );
    expect(stdout).toContain('It runs restic --no-lock --no-cache dump --archive tar SNAPSHOT DIRECTORY');
    expect(stdout).not.toContain('borg');
    const dumpsOnly = join(scratch.path, 'dumps-only.yaml');
    await writeFile(dumpsOnly, CONFIG.replace('purposes: [restic, files], files: {}', 'purposes: [restic]'));
    const less = await runCommand(registerPermissions, ['permissions', '-c', dumpsOnly, '--source', 'offsite']);
    expect(less.stdout).not.toContain('dump');
  });

  it('names every connection to an address of the install from the list that its client admits', async () => {
    const { stdout } = await run('--source', 'addresses');
    for (const at of ['novantra.example.com:443', '[2001:db8::7]:8443']) {
      for (const { operation } of Object.values(ADDRESS_OPERATIONS))
        expect(stdout).toContain(`${at}: ${operation}, by`);
    }
    expect(stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(4);
    const { stdout: host } = await run('--source', 'host');
    for (const path of ['/etc/novantra/license.json', '/etc/novantra/tls/chain.pem']) {
      expect(host).toContain(`setfacl -m u:recoverage:r '${path}'`);
    }
  });

  it('gives the rights to unwrap where they are asked for, and at no other time', async () => {
    const [usual, proving] = [await run(), await run('--prove-keys')];
    const rights = [
      'transit/rewrap/+',
      'kms:Decrypt',
      '(key_ref, version, wrapped_sample)',
      'C_UnwrapKey',
      'Microsoft.KeyVault/vaults/keys/unwrap/action',
      'Microsoft.KeyVault/managedHsm/keys/decrypt/action',
      '--key-permissions list get unwrapKey',
      "--role 'Recoverage proves keys'",
    ];
    for (const right of rights) {
      expect(usual.stdout).not.toContain(right);
      expect(proving.stdout).toContain(right);
    }
    expect(proving.stdout).toContain('kms:Decrypt lets its holder read whatever these keys wrap');
    expect(proving.stdout).toContain('unwrapKey lets its holder read whatever these keys wrap');
    // Of Azure, the one right that the configuration names.
    expect(proving.stdout).not.toMatch(/vaults\/keys\/decrypt|managedHsm\/keys\/unwrap/);
  });

  it('says of the places of dumps, and of no other, that rows inside are read, where the configuration asks for it', async () => {
    const rows = 'the rows of one table inside each dump are read';
    expect((await run()).stdout).not.toContain(rows);
    const asking = join(scratch.path, 'asking.yaml');
    await writeFile(asking, `${CONFIG}collect: { keyVersionsInCopies: { read: true } }\n`);
    const { stdout } = await runCommand(registerPermissions, ['permissions', '-c', asking]);
    expect(stdout.split(rows)).toHaveLength(3);
  });

  it('prints a policy for every source, each made of what its guard admits', async () => {
    const { stdout, exitCode } = await run('--json');
    expect(exitCode).toBe(0);
    const { policies } = JSON.parse(stdout) as { policies: { source: string; language: string; policy: string }[] };
    expect(policies.map(({ source, language }) => `${source}: ${language}`)).toEqual([
      'install: sql',
      'tenants-2: sql',
      'vault\nmain: hcl',
      'vault-2: hcl',
      'kms: json',
      'hsm: text',
      'azure: json',
      'azure-hsm: json',
      'dumps: sh',
      'offsite: sh',
      'bucket: json',
      'managed: json',
      'disks: json',
      'live-files: json',
      'host: sh',
      'addresses: text',
    ]);
    const of = (source: string) => policies.find((one) => one.source === source)?.policy ?? '';
    for (const { action } of Object.values(KMS_READ_OPERATIONS)) expect(of('kms')).toContain(`"${action}"`);
    expect(of('kms')).toContain('arn:aws:kms:eu-central-1:111122223333:key/*');
    for (const { action } of Object.values(S3_READ_OPERATIONS)) expect(of('live-files')).toContain(`"${action}"`);
    expect(of('bucket')).toContain('"s3:GetBucketVersioning"');
    expect(of('bucket')).not.toContain('s3:GetBucketPolicy');
    expect(of('bucket')).toContain('arn:aws:s3:::backups/novantra/*');
    for (const operations of Object.values(AWS_BACKUP_READ_OPERATIONS)) {
      const actions: readonly { action: string | null; volumes: boolean }[] = Object.values(operations);
      for (const { action, volumes } of actions.filter(({ action }) => action !== null)) {
        expect(of('managed').includes(`"${action}"`)).toBe(!volumes);
        expect(of('disks')).toContain(`"${action}"`);
      }
    }
    expect(of('disks')).not.toMatch(/"(rds|backup|ec2):(?!Describe|List|Get)/);
    for (const action of azureDataActions('key-vault')) expect(of('azure')).toContain(`"${action}"`);
    expect(JSON.parse(of('azure'))).toMatchObject({
      Actions: ['Microsoft.KeyVault/vaults/read'],
      AssignableScopes: ['/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys'],
    });
    for (const action of azureDataActions('managed-hsm')) expect(of('azure-hsm')).toContain(`"${action}"`);
    const writing = /s3:(Put|Delete|Abort|Restore|Create)|kms:(Encrypt|Decrypt|Schedule|Disable|Put)/;
    expect(policies.map(({ policy }) => policy).join('')).not.toMatch(writing);
    for (const { path, capability } of Object.values(VAULT_READ_REQUESTS)) {
      const line = `path "${path.replace('{mount}', 'transit').replace('{name}', '+')}" {`;
      expect(of('vault\nmain').includes(line)).toBe(capability !== null);
    }
    for (const name of Object.keys(PKCS11_READ_FUNCTIONS)) expect(of('hsm')).toContain(name);
    expect(of('hsm')).not.toMatch(
      /C_(Create|Destroy|Generate|Set|Init(PIN|Token)|Encrypt|Decrypt|Wrap|Unwrap|Sign|Derive)/,
    );
    const giveBack = 'path "auth/token/revoke-self" { capabilities = ["update"] }';
    expect(of('vault-2')).toContain(giveBack);
    expect(of('vault\nmain')).not.toContain(giveBack);
    expect(of('dumps')).toContain(`setfacl -R -m u:recoverage:rX '/srv/backups/it'\\''s here'`);
    expect(of('host')).toContain(`'/srv/files'`);
  });

  it('heads every policy with comments of its language, which no name can leave', async () => {
    const { stdout } = await run();
    expect(stdout).toContain('-- source install: PostgreSQL at db.internal:5432\n');
    expect(stdout).toContain('# source vault\u{fffd}main: Vault at https://vault.internal:8200\n');
    expect(stdout).toContain('# source hsm: token keys through /opt/vendor/p11.so, and its peer: token serial 77');
    expect(stdout).not.toContain('vault\nmain');
    expect(stdout).toContain('vault token create -policy=recoverage');
    expect(stdout).toContain('then: vault write auth/ci/role/audit token_policies=recoverage');
  });

  it('prints a single JSON policy without its heading, so that it can be handed on', async () => {
    const { stdout, stderr } = await run('--source', 'kms', '--key-arn', 'arn:aws:kms:eu-central-1:1:key/a');
    expect(JSON.parse(stdout).Statement[0].Resource).toEqual(['arn:aws:kms:eu-central-1:1:key/a']);
    expect(stderr).toContain('# source kms: AWS KMS in eu-central-1');
    for (const operation of Object.keys(STS_READ_OPERATIONS)) expect(stderr).toContain(`AWS STS ${operation}`);
    expect(stdout).not.toContain('sts:');
  });

  it('names the sources there are when asked for another', async () => {
    await expect(run('--source', 'nobody')).rejects.toThrow(UsageError);
    await expect(run('--source', 'nobody')).rejects.toThrow(/install, tenants-2, .*host/s);
  });

  it('gives examples in its help', async () => {
    const { stdout } = await runCommand(registerPermissions, ['permissions', '--help']);
    expect(stdout).toContain('$ recoverage permissions --source vault-main | vault policy write');
  });
});

describe.skipIf(embeddedPostgresUnavailable())('the printed grants on a server', () => {
  const TENANTS = ['tenant_a', 'tenant "b"'] as const;
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    await makeReferenceDatabases(server, ['tenant_a']);
    await server.query('CREATE DATABASE "tenant ""b"""');
    await server.query('REVOKE CONNECT ON DATABASE tenant_a, novantra FROM PUBLIC');
    const { stdout } = await run('--source', 'install', '--tenant-database', ...TENANTS.slice(0, 1));
    await applyScript(server, stdout);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const settings = (database: string) => ({
    host: server.host,
    port: server.port,
    database,
    user: 'printed_auditor',
    tls: 'disable' as const,
  });

  it('suffice for every statement of the audit, and for nothing that writes', async () => {
    const { signal } = new AbortController();
    const mapping = await referenceMapping();
    const install = await openReadOnly(settings(INSTALL_DATABASE), signal);
    const tenant = await openReadOnly(settings('tenant_a'), signal);
    try {
      const checks = [
        ...(await checkInstallMapping(install, mapping)),
        ...(await checkTenantMapping(tenant, mapping, 'novantra')),
      ];
      expect(checks.filter(({ result }) => result.status !== 'fits')).toEqual([]);
      expect(checks).toHaveLength(15);
      for (const connection of [install, tenant]) {
        const { rights } = await readServerCatalogue(connection);
        expect(rights).toMatchObject({ canWrite: false, role: 'printed_auditor' });
      }
    } finally {
      await Promise.all([install.close(), tenant.close()]);
    }
  });

  it('do not let the role write, even where it opens the bolt of the read-only default', async () => {
    const client = new Client({ ...settings(INSTALL_DATABASE), ssl: false });
    await client.connect();
    try {
      await client.query('SET default_transaction_read_only = off');
      await expect(client.query('DELETE FROM novantra.backup_runs')).rejects.toThrow('permission denied');
      await expect(client.query('CREATE TABLE novantra.mine (a int)')).rejects.toThrow('permission denied');
    } finally {
      await client.end();
    }
  });

  it('quote the names of databases', async () => {
    const { stdout } = await run('--source', 'tenants-2', '--tenant-database', ...TENANTS);
    expect(stdout).toContain(`\\connect -reuse-previous=on "dbname='tenant ""b""'"\n`);
    expect(stdout).not.toContain('novantra.organizations');
  });
});

/** Runs a script of one-line statements and \connect as psql would. */
async function applyScript(server: PostgresServer, script: string): Promise<void> {
  let database = 'postgres';
  for (const line of script.split('\n')) {
    const connect = /^\\connect "(.*)"$/.exec(line)?.[1];
    if (connect !== undefined) database = connect.replaceAll('""', '"');
    else if (line !== '' && !line.startsWith('--')) await server.query(line, database);
  }
}
