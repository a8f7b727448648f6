import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDoctor } from '../../src/cli/commands/doctor.ts';
import type { Check } from '../../src/cli/doctor/check.ts';
import { AUDITOR, makeReferenceDatabases } from '../collect/organizations/reference-databases.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../services/postgres-embedded.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { freePort, scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const scratch = scratchDirectory('doctor');
const directory = scratch.path;
afterAll(() => scratch[Symbol.dispose]());

async function doctor(config: string, environment: NodeJS.ProcessEnv = {}) {
  const file = join(directory, 'recoverage.yaml');
  await writeFile(file, config);
  const args = ['doctor', '--config', 'recoverage.yaml'];
  const options = { workingDirectory: directory, environment };
  const { stdout, exitCode } = await runCommand(registerDoctor, [...args, '--json'], options);
  const parsed = JSON.parse(stdout) as { checks: Check[]; counts: Record<string, number>; exitCode: number };
  expect(parsed.exitCode).toBe(exitCode);
  return { ...parsed, text: await runCommand(registerDoctor, args, options) };
}

const lines = (checks: readonly Check[], status: Check['status']) =>
  checks
    .filter((check) => check.status === status)
    .map(({ area, what, change }) => `${area}: ${what}. ${change ?? ''}`);

describe('doctor where another host answers for itself', () => {
  it('warns, says how, and looks for nothing of that host here', async () => {
    const { checks } = await doctor(`
version: 1
install:
  host: host-1
  collectorRunsHere: false
  database: { name: novantra, host: 127.0.0.1, port: 1, user: recoverage }
locations:
  - { name: room, kind: directory, path: /nowhere/at/all, purposes: [dumps], reachableFrom: vault-room }
`);
    const warnings = lines(checks, 'warning').join('\n');
    expect(warnings).toContain('locations: room: is read on host vault-room, so that it was not looked at here');
    expect(warnings).toContain('recoverage plan --only hosts');
    expect(warnings).toContain('Configure a digestKey');
    expect(lines(checks, 'problem').join('\n')).not.toContain('/nowhere/at/all');
  });
});

describe('doctor on a wrong configuration', () => {
  it('names every mistake at once, asks nothing, and ends with 3', async () => {
    const { checks, exitCode } = await doctor(`
version: 1
install:
  host: host-1
  database: { name: novantra, host: 127.0.0.1, user: recoverage, tsl: disable, port: 99999 }
locations:
  - { name: 'bad name', kind: directory, path: /srv, purposes: [dumps] }
providers:
  - { id: vault, kind: vault-transit, address: 'ftp://vault', token: hvs.secret-itself }
`);
    expect(exitCode).toBe(3);
    const problems = lines(checks, 'problem').join('\n');
    for (const path of [
      'install.database.tsl',
      'install.database.port',
      'locations[0].name',
      'providers[0].address',
      'providers[0].token',
    ])
      expect(problems).toContain(path);
    expect(problems).not.toContain('hvs.secret-itself');
    expect(lines(checks, 'warning')).toEqual([expect.stringContaining('not asked: the configuration has mistakes')]);
    expect(checks.map(({ area }) => area)).toEqual(expect.arrayContaining(['runtime', 'time zones', 'renderer']));
  });

  it('says so where there is no file', async () => {
    const { stdout, exitCode } = await runCommand(registerDoctor, ['doctor', '-c', join(directory, 'none.yaml')]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^problem {2}configuration {4}.*none\.yaml: the file does not exist\. .*recoverage init/m);
  });

  it('gives examples in its help', async () => {
    expect((await runCommand(registerDoctor, ['doctor', '--help'])).stdout).toContain('$ recoverage doctor --config');
  });
});

