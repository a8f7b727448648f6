import type { PlannedProvider } from '../config/host-plan.ts';
import type { LocationConfig } from '../config/location-schema.ts';
import type { ProviderConfig } from '../config/provider-schema.ts';
import type { PlannedCopyDraw, PlannedDraw } from '../model/planned-draw.ts';
import { SourceError } from '../model/source-error.ts';
import type { TenantWishes } from './ask-tenants-for-plan.ts';
import type { Collection } from './estate.ts';
import { keysNamed } from './keys/leaned-on-keys.ts';
import { databasesByServer } from './known-servers.ts';
import { readNamedKeys } from './named-keys.ts';
import { openServers } from './open-servers.ts';
import type { InstallRow, OrganizationRow, StorageBindingRow } from './organizations/dataset-contracts.ts';
import { type InstallReading, readInstallDatabase } from './organizations/install-database.ts';
import { organizationKey } from './organizations/organization-key.ts';
import { readSpool, readWholeSpool } from './organizations/spool.ts';
import { readWrappedSamples, type SampleReading } from './organizations/wrapped-samples.ts';
import { planTenants } from './plan-tenants.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import { definitionOf } from './recorded/provider-definition.ts';
import { INSTALL_SERVER } from './servers.ts';

/** What a plan is to hold out of the databases. */
export interface PlanWishes extends Omit<TenantWishes, 'providers'> {
  readonly providers: readonly ProviderConfig[];
  /** Whether names of databases and servers are needed to tell copies by. */
  readonly names: boolean;
}

/** What the databases tell of what to ask another host. */
export interface InstallForPlan {
  readonly installId: string;
  readonly productVersion: string | null;
  /** Directories of live stores and of former ones, sorted. */
  readonly stores: readonly string[];
  readonly names: { readonly databases: string[]; readonly servers: string[] } | null;
  readonly providers: readonly PlannedProvider[];
  /** Null: they name more files than a host can be handed. */
  readonly draws: readonly PlannedDraw[] | null;
  readonly copyDraws: readonly PlannedCopyDraw[];
  /** What of it could not be had, in words. */
  readonly lacking: readonly string[];
}

/**
 * Asks the install database for the id of the install, and for what its organizations keep files and keys in; the tenant
 * databases only for what is wished of them.
 *
 * @param scratch empty directory for the rows
 * @throws SourceError where the install database does not answer
 */
export async function installForPlan(
  collection: Collection,
  scratch: string,
  wishes: PlanWishes,
): Promise<InstallForPlan> {
  const { config } = collection;
  const servers = await openServers(collection);
  const { reading, samples } = await readInstall(collection, scratch, servers, wishes.samples);
  const row = await installRow(reading);
  const ids = wishes.providers.map(({ id }) => id);
  const { fileNames, copyNames, samples: wantsSamples } = wishes;
  const found = await planTenants(
    collection,
    { reading, servers, samples },
    { providers: new Set(ids), fileNames, copyNames, samples: wantsSamples },
  );
  const named = await readNamedKeys(reading, ids);
  const names = wishes.names
    ? {
        databases: [...(await databasesByServer(collection, reading, servers)).keys()].sort(),
        servers: servers.map(({ name }) => name).sort(),
      }
    : null;
  return {
    installId: row.installId,
    productVersion: row.productVersion,
    stores: await storesOf(config, reading),
    names,
    providers: wishes.providers.map((provider) => {
      const samplesLeftOut = found.samplesLeftOut.get(provider.id);
      return {
        definition: definitionOf(provider),
        keys: [...new Set([...(found.keys.get(provider.id) ?? []), ...keysNamed(config, provider.id)])].sort(),
        rights: [...(named.get(provider.id)?.keyRefs ?? [])],
        samples: [...(found.samples.get(provider.id)?.values() ?? [])],
        ...(samplesLeftOut === undefined ? {} : { samplesLeftOut }),
      };
    }),
    draws: found.draws,
    copyDraws: found.copyDraws,
    lacking: found.lacking,
  };
}

async function readInstall(
  { config, mapping, signal }: Collection,
  scratch: string,
  servers: Awaited<ReturnType<typeof openServers>>,
  withSamples: boolean,
): Promise<{ readonly reading: InstallReading; readonly samples: SampleReading | null }> {
  const server = servers.find(({ name }) => name === INSTALL_SERVER);
  if (server === undefined) throw new Error('the install database has no server');
  const connection = await openReadOnly(server.settings(config.install.database.name), signal);
  try {
    const reading = await readInstallDatabase(connection, mapping, scratch, signal);
    const samples = withSamples ? await readWrappedSamples(connection, mapping.samples.install, null) : null;
    return { reading, samples };
  } finally {
    await connection.close();
  }
}

async function installRow({ datasets }: InstallReading): Promise<InstallRow> {
  if (datasets.install.status === 'blind') throw datasets.install.error;
  const row =
    datasets.install.status === 'read' ? (await readWholeSpool<InstallRow>(datasets.install.file)).rows[0] : undefined;
  if (row === undefined) throw NO_INSTALL();
  return row;
}

/** Directories in which organizations keep files, or kept them: of their bindings, in use or not, else of the standard one. */
async function storesOf(config: Collection['config'], { datasets }: InstallReading): Promise<readonly string[]> {
  const stores = new Set<string>();
  const bound = new Set<string>();
  if (datasets.storage_bindings.status === 'read') {
    for await (const record of readSpool<StorageBindingRow>(datasets.storage_bindings.file)) {
      if (record.key !== null) bound.add(record.key);
      if (!record.ok) continue;
      const { kind, path, state } = record.row;
      const isLookedAt = state === 'active' || state === 'inactive';
      if (kind !== 's3' && isLookedAt && path?.startsWith('/') === true) stores.add(path);
    }
  }
  const standard = config.stores.default;
  if (standard !== 'none' && datasets.organizations.status === 'read') {
    for await (const record of readSpool<OrganizationRow>(datasets.organizations.file)) {
      if (!record.ok || bound.has(organizationKey(record.row.organizationId))) continue;
      stores.add(standard.path.replaceAll('{organizationId}', record.row.organizationId));
    }
  }
  return [...stores].sort();
}

const NO_INSTALL = () =>
  new SourceError(
    'malformed',
    'dataset install of the install database has no row, so that it is not known which install is asked about',
    'Correct dataset install of the mapping: recoverage doctor.',
  );

/** The directory locations that only one host can read. */
export function readOnHost(
  locations: readonly LocationConfig[],
  host: string,
): readonly Extract<LocationConfig, { readonly kind: 'directory' }>[] {
  return locations.flatMap((one) => (one.kind === 'directory' && isOn(one.reachableFrom, host) ? [one] : []));
}

/** The key providers that only one host can reach. */
export function askedOnHost(providers: readonly ProviderConfig[], host: string): readonly ProviderConfig[] {
  return providers.filter(({ reachableFrom }) => isOn(reachableFrom, host));
}

function isOn(reachableFrom: string | undefined, host: string): boolean {
  return reachableFrom?.toLowerCase() === host.toLowerCase();
}
