import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerPermissions } from '../../src/cli/commands/permissions.ts';
import { UsageError } from '../../src/cli/io.ts';
import { connectCommand } from '../../src/collect/organizations/psql-connect.ts';
import { quoteIdentifier } from '../../src/collect/postgres/statement.ts';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const scratch = scratchDirectory('permissions-names');
afterAll(() => scratch[Symbol.dispose]());

async function run(config: Readonly<Record<string, unknown>>, ...args: readonly string[]) {
  const file = join(scratch.path, 'recoverage.yaml');
  await writeFile(file, JSON.stringify({ version: 1, ...config }));
  return runCommand(registerPermissions, ['permissions', '-c', file, ...args]);
}

const install = (database: object = {}) => ({
  install: { host: 'host-1', database: { name: 'novantra', host: 'db.internal', user: 'auditor', ...database } },
});

const OPTIONAL_DATASETS =
  'backup_plans backup_runs restore_validations storage_bindings key_providers keyrings license audit_head'.split(' ');

/** Names that PostgreSQL admits, and that would be more than a name in a script that does not quote them. */
const NAMES = [
  'plain_1',
  'CASE',
  'with space',
  "quo'te",
  'dou"ble',
  'back\\slash',
  "both\\'\\",
  'tab\tx',
  '-',
  '-rf',
  '$HOME`id`',
  ':user',
  ':"user"',
  'host=127.0.0.1 port=1 dbname=postgres',
  'postgresql://127.0.0.1:1/postgres',
  '; DROP TABLE x; --',
  '日本語',
];

describe('names in what permissions prints', () => {
  it('never make a connection string or a command of a name of a database', async () => {
    const { stdout } = await run(install(), '--source', 'install', ...NAMES.map((name) => `--tenant-database=${name}`));
    const connections = stdout.split('\n').filter((line) => line.startsWith('\\connect'));
    expect(connections).toHaveLength(NAMES.length + 1);
    expect(connections).toContain(`\\connect -reuse-previous=on "dbname='host=127.0.0.1 port=1 dbname=postgres'"`);
    expect(connections).toContain(`\\connect -reuse-previous=on "dbname='both\\\\\\'\\\\'"`);
    expect(connections).toContain('\\connect "plain_1"');
  });

  it('are refused where no psql script can hold them', async () => {
    for (const name of ['x\nCREATE ROLE evil SUPERUSER LOGIN; --', 'x\r', '']) {
      const asked = run(install(), '--source', 'install', `--tenant-database=${name}`);
      await expect(asked).rejects.toThrow(UsageError);
      await expect(asked).rejects.toThrow(/--tenant-database .*cannot stand in a psql script/);
    }
    await expect(run(install({ name: 'x\ny' }))).rejects.toThrow(/database "x\\ny": /);
    await expect(run(install({ name: 'x\0y' }))).rejects.toThrow(/database "x\\u0000y": /);
    await expect(run(install({ user: 'x\ny' }))).rejects.toThrow(/user "x\\ny": /);
    const servers = [{ name: 'b', host: 'db2.internal', user: 'auditor', maintenanceDatabase: 'x\ny' }];
    await expect(run({ ...install(), servers })).rejects.toThrow(UsageError);
  });

  it('stay one word in the commands of headings, and in their comment', async () => {
    const providers = [
      {
        id: 'vault',
        kind: 'vault-transit',
        address: 'https://vault.internal:8200',
        login: { method: 'jwt', mount: 'ci', role: 'a; reboot', jwt: 'env:J' },
      },
      {
        id: 'azure',
        kind: 'azure-key-vault',
        address: 'https://a;reboot.vault.azure.net',
        tenantId: '11111111-2222-3333-4444-555555555555',
        clientId: '11111111-2222-3333-4444-555555555555',
        clientSecret: 'env:A',
        resourceId:
          '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys(1)/providers/Microsoft.KeyVault/vaults/acme',
      },
      { id: 'kms', kind: 'aws-kms', region: 'eu\nreboot', accessKeyId: 'env:A', secretAccessKey: 'env:B' },
    ];
    const { stdout } = await run({ ...install(), providers });
    expect(stdout).toContain("vault write 'auth/ci/role/a; reboot' token_policies");
    expect(stdout).toContain("az keyvault set-policy --name 'a;reboot' --spn");
    expect(stdout).toContain("resourceGroups/keys(1)/providers/Microsoft.KeyVault/vaults/a;reboot'");
    expect(stdout).not.toContain('\nreboot');
  });

  it('are no patterns in a policy of a bucket', async () => {
    const s3 = [{ bucket: 'a*', accessKeyId: 'env:A', secretAccessKey: 'env:B' }];
    const { stdout } = await run({ ...install(), stores: { s3 } }, '--source', 'a*');
    expect(JSON.parse(stdout).Statement[0].Resource).toBe(`arn:aws:s3:::a\${*}`);
  });

  it('keep a placeholder section in its comment, whatever table the mapping names', async () => {
    const mapping = join(scratch.path, 'mapping.yaml');
    const odd = { sql: 'SELECT 1', tables: ['s."t\nDROP TABLE x; --"'] };
    const absent = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, { absent: true }]));
    const required = { install: odd, organizations: odd, tenant_databases: odd };
    const tenant = { ...absent(['key_versions', 'audit_head', 'artifacts']), members: odd };
    await writeFile(
      mapping,
      JSON.stringify({
        version: 1,
        name: 'odd',
        install: { ...absent(OPTIONAL_DATASETS), ...required },
        tenant,
      }),
    );
    const { stdout } = await run({ install: { ...install().install, mapping } }, '--source', 'install');
    const [, placeholder = ''] = stdout.split('-- Repeat for every tenant database:\n');
    expect(placeholder).toContain('DROP TABLE x');
    expect(placeholder.split('\n').filter((line) => line !== '' && !line.startsWith('-- '))).toEqual([]);
  });

  it('tell in the help how a name with a dash in front is given', async () => {
    expect((await run(install(), '--help')).stdout).toContain('--tenant-database=-name');
  });
});

describe.skipIf(debianPostgresUnavailable())('\\connect as psql reads it', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startDebianPostgres();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('goes to the database of that name, whatever the name is', async () => {
    for (const name of NAMES) await server.query(`CREATE DATABASE ${quoteIdentifier(name)}`);
    const script = NAMES.flatMap((name) => [connectCommand(name), 'SELECT current_database();']).join('\n');
    const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-v', 'user=postgres', server.uri()];
    expect(execFileSync(debianPostgresTool('psql'), args, { input: script, encoding: 'utf8' })).toBe(
      `${NAMES.join('\n')}\n`,
    );
  });
});
