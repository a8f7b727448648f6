import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';
import { type DumpArtifact, type LocationContents, readLocation } from './backups/artifact-index.ts';
import { fileName } from './backups/database-copies.ts';
import { createLimiter } from './concurrency.ts';
import type { Collection, Estate, FileCopies, OpenLocation, OpenProvider } from './estate.ts';
import { readDatedCopies } from './hosts/dated-copies.ts';
import { openKeyProvider } from './keys/open-key-provider.ts';
import { unansweringKeyProvider } from './keys/unanswering-key-provider.ts';
import { readSnapshotLocation } from './keys/vault-snapshots.ts';
import { openLocations } from './open-locations.ts';
import type { BackupPlanRow, KeyProviderRow, TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { planFact } from './organizations/row-facts.ts';
import { readServerCatalogue } from './organizations/server-catalogue.ts';
import { readSpool, readWholeSpool } from './organizations/spool.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import { clusterSubject, findServer, INSTALL_SERVER, type KnownServer, type Server } from './servers.ts';

/** Learns everything that organizations share: servers, dumps, snapshots, file copies and providers, side by side. */
export async function buildEstate(
  collection: Collection,
  reading: InstallReading,
  installSubject: Subject,
  servers: readonly Server[],
  clock: () => Instant,
): Promise<Estate> {
  const [locations, databaseServers, plans, sharedProviders] = await Promise.all([
    openLocations(collection),
    databasesByServer(collection, reading, servers),
    sharedPlans(collection, reading),
    readSharedProviders(reading),
  ]);
  const [known, dumps, providers, fileCopies] = await Promise.all([
    readServers(collection, reading, servers, databaseServers, clock),
    readDumps(collection, locations, new Set(databaseServers.keys())),
    openProviders(collection, locations),
    readFileCopies(collection, locations),
  ]);
  return {
    reading,
    installSubject,
    servers,
    known,
    databaseServers,
    locations,
    dumps,
    ...indexDumps(dumps),
    providers,
    fileCopies,
    plans,
    sharedProviders,
  };
}

/** Names of all databases of the install, each with the servers it is on. */
async function databasesByServer(
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

async function sharedPlans(collection: Collection, reading: InstallReading): Promise<readonly Facts['backup-plan'][]> {
  const declared = collection.config.plans.map((plan) => ({
    planId: plan.id,
    covers: plan.covers,
    method: plan.method,
    enabled: true,
    schedule: plan.schedule ?? null,
    timezone: plan.timeZone ?? null,
    retentionDays: plan.retentionDays ?? null,
    targetUri: null,
    createdAt: null,
  }));
  const dataset = reading.datasets.backup_plans;
  if (dataset.status !== 'read') return declared;
  const { rows } = await readWholeSpool<BackupPlanRow>(dataset.file);
  return [...rows.filter((row) => row.organizationId === null).map(planFact), ...declared];
}

async function readSharedProviders(reading: InstallReading): Promise<readonly KeyProviderRow[]> {
  const dataset = reading.datasets.key_providers;
  if (dataset.status !== 'read') return [];
  const shared: KeyProviderRow[] = [];
  for await (const record of readSpool<KeyProviderRow>(dataset.file)) {
    if (record.ok && record.row.organizationId === null) shared.push(record.row);
  }
  return shared;
}

/** Asks each server that holds databases of the install for its catalogue, once. */
async function readServers(
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
      }),
  );
  for (const { server, catalogue, blindSpot } of answers) {
    const subject = clusterSubject(server, catalogue?.server.systemIdentifier ?? null, taken);
    known.set(server.name, { server, subject, catalogue, blindSpot, collectedAt: clock() });
  }
  return known;
}

async function readDumps(
  collection: Collection,
  locations: readonly OpenLocation[],
  names: ReadonlySet<string>,
): Promise<readonly LocationContents[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('dumps'))
      .map(async ({ config, tree, blindSpot }): Promise<LocationContents> => {
        const place = { name: config.name, timeZone: config.timeZone ?? null, servers: config.servers ?? null };
        if (tree === null) {
          const location = { ...place, tree: UNOPENED };
          return { location, artifacts: [], unmatched: [], blindSpot, fileCount: 0 };
        }
        const describe = (error: unknown) => collection.asker.blindSpotOf(error, `location ${config.name}`);
        return readLocation({ ...place, tree }, names, describe, collection.signal);
      }),
  );
}

