import type { InstallDatasetName } from '../../collect/organizations/dataset-contracts.ts';
import type { Config } from '../../config/schema.ts';
import { type Check, mistake } from './check.ts';

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

function unnamed(what: string, list: string): Check {
  const said = `${what} is listed there, and ${list} in the configuration does not name it`;
  return mistake('install database', said, `Add it to ${list}.`);
}
