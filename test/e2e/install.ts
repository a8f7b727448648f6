import { randomBytes } from 'node:crypto';
import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { postgresGrants } from '../../src/collect/organizations/postgres-grants.ts';
import { loadMapping } from '../../src/config/mapping.ts';
import { insert } from '../../src/demo/fill-databases.ts';
import { writeInstaller } from '../../src/demo/kept-for-rebuild.ts';
import { REFERENCE_MAPPING, referenceSchema } from '../../src/demo/reference-schema.ts';
import type { Row, TableRows } from '../../src/demo/table-rows.ts';
import { DAY, type Instant, toInstant } from '../../src/model/instant.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { startEmbeddedPostgres } from '../services/postgres-embedded.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { dumpRun } from './dump-run.ts';
import {
  COMPLETION_MARKER,
  type ConfigurationInput,
  type InstallDirectories,
  type InstallVault,
  installConfiguration,
  NAMES,
  SECRETS,
  writeAttestations,
  writeConfiguration,
} from './install-configuration.ts';
import { type DatabaseServer, DOCUMENT, installRows, tenantRows } from './install-rows.ts';
import { type InstallOrganization, organizationsOf } from './organizations.ts';

export interface InstallOptions {
  /** Default: three of {@link organizationsOf}. */
  readonly organizations?: readonly InstallOrganization[];
  /** A Vault whose keys exist already: `install`, and each organization's `keyRef`. Default: no keyrings, no provider. */
  readonly vault?: InstallVault;
  /** Whether every dump is copied to a second place, which is declared to be kept offline. */
  readonly secondDumps?: boolean;
  /** Settings of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Servers of the databases of some organizations, by slug, which the caller starts and stops; default: the install's. */
  readonly elsewhere?: ReadonlyMap<string, DatabaseServer>;
  /** Rows of backup plans; default: nightly dumps of everything. */
  readonly plans?: readonly Row[];
  /** Slugs of the organizations whose databases are dumped; default: all. */
  readonly dumped?: readonly string[];
}

/** A small real install that everything can be read of. Disposal ends its server and removes its files. */
export interface Install extends AsyncDisposable {
  readonly configFile: string;
  /** Secrets that the configuration refers to. */
  readonly environment: Readonly<Record<string, string>>;
  readonly organizations: readonly InstallOrganization[];
  readonly directories: InstallDirectories;
  readonly server: PostgresServer;
  /** Whether dumps were made by pg_dump; else stand-ins, as where nothing but npm packages is installed. */
  readonly realDumps: boolean;
  /** When it was built: file copies and key records are from then. */
  readonly builtAt: Instant;
  /** Writes a changed configuration beside the first one. @returns its path */
  readonly variant: (change: (configuration: ConfigurationInput) => ConfigurationInput) => Promise<string>;
  /** Dumps every database anew and records the runs. */
  readonly dump: () => Promise<void>;
  /** Adds rows to a database, by table of schema `novantra`. */
  readonly add: (database: string, rows: TableRows) => Promise<void>;
}

