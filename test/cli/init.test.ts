import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerInit } from '../../src/cli/commands/init.ts';
import { UsageError } from '../../src/cli/io.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadConfig } from '../../src/config/load.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { AUDITOR, makeReferenceDatabases } from '../collect/organizations/reference-databases.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../services/postgres-embedded.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { freePort, scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const scratch = scratchDirectory('init');
afterAll(() => scratch[Symbol.dispose]());
let directories = 0;
async function freshDirectory(): Promise<string> {
  directories += 1;
  const path = join(scratch.path, String(directories));
  await mkdir(path);
  return path;
}

/** The file with the commented entries of a section made part of it. */
function uncommented(text: string, key: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.replace(/^# /, '') === `${key}:`);
  const length = lines.slice(start).indexOf('');
  return lines
    .map((line, index) => {
      if (index < start || index > start + length || line.startsWith('# FILL IN')) return line;
      return line.replace(/^# (?=\S|\s{2})/, '');
    })
    .join('\n');
}

describe('init --offline', () => {
  it('gives examples of locations that are valid once they are no comment', async () => {
    const workingDirectory = await freshDirectory();
    await runCommand(registerInit, ['init', '--offline'], { workingDirectory });
    const file = join(workingDirectory, 'recoverage.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, uncommented(text, 'locations'));
    const { config } = await loadConfig(file, {});
    expect(config.locations).toMatchObject([{ name: 'dumps', kind: 'directory', purposes: ['dumps'] }]);
  });

  it('writes a skeleton that loads, for its owner only, beside an empty attestations file', async () => {
    const workingDirectory = await freshDirectory();
    const { exitCode } = await runCommand(registerInit, ['init', '--offline'], { workingDirectory });
    expect(exitCode).toBe(0);
    expect((await readdir(workingDirectory)).sort()).toEqual(['attestations.yaml', 'recoverage.yaml']);
    const file = join(workingDirectory, 'recoverage.yaml');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { config, attestations } = await loadConfig(file, {});
    expect(config.install.database).toMatchObject({
      host: 'localhost',
      port: 5432,
      name: 'novantra',
      tls: 'verify-full',
    });
    expect(attestations).toEqual([]);
    const text = await readFile(file, 'utf8');
    const schema = /^# yaml-language-server: \$schema=(.*)$/m.exec(text)?.[1] ?? '';
    expect(existsSync(schema)).toBe(true);
    expect(text).toContain('# FILL IN: where do the dumps lie?');
    expect(text).toContain('# FILL IN: the install database was not asked.');
    expect(text).not.toContain('names none');
  });

  it('never replaces a file without --force, nor declarations with it', async () => {
    const workingDirectory = await freshDirectory();
    const file = join(workingDirectory, 'a.yaml');
    await writeFile(file, 'mine');
    const declared = 'attestations: []\n# mine\n';
    await writeFile(join(workingDirectory, 'attestations.yaml'), declared);
    const args = ['init', '--offline', '-o', 'a.yaml'];
    await expect(runCommand(registerInit, args, { workingDirectory })).rejects.toThrow(UsageError);
    expect(await readFile(file, 'utf8')).toBe('mine');
    await runCommand(registerInit, [...args, '--force'], { workingDirectory });
    expect(await readFile(file, 'utf8')).toContain('version: 1');
    expect(await readFile(join(workingDirectory, 'attestations.yaml'), 'utf8')).toBe(declared);
  });

  it('refuses a password in the place of a reference, without repeating it', async () => {
    const workingDirectory = await freshDirectory();
    const run = runCommand(registerInit, ['init', '--password-ref', 'hunter2-itself'], { workingDirectory });
    await expect(run).rejects.toThrow(UsageError);
    await expect(run).rejects.not.toThrow('hunter2');
    expect(await readdir(workingDirectory)).toEqual([]);
  });

  it('gives examples in its help', async () => {
    expect((await runCommand(registerInit, ['init', '--help'])).stdout).toContain('$ recoverage init --offline');
  });
});

describe('init without a database that answers', () => {
  it('says what to change, and writes nothing', async () => {
    const workingDirectory = await freshDirectory();
    const args = ['init', '--host', '127.0.0.1', '--port', String(await freePort()), '--tls', 'disable'];
    const run = runCommand(registerInit, args, { workingDirectory });
    await expect(run).rejects.toThrow(SourceError);
    await expect(run).rejects.toMatchObject({
      reason: 'unreachable',
      remedy: expect.stringContaining('init --offline'),
    });
    const unset = runCommand(registerInit, [...args, '--password-ref', 'env:NOT_SET'], { workingDirectory });
    await expect(unset).rejects.toThrow(ConfigurationError);
    expect(await readdir(workingDirectory)).toEqual([]);
  });
});

describe.skipIf(embeddedPostgresUnavailable())('init on a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    await makeReferenceDatabases(server, ['t_a']);
    const insert = (sql: string) => server.query(`INSERT INTO novantra.${sql}`, 'novantra');
    await insert(`tenant_databases VALUES ('a', NULL, NULL, 't_a'), ('b', 'db-2', 5433, 't_b'), ('c', 'DB-2', 5433, 't_c'),
      ('d', '${server.host}', ${server.port}, 't_d')`);
    await insert(`key_providers VALUES
      ('vault "main"', NULL, 'vault-transit', '{"address": "https://root:hvs.secret@vault:8200", "mount": "transit", "token": "hvs.other"}'),
      ('kms', NULL, 'aws-kms', '{"region": "eu-central-1"}'), ('hsm', NULL, 'pkcs11', '{"pin": "4711-0815"}'),
      ('azure', NULL, 'azure-key-vault', '{"address": "https://acme.vault.azure.net", "clientSecret": "az-secret"}'),
      ('azure-lost', NULL, 'azure-key-vault', NULL),
      ('hsm-2', NULL, 'pkcs11', '{"pin": "4711-0815", "module": "/opt/p11.so", "token_label": "org-keys", "slot": 3}'),
      ('lost', NULL, 'vault-transit', NULL), ('near', NULL, 'vault-transit', '{"address": "http://127.0.0.1:8200"}'), (E'odd\\nkind: evil', NULL, E'x\\ny', NULL)`);
    await insert(`storage_bindings (binding_id, kind, state, bucket, region, path) VALUES
      ('1', 's3', 'active', 'live', 'eu-central-1', NULL), ('2', 's3', 'active', 'live', 'eu-central-1', NULL),
      ('3', 'local_filesystem_dedicated', 'active', NULL, NULL, '/srv/files/org_x')`);
    await insert(`backup_plans (plan_id, covers, method, enabled, target_uri) VALUES
      ('p1', 'all', 'pg_dump', true, 'file:///mnt/backups/dumps'), ('p2', 'all', 'pg_dump', true, 's3://backups/novantra/'),
      ('p3', 'all', 'pg_dump', true, 'sftp://user:sftp-password@far/x')`);
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const args = () => [
    'init',
    '--host',
    server.host,
    '--port',
    String(server.port),
    '--user',
    AUDITOR,
    '--tls',
    'disable',
  ];

  it('writes what the database names, marks what it cannot know, and no secret', async () => {
    const workingDirectory = await freshDirectory();
    const { stdout } = await runCommand(registerInit, [...args(), '--install-host', 'host-1'], { workingDirectory });
    const text = await readFile(join(workingDirectory, 'recoverage.yaml'), 'utf8');
    for (const secret of ['hvs.secret', 'hvs.other', 'az-secret', '4711-0815', 'sftp-password'])
      expect(text).not.toContain(secret);
    const { config } = await loadConfig(join(workingDirectory, 'recoverage.yaml'), {});
    expect(config.install).toMatchObject({ host: 'host-1', collectorRunsHere: true });
    expect(config.servers).toMatchObject([{ name: 'db-2', host: 'db-2', port: 5433, tls: 'disable' }]);
    expect(config.locations).toMatchObject([
      { name: 'dumps', kind: 'directory', path: '/mnt/backups/dumps' },
      { name: 'backups', kind: 's3', bucket: 'backups', prefix: 'novantra/' },
    ]);
    expect(config.providers).toMatchObject([
      {
        id: 'azure',
        kind: 'azure-key-vault',
        address: 'https://acme.vault.azure.net',
        clientSecret: 'env:RECOVERAGE_AZURE_CLIENT_SECRET',
      },
      { id: 'hsm-2', kind: 'pkcs11', module: '/opt/p11.so', tokenLabel: 'org-keys', pin: 'env:RECOVERAGE_HSM_2_PIN' },
      { id: 'kms', kind: 'aws-kms', region: 'eu-central-1' },
      { id: 'near', kind: 'vault-transit', address: 'http://127.0.0.1:8200', failureDomain: { host: 'host-1' } },
      { id: 'vault "main"', kind: 'vault-transit', address: 'https://vault:8200', mount: 'transit' },
    ]);
    expect(text).toMatch(/# Its address is the install host's own, .*\n.*\n {4}failureDomain: \{ host: host-1 \}/);
    expect(config.stores.s3).toMatchObject([{ bucket: 'live', region: 'eu-central-1' }]);
    expect(text.match(/FILL IN: on which host does it stand\?/g)).toHaveLength(8);
    expect(text).toContain('# FILL IN: lost (vault-transit): the install database does not say where it is');
    expect(text).toContain('# FILL IN: hsm (pkcs11): the install database does not say where it is');
    expect(text).toMatch(/# FILL IN: these targets of plans are neither .*\n\s*# {3}"sftp:.*far\/x"\n/);
    expect(stdout).toContain('1 further server, 2 locations, 5 key providers (and 4 as comments to fill in), 1 bucket');
  });

  it('writes a provider whose address nobody recorded as a comment that is valid once it is none', async () => {
    const workingDirectory = await freshDirectory();
    await runCommand(registerInit, [...args(), '--install-host', 'host-1'], { workingDirectory });
    const file = join(workingDirectory, 'recoverage.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, uncommented(text, 'providers'));
    const { config } = await loadConfig(file, {});
    expect(config.providers).toHaveLength(8);
    expect(config.providers.find(({ id }) => id === 'azure-lost')).toMatchObject({ kind: 'azure-key-vault' });
    expect(config.providers.find(({ id }) => id === 'hsm')).toMatchObject({
      kind: 'pkcs11',
      pin: 'env:RECOVERAGE_HSM_PIN',
    });
    expect(config.providers.at(-1)).toMatchObject({ id: 'lost', kind: 'vault-transit', mount: 'transit' });
  });

  it('asks a person for the hosts, and for what options leave out', async () => {
    const workingDirectory = await freshDirectory();
    const answers = ['novantra', 'none', 'host-1', 'db-host', 'backup-1', '', 'vault-1'];
    const { stderr } = await runCommand(registerInit, args(), { workingDirectory, answers });
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      'Name of the install database [novantra]: ',
      'Where its password is, env:NAME or file:PATH, or none [none]: ',
      expect.stringMatching(/^Name of the install host \[.+\]: $/),
      'On which host does server db-2 stand? Empty where it is not known: ',
    ]);
    const { config } = await loadConfig(join(workingDirectory, 'recoverage.yaml'), {});
    expect(config.servers[0]?.failureDomain).toEqual({ host: 'db-host' });
    expect(config.locations.map(({ failureDomain }) => failureDomain)).toEqual([{ host: 'backup-1' }, undefined]);
  });

  it('names a dataset that it may not read, and goes on', async () => {
    await server.query(`REVOKE SELECT ON novantra.backup_plans FROM ${AUDITOR}`, 'novantra');
    const workingDirectory = await freshDirectory();
    const { stderr, exitCode } = await runCommand(registerInit, args(), { workingDirectory });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`GRANT SELECT ON novantra.backup_plans TO ${AUDITOR};`);
    const { config } = await loadConfig(join(workingDirectory, 'recoverage.yaml'), {});
    expect(config.locations).toEqual([]);
    expect(config.servers).toHaveLength(1);
  });
});
