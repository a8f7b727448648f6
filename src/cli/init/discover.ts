import * as is from '../../collect/organizations/column-values.ts';
import type { InstallDatasetName } from '../../collect/organizations/dataset-contracts.ts';
import type { DatasetMapping } from '../../collect/organizations/dataset-source.ts';
import { withoutCredentials } from '../../collect/organizations/without-credentials.ts';
import type { ReadOnlyConnection } from '../../collect/postgres/read-only-connection.ts';
import { SourceError } from '../../model/source-error.ts';
import { distinctValues } from '../dataset-values.ts';

/** A key provider as the install database lists it; settings hold only what says where it is. */
export interface FoundProvider {
  readonly id: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface FoundBucket {
  readonly bucket: string;
  readonly region: string | null;
  readonly endpoint: string | null;
}

/** What the install database says about the sources of an audit. */
export interface Discovery {
  /** False where nobody asked: then nothing here says that there is none. */
  readonly asked: boolean;
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly providers: readonly FoundProvider[];
  readonly buckets: readonly FoundBucket[];
  /** Directories of live files that storage bindings name. */
  readonly storagePaths: readonly string[];
  /** Where backup plans write to. */
  readonly targets: readonly string[];
  readonly plans: number;
  /** Datasets that could not be read, and why: one sentence each. */
  readonly unread: readonly string[];
}

export const NOT_ASKED: Discovery = {
  asked: false,
  servers: [],
  providers: [],
  buckets: [],
  storagePaths: [],
  targets: [],
  plans: 0,
  unread: [],
};

type TextRecord = Readonly<Record<string, string | null>>;

/**
 * Asks the install database for every server, key provider, bucket, directory and backup target that it names. A
 * dataset that cannot be read is named in `unread`.
 *
 * @throws SourceError when the session ends
 */
export async function discover(connection: ReadOnlyConnection, mapping: DatasetMapping): Promise<Discovery> {
  const unread: string[] = [];
  const values = async (dataset: InstallDatasetName, columns: readonly string[]): Promise<readonly TextRecord[]> => {
    try {
      return await distinctValues(connection, mapping, dataset, columns);
    } catch (error) {
      if (!(error instanceof SourceError) || !connection.isOpen()) throw error;
      unread.push(`${error.message}. ${error.remedy}`);
      return [];
    }
  };
  const servers = await values('tenant_databases', ['host', 'port']);
  const providers = await values('key_providers', ['provider_id', 'kind', 'settings']);
  const bindings = await values('storage_bindings', ['kind', 'bucket', 'region', 'endpoint', 'path']);
  const plans = await values('backup_plans', ['plan_id', 'target_uri']);
  return {
    asked: true,
    servers: uniqueBy(
      servers.flatMap((row) => {
        const host = row['host'] ?? null;
        // Host names are compared without case; paths of sockets are not.
        if (host === null) return [];
        return [{ host: host.startsWith('/') ? host : host.toLowerCase(), port: Number(row['port'] ?? 5432) }];
      }),
      ({ host, port }) => `${host}:${port}`,
    ),
    providers: uniqueBy(
      providers.map((row) => ({
        id: row['provider_id'] ?? '',
        kind: row['kind'] ?? '',
        settings: settingsOf(row['settings'] ?? null),
      })),
      ({ id }) => id.toLowerCase(),
    ),
    buckets: uniqueBy(
      bindings.flatMap((row): readonly FoundBucket[] => {
        const bucket = row['bucket'] || null;
        const endpoint = row['endpoint'] ?? null;
        if (bucket === null) return [];
        return [
          { bucket, region: row['region'] || null, endpoint: endpoint === null ? null : withoutCredentials(endpoint) },
        ];
      }),
      ({ bucket, endpoint }) => `${bucket} ${endpoint ?? ''}`,
    ),
    storagePaths: [...new Set(bindings.flatMap((row) => row['path'] ?? []))],
    targets: [...new Set(plans.flatMap((row) => row['target_uri'] ?? []).map(withoutCredentials))],
    plans: plans.length,
    unread,
  };
}

function settingsOf(text: string | null): Readonly<Record<string, string>> {
  const read = text === null ? null : is.settings.schema.safeParse(text);
  return read?.success === true ? read.data : {};
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
