import { checkInstallMapping, checkTenantMapping } from '../../collect/organizations/mapping-check.ts';
import { organizationKey } from '../../collect/organizations/organization-key.ts';
import type { ReadOnlyConnection } from '../../collect/postgres/read-only-connection.ts';
import { findServer, INSTALL_SERVER, type Server } from '../../collect/servers.ts';
import { SourceError } from '../../model/source-error.ts';
import { distinctValues } from '../dataset-values.ts';
import { type Check, ok, unanswered, warning } from './check.ts';
import { datasetChecks, inDatabase, type NamedServer } from './database-session.ts';
import type { DoctorContext } from './doctor-context.ts';
import {
  strayOrganizations,
  unnamedBuckets,
  unnamedProviders,
  unnamedServers,
  type Values,
} from './unnamed-sources.ts';

const INSTALL = 'install database';
const TENANT = 'tenant database';
/** States that may have no complete database yet, or one that is not in use. */
const NOT_ACTIVE: ReadonlySet<string> = new Set(['provisioning', 'suspended']);

/** A tenant database to try the tenant statements on. */
export interface ExampleTenant {
  readonly organizationId: string;
  readonly host: string | null;
  readonly port: number | null;
  readonly database: string;
  readonly schemaName: string | null;
}

export interface InstallDatabaseResult {
  readonly checks: readonly Check[];
  /** The database of the first active organization; null where there is none or it could not be read. */
  readonly example: ExampleTenant | null;
}

/** The install database: reachable, every statement of the mapping, and that the configuration names what it lists. */
export async function installDatabaseChecks(
  context: DoctorContext,
  servers: readonly NamedServer[],
): Promise<InstallDatabaseResult> {
  const install = servers.find(({ name }) => name === INSTALL_SERVER);
  if (install === undefined) throw new Error('the install database has no server');
  let example: ExampleTenant | null = null;
  const database = context.config.install.database.name;
  const checks = await inDatabase(context, INSTALL, install, database, async (connection) => {
    const { config, mapping } = context;
    if (mapping === null) return [];
    const datasets = datasetChecks(context, INSTALL, await checkInstallMapping(connection, mapping));
    const values: Values = (dataset, columns) => distinctValues(connection, mapping, dataset, columns);
    example = await whereReadable(connection, () => exampleTenant(values), null);
    const unnamed: Check[] = [];
    for (const look of [unnamedServers, unnamedProviders, unnamedBuckets, strayOrganizations]) {
      unnamed.push(...(await whereReadable(connection, () => look(config, values), [])));
    }
    return [...datasets, ...unnamed];
  });
  return { checks, example };
}

/** A dataset that cannot be read has a line of its own already. */
async function whereReadable<T>(connection: ReadOnlyConnection, read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SourceError && connection.isOpen()) return otherwise;
    throw error;
  }
}

/** The tenant statements in one tenant database. */
export async function tenantDatabaseChecks(
  context: DoctorContext,
  servers: readonly NamedServer[],
  example: ExampleTenant | null,
): Promise<readonly Check[]> {
  if (example === null) {
    return [
      warning(
        TENANT,
        'not tried: no active organization with a tenant database could be read',
        'Mend what is said about the install database, then run doctor again.',
      ),
    ];
  }
  const opened = servers.flatMap(({ server }) => (server === null ? [] : [server]));
  const server = findServer(opened, example.host, example.port);
  if (server === null) {
    const where = `${example.host ?? INSTALL_SERVER}:${example.port ?? ''}`;
    const remedy = 'Add its server to servers in the configuration, with a password that can be resolved.';
    return [unanswered(TENANT, example.database, { reason: 'not-asked', detail: `no server for ${where}`, remedy })];
  }
  return inDatabase(context, TENANT, named(server), example.database, async (connection) => {
    if (context.mapping === null) return [];
    const checks = await checkTenantMapping(connection, context.mapping, example.schemaName);
    return [ok(TENANT, `tried for organization ${example.organizationId}`), ...datasetChecks(context, TENANT, checks)];
  });
}

/** Every further server of the configuration. */
export async function serverChecks(context: DoctorContext, servers: readonly NamedServer[]): Promise<readonly Check[]> {
  const others = servers.filter(({ name }) => name !== INSTALL_SERVER);
  const checks = await Promise.all(
    others.map((one) =>
      inDatabase(context, 'servers', one, one.server?.maintenanceDatabase ?? '', () => Promise.resolve([])),
    ),
  );
  return checks.flat();
}

function named(server: Server): NamedServer {
  return { name: server.name, server, error: null };
}

async function exampleTenant(values: Values): Promise<ExampleTenant | null> {
  const organizations = await values('organizations', ['organization_id', 'state']);
  const active = organizations
    .filter((row) => !NOT_ACTIVE.has(row['state'] ?? ''))
    .map((row) => organizationKey(row['organization_id'] ?? ''));
  const columns = ['organization_id', 'host', 'port', 'database_name', 'schema_name'];
  const rows = await values('tenant_databases', columns);
  const byOrganization = new Map(rows.map((row) => [organizationKey(row['organization_id'] ?? ''), row]));
  const row = active.map((key) => byOrganization.get(key)).find((found) => found !== undefined);
  const database = row?.['database_name'];
  if (row === undefined || typeof database !== 'string') return null;
  const port = row['port'] ?? null;
  return {
    organizationId: row['organization_id'] ?? '',
    host: row['host'] ?? null,
    port: port === null ? null : Number(port),
    database,
    schemaName: row['schema_name'] ?? null,
  };
}
