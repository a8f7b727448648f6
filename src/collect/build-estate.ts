import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';
import { matchCopies } from './backups/physical/cluster-copies.ts';
import { installNames, readPhysicalLocations } from './backups/physical/read-physical.ts';
import { indexDumps, readDumps } from './backups/read-dumps.ts';
import { NO_READINGS } from './backups/verification/readings.ts';
import { plansOfEveryServer } from './declared-plans.ts';
import type { Collection, Estate } from './estate.ts';
import { bucketPointSets } from './file-sets/bucket-point-set.ts';
import { readFileCopies } from './file-sets/read-file-copies.ts';
import { keptHostPaths } from './hosts/host-files.ts';
import { keyVersionsInside } from './key-versions-inside.ts';
import { openProviders } from './keys/open-providers.ts';
import { createProofLedger } from './keys/proof-ledger.ts';
import { databasesByServer, readServers, readUnusedServers } from './known-servers.ts';
import { readNamedKeys } from './named-keys.ts';
import { openLocations } from './open-locations.ts';
import type { BackupPlanRow, KeyProviderRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { planFact } from './organizations/row-facts.ts';
import { readSpool, readWholeSpool } from './organizations/spool.ts';
import { compareRecorded } from './recorded-providers.ts';
import type { Server } from './servers.ts';

/** The install with what its own row tells of it. */
export interface InstallIdentity {
  readonly subject: Subject;
  readonly upgradedAt: Instant | null;
  readonly installedAt: Instant | null;
}

/** Learns everything that organizations share: servers, dumps, snapshots, file copies and providers, side by side. */
export async function buildEstate(
  collection: Collection,
  reading: InstallReading,
  install: InstallIdentity,
  servers: readonly Server[],
  clock: () => Instant,
): Promise<Estate> {
  const [locations, databaseServers, plans, sharedProviders, recordedProviders, namedKeys] = await Promise.all([
    openLocations(collection),
    databasesByServer(collection, reading, servers),
    sharedPlans(collection, reading),
    readSharedProviders(reading),
    compareRecorded(collection.config.providers, collection.config.install, reading),
    readNamedKeys(
      reading,
      collection.config.providers.map(({ id }) => id),
    ),
  ]);
  const [known, unusedServers, dumps, physical, providers, fileCopies] = await Promise.all([
    readServers(collection, reading, servers, databaseServers, clock),
    readUnusedServers(collection, servers, databaseServers),
    readDumps(collection, locations, new Set(databaseServers.keys())),
    readPhysicalLocations(collection, locations, installNames(databaseServers, servers)),
    openProviders(collection, locations, recordedProviders.others),
    readFileCopies(collection, locations, keptHostPaths(collection.config)),
  ]);
  return {
    reading,
    installSubject: install.subject,
    upgradedAt: install.upgradedAt,
    installedAt: install.installedAt,
    servers,
    known,
    unusedServers,
    databaseServers,
    locations,
    dumps,
    physical: matchCopies(physical, known),
    readings: NO_READINGS,
    ...indexDumps(dumps),
    providers,
    recordedProviders,
    namedKeys,
    fileCopies: [...fileCopies, ...bucketPointSets(locations, physical)],
    plans,
    rowsInside: keyVersionsInside(collection),
    leanedOnByStores: new Set(),
    proofs: createProofLedger(collection.config.collect.proofs),
    sharedProviders,
  };
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

async function sharedPlans(collection: Collection, reading: InstallReading): Promise<readonly Facts['backup-plan'][]> {
  const declared = plansOfEveryServer(collection);
  const dataset = reading.datasets.backup_plans;
  if (dataset.status !== 'read') return declared;
  const { rows } = await readWholeSpool<BackupPlanRow>(dataset.file);
  return [...rows.filter((row) => row.organizationId === null).map(planFact), ...declared];
}