/** Builds an install that is run well, but for the snapshot of its Vault, which the caller writes to `directories.snapshots`. */
export async function buildInstall(options: InstallOptions = {}): Promise<Install> {
  await using cleanup = new AsyncDisposableStack();
  const root = cleanup.use(scratchDirectory('e2e')).path;
  const realDumps = debianPostgresUnavailable() === null;
  const start = realDumps ? startDebianPostgres : startEmbeddedPostgres;
  const server = cleanup.use(await start({ authentication: 'scram-sha-256', settings: options.settings ?? {} }));
  const organizations = options.organizations ?? organizationsOf(3);
  const vault = options.vault ?? null;
  const builtAt = toInstant(Math.floor(Date.now() / 1000) * 1000);
  const directories: InstallDirectories = {
    root,
    hostRoot: join(root, NAMES.installHost),
    dumps: join(root, NAMES.backupHost, 'dumps'),
    secondDumps: options.secondDumps === true ? join(root, NAMES.secondHost, 'dumps') : null,
    files: join(root, NAMES.backupHost, 'files'),
    snapshots: join(root, NAMES.backupHost, 'vault-snapshots'),
    installers: join(root, NAMES.backupHost, 'installers'),
    runbook: join(root, 'runbook.md'),
    reports: join(root, 'reports'),
  };
  for (const directory of [directories.dumps, directories.snapshots]) await mkdir(directory, { recursive: true });
  const inputs = { now: builtAt, organizations, providerId: vault === null ? null : NAMES.provider };
  const { elsewhere = new Map<string, DatabaseServer>(), plans = null } = options;
  const databases = [
    {
      name: NAMES.installDatabase,
      organizationId: null,
      planId: 'install',
      rows: installRows({ ...inputs, elsewhere, plans }),
      on: server,
      isDumped: true,
    },
    ...organizations.map((one) => ({
      name: one.database,
      organizationId: one.id,
      planId: 'tenants',
      rows: tenantRows(one, builtAt, vault !== null),
      on: elsewhere.get(one.slug)?.server ?? server,
      isDumped: options.dumped?.includes(one.slug) ?? true,
    })),
  ];
  const schema = await referenceSchema();
  const add = (database: string, rows: TableRows) =>
    inDatabase(databases.find(({ name }) => name === database)?.on ?? server, database, (client) =>
      insert(client, rows),
    );
  for (const { name, organizationId, rows, on } of databases) {
    await on.query(`CREATE DATABASE ${quoted(name)}`);
    await inDatabase(on, name, (client) =>
      client.query(organizationId === null ? schema.install : schema.tenant).then(() => insert(client, rows)),
    );
  }
  const password = await makeAuditors(databases);
  await writeHostFiles(directories, organizations);
  await copyFiles(directories, builtAt);
  await writeInstaller(directories.installers);
  await writeFile(directories.runbook, `Restore from ${Object.values(NAMES).join(', ')}.\n`);
  const dump = async () => {
    const inOrder = [...databases.slice(1), ...databases.slice(0, 1)].filter(({ isDumped }) => isDumped);
    for (const { name, organizationId, planId, rows, on } of inOrder) {
      const definitions = organizationId === null ? schema.install : schema.tenant;
      const standIn = realDumps ? null : { definitions, rows };
      const record = await dumpRun({
        server: on,
        directory: directories.dumps,
        database: name,
        planId,
        organizationId,
        standIn,
      });
      await add(NAMES.installDatabase, { backup_runs: [record] });
    }
    if (directories.secondDumps === null) return;
    await cp(directories.dumps, directories.secondDumps, { recursive: true, preserveTimestamps: true });
  };
  await dump();
  const configuration = installConfiguration(directories, server, vault);
  const configFile = join(root, 'recoverage.yaml');
  await writeConfiguration(configFile, configuration);
  await writeAttestations(root, { withVault: vault !== null, withSecondDumps: directories.secondDumps !== null });
  let variants = 0;
  const owned = cleanup.move();
  return {
    configFile,
    environment: { [SECRETS.password]: password, ...(vault === null ? {} : { [SECRETS.token]: vault.token }) },
    organizations,
    directories,
    server,
    realDumps,
    builtAt,
    async variant(change) {
      variants += 1;
      const file = join(root, `variant-${variants}.yaml`);
      await writeConfiguration(file, change(structuredClone(configuration)));
      return file;
    },
    dump,
    add,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function inDatabase<T>(
  server: PostgresServer,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes the audit's role on each server, with exactly the rights that `recoverage permissions` prints. @returns its password */
async function makeAuditors(databases: readonly { readonly name: string; readonly on: PostgresServer }[]) {
  const password = randomBytes(18).toString('base64url');
  for (const [server, own] of Map.groupBy(databases, ({ on }) => on)) {
    const script = postgresGrants({
      role: NAMES.auditor,
      mapping: await loadMapping(REFERENCE_MAPPING),
      installDatabase: NAMES.installDatabase,
      tenantDatabases: own.map(({ name }) => name).filter((name) => name !== NAMES.installDatabase),
    });
    let database: string | null = 'postgres';
    for (const line of script.split('\n')) {
      const connect = /^\\connect "(.*)"$/.exec(line)?.[1]?.replaceAll('""', '"');
      // The install database is on one server only; the others have no use for its rights.
      if (connect !== undefined) database = own.some(({ name }) => name === connect) ? connect : null;
      else if (database !== null && line !== '' && !line.startsWith('--')) await server.query(line, database);
    }
    await server.query(`ALTER ROLE ${NAMES.auditor} PASSWORD '${password}'`);
  }
  return password;
}

async function writeHostFiles({ hostRoot }: InstallDirectories, organizations: readonly InstallOrganization[]) {
  const registered = new Date(Date.now() - 2 * DAY);
  const files = [
    { path: 'etc/novantra/bootstrap.env', contents: 'NOVANTRA_INSTALL=inst_01e2e\n' },
    { path: 'var/lib/novantra/onprem/state.json', contents: '{"state":"ready"}\n' },
    ...organizations.flatMap(({ id }) =>
      ['1', '2'].map((name) => ({
        path: `srv/novantra/storage/${id}/documents/${name}.txt`,
        contents: DOCUMENT,
      })),
    ),
  ];
  for (const { path, contents } of files) {
    const file = join(hostRoot, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    await writeFile(file, contents, { mode: 0o640 });
    // As long ago as the tenant databases say that they were registered.
    if (path.startsWith('srv/')) await utimes(file, registered, registered);
  }
}

/** One complete dated copy of everything on the install host. */
async function copyFiles({ hostRoot, files }: InstallDirectories, moment: Instant): Promise<void> {
  const copy = join(files, `${moment.slice(0, 19).replaceAll(':', '-')}Z`);
  await cp(hostRoot, copy, { recursive: true, preserveTimestamps: true });
  const marker = join(copy, COMPLETION_MARKER);
  await writeFile(marker, '');
  await utimes(marker, new Date(moment), new Date(moment));
}
