import type { ReadingSummary } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Subject } from '../model/subject.ts';
import { systemClock } from './ask.ts';
import type { VerificationMemory } from './backups/verification/verification-memory.ts';
import { buildEstate, type InstallIdentity } from './build-estate.ts';
import type { BundleSink, CollectOutcome, Progress } from './bundle-sink.ts';
import { mapInOrder } from './concurrency.ts';
import { ownedSpools } from './copied-databases.ts';
import { datedByExport } from './dated-by-export.ts';
import type { Collection, Estate } from './estate.ts';
import { type InstallPartInputs, installPart } from './install-part.ts';
import { tellingOthersKeys } from './keys-of-others.ts';
import { UNKNOWN_INSTALL } from './license-evidence.ts';
import { openServers } from './open-servers.ts';
import { organizationPart } from './organization-part.ts';
import { type DatabaseCatalogue, readCatalogue } from './organizations/database-catalogue.ts';
import type { RowProblem } from './organizations/dataset-contract.ts';
import type { InstallRow, InstallRows } from './organizations/dataset-contracts.ts';
import { type InstallReading, readInstallDatabase } from './organizations/install-database.ts';
import { mergeByOrganization } from './organizations/merge-by-organization.ts';
import { readWholeSpool } from './organizations/spool.ts';
import { readWrappedSamples, type SampleReading } from './organizations/wrapped-samples.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import { readToEnds } from './read-to-ends.ts';
import { ForeignBundleError } from './recorded/foreign-bundle-error.ts';
import { datedByBundle } from './recorded/joined-hosts.ts';
import { INSTALL_SERVER } from './servers.ts';
import { unlisted } from './unlisted.ts';
import { unownedRows } from './unowned-rows.ts';

export interface CollectOptions {
  /** Empty directory for the rows of the install database while the organizations are walked. Removed by the caller. */
  readonly scratch: string;
  /** What earlier runs verified; closed by the caller. */
  readonly memory: VerificationMemory;
  readonly progress: (progress: Progress) => void;
}

/**
 * Asks every source and writes what they answered, part by part. The install datasets are read in one short
 * transaction and spooled; then everything shared is read; then the organizations, a few at a time. Throws only when
 * interrupted or when the sink cannot be written.
 */
export async function collect(
  collection: Collection,
  sink: BundleSink,
  options: CollectOptions,
): Promise<CollectOutcome> {
  const { config } = collection;
  const servers = await openServers(collection);
  options.progress({ phase: 'install database', done: 0, total: null });
  let reading: InstallReading;
  let catalogue: DatabaseCatalogue | null = null;
  let catalogueBlindSpot: BlindSpot | null = null;
  let samples: SampleReading | null = null;
  try {
    const install = servers.find((server) => server.name === INSTALL_SERVER);
    if (install === undefined) throw new Error('the install database has no server');
    const connection = await openReadOnly(install.settings(config.install.database.name), collection.signal);
    try {
      reading = await readInstallDatabase(connection, collection.mapping, options.scratch, collection.signal);
      catalogue = await readCatalogue(connection).catch((error: unknown) => {
        collection.signal.throwIfAborted();
        catalogueBlindSpot = collection.asker.blindSpotOf(error, 'install database');
        return null;
      });
      if (collection.policy.proveKeys) {
        samples = await readWrappedSamples(connection, collection.mapping.samples.install, null);
      }
    } finally {
      await connection.close();
    }
  } catch (error) {
    collection.signal.throwIfAborted();
    return unlisted(collection, sink, collection.asker.blindSpotOf(error, 'install database'));
  }
  const organizations = reading.datasets.organizations;
  if (organizations.status !== 'read') {
    const blindSpot =
      organizations.status === 'blind'
        ? collection.asker.blindSpotOf(organizations.error, 'dataset organizations')
        : NO_ORGANIZATIONS;
    return unlisted(collection, sink, blindSpot);
  }
  const install = await installOf(reading);
  assertOwnBundles(collection, install.subject.key);
  options.progress({ phase: 'servers, locations and providers', done: 0, total: reading.organizationCount });
  const estate = await buildEstate(collection, reading, install, servers, systemClock);
  try {
    const read = await readToEnds(collection, estate, options, organizations.file);
    const asked = { catalogue, catalogueBlindSpot, samples };
    return await walk(collection, read.estate, sink, options, organizations.file, asked, read.summary);
  } finally {
    await Promise.all([...estate.providers.values()].map(({ provider }) => provider.close()));
    await Promise.all(estate.locations.map((location) => location.tree?.close()));
  }
}

