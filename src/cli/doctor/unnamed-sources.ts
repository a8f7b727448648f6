import type { InstallDatasetName } from '../../collect/organizations/dataset-contracts.ts';
import type { Config } from '../../config/schema.ts';
import { type Check, mistake, warning } from './check.ts';

/** The different values of some columns of an install dataset. */
export type Values = (
  dataset: InstallDatasetName,
  columns: readonly string[],
) => Promise<readonly Readonly<Record<string, string | null>>[]>;

const DEFAULT_PORT = '5432';

/** Servers of tenant databases that the configuration does not name: a scan could not ask them. */
export async function unnamedServers({ install, servers }: Config, values: Values): Promise<readonly Check[]> {
  const named = new Set([install.database, ...servers].map(({ host, port }) => `${host}:${port}`.toLowerCase()));
  const rows = await values('tenant_databases', ['host', 'port']);
  return rows
    .flatMap((row) => (typeof row['host'] === 'string' ? `${row['host']}:${row['port'] ?? DEFAULT_PORT}` : []))
    .filter((address) => !named.has(address.toLowerCase()))
    .map((address) => unnamed(`server ${address} of tenant databases`, 'servers'));
}

/** As {@link unnamedServers}, of key providers. */
export async function unnamedProviders({ providers }: Config, values: Values): Promise<readonly Check[]> {
  const named = new Set(providers.map(({ id }) => id));
  const rows = await values('key_providers', ['provider_id']);
  return rows
    .flatMap((row) => row['provider_id'] ?? [])
    .filter((id) => !named.has(id))
    .map((id) => unnamed(`key provider ${id}`, 'providers'));
}

/** As {@link unnamedServers}, of buckets that storage bindings name. */
export async function unnamedBuckets({ stores }: Config, values: Values): Promise<readonly Check[]> {
  const named = new Set(stores.s3.map(({ bucket }) => bucket));
  const rows = await values('storage_bindings', ['bucket']);
  return rows
    .flatMap((row) => row['bucket'] ?? [])
    .filter((bucket) => !named.has(bucket))
    .map((bucket) => unnamed(`bucket ${bucket} of a storage binding`, 'stores.s3'));
}

/** A list as long as this may have been cut off. */
const LONGEST_LIST = 100_000;

/** Organizations that limits or exclusions name and the install does not have: what is set for them applies to nobody. */
export async function strayOrganizations({ policy, exclusions }: Config, values: Values): Promise<readonly Check[]> {
  const named = [
    ...Object.keys(policy.organizationLimits).map((id) => ({ id, setting: 'policy.organizationLimits' })),
    ...exclusions.map(({ organization }) => ({ id: organization, setting: 'exclusions' })),
  ];
  if (named.length === 0) return [];
  const rows = await values('organizations', ['organization_id']);
  if (rows.length === 0 || rows.length >= LONGEST_LIST) return [];
  const listed = new Set(rows.map((row) => row['organization_id']?.toLowerCase()));
  return named
    .filter(({ id }) => !listed.has(id.toLowerCase()))
    .map(({ id, setting }) =>
      warning(
        'install database',
        `${setting} names ${id}, which is not listed there, so it applies to nobody`,
        'Mend its spelling, or remove it; organizations are named by their id.',
      ),
    );
}

function unnamed(what: string, list: string): Check {
  const said = `${what} is listed there, and ${list} in the configuration does not name it`;
  return mistake('install database', said, `Add it to ${list}.`);
}
