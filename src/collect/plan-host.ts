import type { LocationConfig } from '../config/schema.ts';
import { SourceError } from '../model/source-error.ts';
import type { Collection } from './estate.ts';
import type { InstallRow, OrganizationRow, StorageBindingRow } from './organizations/dataset-contracts.ts';
import { readInstallDatabase } from './organizations/install-database.ts';
import { organizationKey } from './organizations/organization-key.ts';
import { readSpool, readWholeSpool } from './organizations/spool.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import { INSTALL_SERVER, serverFrom } from './servers.ts';

/** What the install database tells of what to ask the install host. */
export interface InstallForPlan {
  readonly installId: string;
  readonly productVersion: string | null;
  /** Directories of live stores, sorted. */
  readonly stores: readonly string[];
}

/**
 * Asks the install database for the id of the install, and for the directories in which its organizations keep files.
 *
 * @param scratch empty directory for its rows
 * @throws SourceError where it does not answer
 */
export async function installForPlan(
  collection: Pick<Collection, 'config' | 'mapping' | 'signal' | 'secret'>,
  scratch: string,
): Promise<InstallForPlan> {
  const { config, signal } = collection;
  const { database } = config.install;
  const password =
    database.password === undefined
      ? undefined
      : await collection.secret('install.database: password', database.password);
  const server = serverFrom(INSTALL_SERVER, database, database.name, password, config.collect);
  const connection = await openReadOnly(server.settings(database.name), signal);
  try {
    const { datasets } = await readInstallDatabase(connection, collection.mapping, scratch, signal);
    if (datasets.install.status === 'blind') throw datasets.install.error;
    const row =
      datasets.install.status === 'read'
        ? (await readWholeSpool<InstallRow>(datasets.install.file)).rows[0]
        : undefined;
    if (row === undefined) throw NO_INSTALL();
    const stores = new Set<string>();
    const bound = new Set<string>();
    if (datasets.storage_bindings.status === 'read') {
      for await (const record of readSpool<StorageBindingRow>(datasets.storage_bindings.file)) {
        if (record.key !== null) bound.add(record.key);
        if (!record.ok) continue;
        const { kind, path, state } = record.row;
        if (kind !== 's3' && state === 'active' && path?.startsWith('/') === true) stores.add(path);
      }
    }
    const standard = config.stores.default;
    if (standard !== 'none' && datasets.organizations.status === 'read') {
      for await (const record of readSpool<OrganizationRow>(datasets.organizations.file)) {
        if (!record.ok || bound.has(organizationKey(record.row.organizationId))) continue;
        stores.add(standard.path.replaceAll('{organizationId}', record.row.organizationId));
      }
    }
    return { installId: row.installId, productVersion: row.productVersion, stores: [...stores].sort() };
  } finally {
    await connection.close();
  }
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
  return locations.flatMap((one) =>
    one.kind === 'directory' && one.reachableFrom?.toLowerCase() === host.toLowerCase() ? [one] : [],
  );
}