/** @throws ForeignBundleError where another host's bundle is of another install */
function assertOwnBundles({ joined }: Collection, installId: string): void {
  const foreign = joined.bundles.find((bundle) => bundle.installId !== installId);
  if (foreign === undefined || installId === UNKNOWN_INSTALL) return;
  throw new ForeignBundleError(
    `host bundle ${JSON.stringify(foreign.file)} is of install ${foreign.installId}, and the install database is that of ${installId}`,
    'Name the bundle of this install, or the configuration of the other one.',
  );
}

const NO_ORGANIZATIONS: BlindSpot = {
  reason: 'not-asked',
  detail: 'the mapping declares that the install has no organizations',
  remedy: 'Give dataset organizations a statement in the mapping.',
};

async function walk(
  collection: Collection,
  estate: Estate,
  sink: BundleSink,
  options: CollectOptions,
  organizationsFile: string,
  catalogue: Pick<InstallPartInputs, 'catalogue' | 'catalogueBlindSpot' | 'samples'>,
  reading: ReadingSummary,
): Promise<CollectOutcome> {
  const problems: RowProblem[] = [];
  const own: { [N in 'key_providers' | 'keyrings' | 'backup_runs']: InstallRows[N][] } = {
    key_providers: [],
    keyrings: [],
    backup_runs: [],
  };
  const keys = new Set<string>();
  const idsDifferingInCase = new Set<string>();
  let streamed = 0;
  const unowned = unownedRows(collection.config.install.database.name, estate.databaseServers);
  const entries = mergeByOrganization(
    { organizations: organizationsFile, owned: ownedSpools(estate) },
    {
      unowned: (found) => {
        if (found.dataset === 'organizations') streamed += 1;
        if (!found.record.ok) {
          problems.push(...found.record.problems);
          return;
        }
        if (found.dataset === 'key_providers') own.key_providers.push(found.record.row);
        if (found.dataset === 'keyrings') own.keyrings.push(found.record.row);
        if (found.dataset === 'backup_runs' && !unowned.run(found.record.row)) own.backup_runs.push(found.record.row);
      },
      orphan: ({ dataset }) => unowned.orphan(dataset),
    },
  );
  async function* counted() {
    for await (const entry of entries) {
      streamed += 1;
      keys.add(entry.key);
      if (entry.entriesWithKey > 1) idsDifferingInCase.add(entry.organizationId);
      // Rows without organization come first, so every such run is known by now.
      yield unowned.withRuns(entry);
    }
  }
  let parts = 0;
  const tellOthersKeys = tellingOthersKeys(estate.reading);
  const { concurrency } = collection.config.collect;
  for await (const part of mapInOrder(counted(), concurrency, (entry) => organizationPart(collection, estate, entry))) {
    const evidence = await tellOthersKeys(part.evidence);
    await sink.organization({ ...part, evidence: dated(collection, estate, evidence) });
    parts += 1;
    options.progress({ phase: 'organizations', done: parts, total: estate.reading.organizationCount });
  }
  const part = await installPart(collection, estate, {
    own: { providers: own.key_providers, keyrings: own.keyrings, runs: own.backup_runs, problems },
    streamed: { count: streamed, idsDifferingInCase: [...idsDifferingInCase].sort() },
    rowsUnlisted: unowned.unlisted(),
    organizationKeys: keys,
    ...catalogue,
  });
  await sink.install({
    type: 'install',
    subjects: part.subjects,
    evidence: dated(collection, estate, part.evidence),
  });
  const total = estate.reading.organizationCount ?? streamed;
  await sink.finish({ type: 'trailer', organizationParts: parts, total, finishedAt: systemClock(), reading });
  return { total, blindSpot: null };
}

/** Evidence that was collected earlier, by an export or on another host, is as old as it is. */
function dated(collection: Collection, estate: Estate, evidence: readonly AnyEvidence[]): readonly AnyEvidence[] {
  return datedByBundle(datedByExport(evidence, estate.reading.datasets), collection.joined);
}

async function installOf(reading: InstallReading): Promise<InstallIdentity> {
  const dataset = reading.datasets.install;
  const rows = dataset.status === 'read' ? (await readWholeSpool<InstallRow>(dataset.file)).rows : [];
  const id = rows[0]?.installId ?? UNKNOWN_INSTALL;
  const subject: Subject = { kind: 'install', key: id, organizationId: null, name: id };
  const upgradedAt = rows[0]?.lastUpgradedAt ?? null;
  return {
    subject,
    // An upgrade that is yet to come explains nothing of what copies lack.
    upgradedAt: upgradedAt !== null && upgradedAt > systemClock() ? null : upgradedAt,
    installedAt: rows[0]?.installedAt ?? null,
  };
}