/** Stands for a location that could not be opened; nothing is ever asked of it. */
const UNOPENED: NonNullable<OpenLocation['tree']> = {
  locator: 'not opened',
  list: () => {
    throw new Error('the location was not opened');
  },
  open: () => Promise.reject(new Error('the location was not opened')),
  close: () => Promise.resolve(),
};

function indexDumps(dumps: readonly LocationContents[]): Pick<Estate, 'dumpsByName' | 'dumpsByFile'> {
  const dumpsByName = new Map<string, DumpArtifact[]>();
  const dumpsByFile = new Map<string, DumpArtifact[]>();
  const add = (index: Map<string, DumpArtifact[]>, key: string, artifact: DumpArtifact) => {
    const list = index.get(key);
    if (list === undefined) index.set(key, [artifact]);
    else list.push(artifact);
  };
  for (const artifact of dumps.flatMap((contents) => contents.artifacts)) {
    const names = new Set([artifact.reading.databaseName, artifact.claimedName].filter((name) => name !== null));
    for (const name of names) add(dumpsByName, name, artifact);
    add(dumpsByFile, fileName(artifact.path), artifact);
  }
  return { dumpsByName, dumpsByFile };
}

async function openProviders(
  collection: Collection,
  locations: readonly OpenLocation[],
): Promise<ReadonlyMap<string, OpenProvider>> {
  const limit = createLimiter(4);
  const opened = await Promise.all(
    collection.config.providers.map((config) =>
      limit(async (): Promise<readonly [string, OpenProvider]> => {
        const provider = await openKeyProvider(config, {
          timeoutMillis: collection.config.collect.requestTimeoutSeconds * 1000,
          signal: collection.signal,
          secret: (setting, reference) => collection.secret(`provider ${config.id}: ${setting}`, reference),
        }).catch((error: unknown) => unansweringKeyProvider(config.id, config.kind, error));
        // Which mount holds the keys must be known before the first organization's keys are looked for in snapshots.
        await provider.state().catch(() => collection.signal.throwIfAborted());
        const wanted = config.kind === 'vault-transit' ? config.snapshots : [];
        const snapshots = await Promise.all(
          locations
            .filter((location) => wanted.includes(location.config.name))
            .map(async (location) => ({ location, found: await snapshotsIn(collection, location) })),
        );
        return [config.id, { config, provider, snapshots }];
      }),
    ),
  );
  return new Map(opened);
}

function snapshotsIn(collection: Collection, { config, tree, blindSpot }: OpenLocation) {
  if (tree === null) return Promise.resolve({ snapshots: [], unmatched: [], blindSpot });
  const describe = (error: unknown) => collection.asker.blindSpotOf(error, `location ${config.name}`);
  return readSnapshotLocation(config.name, tree, describe, collection.signal);
}

async function readFileCopies(
  collection: Collection,
  locations: readonly OpenLocation[],
): Promise<readonly FileCopies[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('files'))
      .map(async (location): Promise<FileCopies> => {
        const settings = {
          timeFormat: location.config.files?.timeFormat ?? 'YYYY-MM-DDTHH-mm-ssZ',
          completionMarker: location.config.files?.completionMarker ?? null,
          sourceRoot: location.config.files?.sourceRoot ?? '/',
          timeZone: location.config.timeZone ?? null,
        };
        if (location.tree === null) return { location, settings, copies: null, blindSpot: location.blindSpot };
        try {
          return {
            location,
            settings,
            copies: await readDatedCopies(location.tree, settings, collection.signal),
            blindSpot: null,
          };
        } catch (error) {
          collection.signal.throwIfAborted();
          const blindSpot = collection.asker.blindSpotOf(error, `location ${location.config.name}`);
          return { location, settings, copies: null, blindSpot };
        }
      }),
  );
}