describe('doctor without sources that answer', () => {
  it('reports each, and ends with 3 where a secret is missing, else with 2', async () => {
    const port = await freePort();
    const config = `
version: 1
install: { host: host-1, database: { name: novantra, host: 127.0.0.1, port: ${port}, user: recoverage, tls: disable } }
servers: [{ name: far, host: db.example.invalid, user: recoverage, password: env:FAR_PASSWORD }]
locations:
  - { name: nowhere, kind: directory, path: ./nowhere, purposes: [dumps], timeZone: Europe/Berlin }
  - { name: bucket, kind: s3, bucket: b-1, endpoint: 'http://127.0.0.1:${port}', accessKeyId: env:KEY_ID, secretAccessKey: env:KEY, purposes: [dumps] }
providers:
  - { id: vault, kind: vault-transit, address: 'http://127.0.0.1:${port}', token: 'file:./token' }
  - { id: hsm, kind: pkcs11, module: ./no-module.so, tokenLabel: keys, pin: env:KEY, peer: { module: ./no-module.so, tokenLabel: keys-2, pin: env:KEY } }
plans: [{ id: p, covers: all, method: pg_dump, timeZone: Europe/Berlin }]
stores: { s3: [{ bucket: live, endpoint: 'http://127.0.0.1:${port}', accessKeyId: env:KEY_ID, secretAccessKey: env:KEY }] }
collect: { connectTimeoutSeconds: 2, requestTimeoutSeconds: 2 }
report: { directory: ./recoverage.yaml }
`;
    const wrong = await doctor(config, { FAR_PASSWORD: 'correct-horse' });
    expect(wrong.exitCode).toBe(3);
    const problems = lines(wrong.checks, 'problem').join('\n');
    expect(problems).toContain('secrets: providers[0].token: secret file');
    expect(problems).toContain('secrets: locations[1].accessKeyId: environment variable KEY_ID is not set');
    expect(problems).toMatch(/output: .*recoverage\.yaml is no directory/);

    await writeFile(join(directory, 'token'), 'battery-staple\n');
    const environment = { FAR_PASSWORD: 'correct-horse', KEY_ID: 'stapled-id', KEY: 'stapled-key' };
    const { checks, exitCode, text } = await doctor(
      config.replace('directory: ./recoverage.yaml', 'directory: ./reports'),
      environment,
    );
    expect(exitCode).toBe(2);
    expect(checks.filter(({ status }) => status === 'problem').map(({ area }) => area)).toEqual([
      'install database',
      'servers',
      'locations',
      'locations',
      'providers',
      'providers',
      'stores',
      'samples',
    ]);
    expect(lines(checks, 'problem').join('\n')).toContain(`${join(directory, 'nowhere')}`);
    expect(lines(checks, 'warning').join('\n')).toContain('location nowhere states no failure domain');
    expect(lines(checks, 'warning').join('\n')).toContain('peer of provider hsm states no failure domain');
    expect(lines(checks, 'problem').join('\n')).toMatch(/hsm: PKCS#11 token "keys": its module .* cannot be read/);
    for (const secret of ['correct-horse', 'battery-staple', 'stapled-id', 'stapled-key']) {
      expect(text.stdout + JSON.stringify(checks)).not.toContain(secret);
    }
    expect(await readdir(directory)).not.toContain('reports');
  }, 120_000);
});

describe.skipIf(embeddedPostgresUnavailable())('doctor on a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    await makeReferenceDatabases(server, ['tenant_a']);
    const rows = `('org_a', 'a', 'A', 'suspended', now()), ('ORG_B', 'b', 'B', 'active', now())`;
    await server.query(`INSERT INTO novantra.organizations VALUES ${rows}`, 'novantra');
    const tenants = `('org_a', NULL, NULL, 'tenant_gone'), ('org_b', NULL, NULL, 'tenant_a')`;
    await server.query(`INSERT INTO novantra.tenant_databases VALUES ${tenants}`, 'novantra');
    await mkdir(join(directory, 'dumps'));
    await writeFile(join(directory, 'dumps', 'a.dump'), 'PGDMP');
    await writeFile(join(directory, 'bootstrap.env'), 'A=1');
    await mkdir(join(directory, 'state'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const config = (more = '') => `
version: 1
install:
  host: host-1
  database: { name: novantra, host: ${server.host}, port: ${server.port}, user: ${AUDITOR}, tls: disable }
  bootstrapFile: bootstrap.env
  stateDirectory: state
  mapping: mapping.yaml
locations:
  - { name: dumps, kind: directory, path: dumps, purposes: [dumps], failureDomain: { host: host-2, attachedAs: a directory of the test } }
${more}`;
  const reference = () => readFile(join(import.meta.dirname, '../../config/mappings/reference.yaml'), 'utf8');

  it('finds nothing wrong with a good install, in order, and writes nothing', async () => {
    await writeFile(join(directory, 'mapping.yaml'), await reference());
    const { checks, counts, exitCode } = await doctor(config());
    expect(lines(checks, 'problem')).toEqual([]);
    expect(lines(checks, 'warning')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(counts['ok']).toBe(checks.length);
    const areas = checks.map(({ area }) => area);
    expect([...new Set(areas)]).toEqual([
      'runtime',
      'configuration',
      'secrets',
      'install database',
      'tenant database',
      'locations',
      'samples',
      'host',
      'time zones',
      'output',
      'renderer',
    ]);
    expect(areas.filter((area) => area === 'install database')).toHaveLength(12);
    expect(lines(checks, 'ok').join('\n')).toContain('tried for organization org_b');
    expect(lines(checks, 'ok').join('\n')).toContain('dumps: 1 file at');
    expect(lines(checks, 'ok').join('\n')).toContain(
      'samples: 0 rows of dataset artifacts of organization org_b were drawn',
    );
    const writing = (await server.statements(AUDITOR)).filter(({ statement }) =>
      /^\s*(insert|update|delete|create|alter|drop|grant)/im.test(statement),
    );
    expect(writing).toEqual([]);
    expect(await server.statements(AUDITOR)).not.toEqual([]);
  });

  it('warns of a location stated elsewhere that lies on a disk of the install host', async () => {
    const { checks, exitCode } = await doctor(config().replace(', attachedAs: a directory of the test', ''));
    expect(lines(checks, 'warning')).toEqual([
      expect.stringMatching(
        /^locations: Location dumps is stated to stand on host host-2, and \S+dumps lies on a disk of host-1,.*Mount there/,
      ),
    ]);
    expect(exitCode).toBe(0);
  });

  it('warns of limits and exclusions of organizations that are not there', async () => {
    const { checks, exitCode } = await doctor(
      config(`policy: { organizationLimits: { ORG_A: { databaseRpoHours: 1 }, org_typo: { databaseRpoHours: 1 } } }
exclusions: [{ organization: org_nobody, reason: gone, approver: operations, expires: '2099-01-01' }]`),
    );
    expect(lines(checks, 'warning')).toEqual([
      expect.stringMatching(/^install database: policy\.organizationLimits names org_typo, which is not listed there/),
      expect.stringMatching(/^install database: exclusions names org_nobody, which is not listed there/),
    ]);
    expect(exitCode).toBe(0);
  });

  it('names two locations at one place as a mistake, and ends with 3', async () => {
    const again =
      '  - { name: again, kind: directory, path: ./dumps, purposes: [dumps], failureDomain: { host: host-1 } }';
    const { checks, exitCode } = await doctor(config(again));
    expect(lines(checks, 'problem')).toEqual([
      expect.stringMatching(/^locations: locations\[1\]\.path: location again is the same place as location dumps/),
    ]);
    expect(exitCode).toBe(3);
  });

  it('warns where no location is configured', async () => {
    const { checks } = await doctor(config().replace(/locations:[\s\S]*/, 'locations: []'));
    expect(lines(checks, 'warning')).toEqual([
      expect.stringMatching(/^configuration: no location is configured, .*\. Name the places .* under locations:/),
    ]);
  });

  it('warns of file copies whose directories are named in another format', async () => {
    await mkdir(join(directory, 'files', '20261122'), { recursive: true });
    await writeFile(join(directory, 'files', '20261122', 'a'), 'a');
    const files =
      '  - { name: nas, kind: directory, path: files, purposes: [files], files: {}, failureDomain: { host: host-1 } }';
    const { checks } = await doctor(config(files));
    expect(lines(checks, 'warning')).toEqual([
      expect.stringMatching(/^locations: nothing in location nas .*; 20261122 lies there\. Set files\.timeFormat/),
    ]);
    const fitting = await doctor(config(files.replace('files: {}', 'files: { timeFormat: YYYYMMDD }')));
    expect(lines(fitting.checks, 'warning')).toEqual([]);
  });

  it('draws artifact rows and looks for one in bundled storage, and names no file', async () => {
    const rows = `('private/one.pdf', 3, NULL, now() - interval '1 day'), ('private/two.pdf', 3, NULL, now() - interval '1 day')`;
    await server.query(`INSERT INTO novantra.artifacts VALUES ${rows}`, 'tenant_a');
    await mkdir(join(directory, 'store', 'org_b'), { recursive: true });
    await writeFile(join(directory, 'store', 'org_b', 'other'), 'x');
    const stores = `stores: { default: { kind: bundled, path: 'store/{organizationId}' } }`;
    const { checks, text } = await doctor(config(stores));
    const said = lines(checks, 'ok').join('\n');
    expect(said).toContain(
      'samples: 2 rows of dataset artifacts of organization org_b were drawn from all rows by a hash',
    );
    expect(said).toMatch(/samples: \S+store\/org_b may be asked for single files/);
    expect(text.stdout).not.toContain('private');
    await rm(join(directory, 'store', 'org_b', 'other'));
    const unmounted = await doctor(config(stores));
    expect(lines(unmounted.checks, 'problem').join('\n')).toMatch(/samples: .*is empty, though files are listed/);
    await server.query(`REVOKE SELECT ON novantra.artifacts FROM ${AUDITOR}`, 'tenant_a');
    const denied = await doctor(config());
    expect(lines(denied.checks, 'problem').join('\n')).toMatch(/samples: dataset artifacts: .*permission denied/);
    await server.query(`GRANT SELECT ON novantra.artifacts TO ${AUDITOR}`, 'tenant_a');
    const none = await doctor(config('collect: { fileSample: { rows: 0 } }'));
    expect(lines(none.checks, 'warning').join('\n')).toContain('FILE-8 will be unknown');
    await server.query('DELETE FROM novantra.artifacts', 'tenant_a');
  });

  it('names a missing grant with the GRANT, and ends with 2', async () => {
    await server.query(`REVOKE SELECT ON novantra.backup_runs FROM ${AUDITOR}`, 'novantra');
    await server.query(`REVOKE SELECT (last_sign_in_at) ON novantra.members FROM ${AUDITOR}`, 'tenant_a');
    const { checks, exitCode } = await doctor(config());
    expect(exitCode).toBe(2);
    expect(lines(checks, 'problem')).toEqual([
      expect.stringContaining(`GRANT SELECT ON novantra.backup_runs TO ${AUDITOR};`),
      expect.stringMatching(/^tenant database: dataset members: .*permission denied/),
    ]);
    await server.query(`GRANT SELECT ON novantra.backup_runs TO ${AUDITOR}`, 'novantra');
    await server.query(`GRANT SELECT (last_sign_in_at) ON novantra.members TO ${AUDITOR}`, 'tenant_a');
  });

  it('names a missing column and a wrong type, sources that nobody named, and a role that may write; ends with 3', async () => {
    const mapping = (await reference()).replace(
      'SELECT organization_id, slug, name, state, created_at,',
      'SELECT organization_id, slug, state, created_at::timestamp AS created_at, 1 AS odd,',
    );
    await writeFile(join(directory, 'mapping.yaml'), mapping);
    await server.query(
      `INSERT INTO novantra.key_providers VALUES ('vault-main', NULL, 'vault-transit', '{"token":"hvs.secret"}')`,
      'novantra',
    );
    await server.query(
      `INSERT INTO novantra.storage_bindings (binding_id, kind, state, bucket) VALUES ('b', 's3', 'active', 'live-files')`,
      'novantra',
    );
    await server.query(`INSERT INTO novantra.tenant_databases VALUES ('org_c', 'db-9', NULL, 'tenant_c')`, 'novantra');
    await server.query(`GRANT INSERT ON novantra.organizations TO ${AUDITOR}`, 'novantra');
    const { checks, exitCode, text } = await doctor(config());
    expect(exitCode).toBe(3);
    const problems = lines(checks, 'problem').join('\n');
    expect(problems).toContain('dataset organizations: column name is missing. In the mapping, add it to the SELECT');
    expect(problems).toContain('dataset organizations: column created_at has type timestamp without time zone');
    expect(problems).toContain('server db-9:5432 of tenant databases is listed there');
    expect(problems).toContain('key provider vault-main is listed there');
    expect(problems).toContain('bucket live-files of a storage binding is listed there');
    expect(lines(checks, 'warning').join('\n')).toContain('may write novantra.organizations');
    expect(text.stdout).toMatch(
      /^problem {2}install database {2}dataset organizations: column name is missing\. In the mapping/m,
    );
    expect(text.stdout).not.toContain('hvs.secret');
  });
});
