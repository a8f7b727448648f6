import type { Instant } from '../model/instant.ts';
import type { Collection } from './estate.ts';
import type { TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { readServerCatalogue } from './organizations/server-catalogue.ts';
import { readSpool } from './organizations/spool.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import {
  type AskedServer,
  clusterSubject,
  findServer,
  INSTALL_SERVER,
  type KnownServer,
  type Server,
} from './servers.ts';

/** Names of all databases of the install, each with the servers it is on. */
export async function databasesByServer(
  collection: Collection,
  reading: InstallReading,
  servers: readonly Server[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const names = new Map<string, Set<string>>([[collection.config.install.database.name, new Set([INSTALL_SERVER])]]);
  const dataset = reading.datasets.tenant_databases;
  if (dataset.status !== 'read') return names;
  for await (const record of readSpool<TenantDatabaseRow>(dataset.file)) {
    if (!record.ok) continue;
    const { databaseName, host, port } = record.row;
    const server = findServer(servers, host, port)?.name ?? `${host}:${port ?? 5432}`;
    const on = names.get(databaseName) ?? new Set();
    on.add(server);
    names.set(databaseName, on);
  }
  return names;
}

async function askServer(collection: Collection, server: Server): Promise<AskedServer> {
  try {
    const connection = await openReadOnly(server.settings(server.maintenanceDatabase), collection.signal);
    try {
      return { server, catalogue: await readServerCatalogue(connection), blindSpot: null };
    } finally {
      await connection.close();
    }
  } catch (error) {
    collection.signal.throwIfAborted();
    return { server, catalogue: null, blindSpot: collection.asker.blindSpotOf(error, `server ${server.name}`) };
  }
}

/** Asks configured servers on which no database is recorded: some may be there all the same. */
export function readUnusedServers(
  collection: Collection,
  servers: readonly Server[],
  databaseServers: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<readonly AskedServer[]> {
  const used = new Set([...databaseServers.values()].flatMap((names) => [...names]));
  return Promise.all(servers.filter(({ name }) => !used.has(name)).map((server) => askServer(collection, server)));
}

/** Asks each server that holds databases of the install for its catalogue, once. */
export async function readServers(
  collection: Collection,
  reading: InstallReading,
  servers: readonly Server[],
  databaseServers: ReadonlyMap<string, ReadonlySet<string>>,
  clock: () => Instant,
): Promise<ReadonlyMap<string, KnownServer>> {
  const used = new Set([...databaseServers.values()].flatMap((names) => [...names]));
  const taken = new Set<string>();
  const known = new Map<string, KnownServer>();
  const answers = await Promise.all(
    servers
      .filter((server) => used.has(server.name))
      .map(async (server) => {
        if (server.name === INSTALL_SERVER) return { server, catalogue: reading.catalogue, blindSpot: null };
        return askServer(collection, server);
      }),
  );
  for (const { server, catalogue, blindSpot } of answers) {
    const subject = clusterSubject(server, catalogue?.server.systemIdentifier ?? null, taken);
    known.set(server.name, { server, subject, catalogue, blindSpot, collectedAt: clock() });
  }
  return known;
}
