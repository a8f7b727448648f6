import { createAsker, systemClock } from '../../collect/ask.ts';
import type { Collection } from '../../collect/estate.ts';
import type { DatasetMapping } from '../../collect/organizations/dataset-source.ts';
import { INSTALL_SERVER, type Server, serverFrom } from '../../collect/servers.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { LIMIT_DEFAULTS } from '../../model/policy.ts';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { referencesHere } from '../../pipeline/secret-references.ts';
import { type Check, mistake, ok } from './check.ts';

/** What the checks of sources work with: the collector's own clients and settings. */
export interface DoctorContext extends Pick<Collection, 'config' | 'asker' | 'signal' | 'secret'> {
  /** Null where the mapping has mistakes, which are reported elsewhere. */
  readonly mapping: DatasetMapping | null;
  readonly clockToleranceMinutes: number;
  /** The install database's server first. One whose password cannot be resolved rejects. */
  servers(): Promise<readonly { readonly name: string; readonly server: Server | null; readonly error: unknown }[]>;
}

/** Resolves every secret, saying which cannot be, and makes the context in which only those are missing. */
export async function doctorContext(
  loaded: LoadedConfig,
  mapping: DatasetMapping | null,
  signal: AbortSignal,
): Promise<{ readonly context: DoctorContext; readonly checks: readonly Check[] }> {
  const { config, secrets: resolver } = loaded;
  const secrets = new Map<string, Secret>();
  const references = referencesHere(config);
  const missing = new Set<string>();
  for (const { path, reference } of references) {
    if (secrets.has(reference)) continue;
    const before = resolver.mistakes.length;
    secrets.set(reference, await resolver.resolve(path, reference));
    if (resolver.mistakes.length > before) missing.add(reference);
  }
  const checks = resolver.mistakes.map(({ path, problem, hint }) => mistake('secrets', `${path}: ${problem}`, hint));
  const found = secrets.size - missing.size;
  if (found > 0 || checks.length === 0) {
    checks.unshift(ok('secrets', `${found} of ${secrets.size} references to secrets can be resolved`));
  }
  const secret: DoctorContext['secret'] = (setting, reference) => {
    const value = secrets.get(reference);
    if (value !== undefined && !missing.has(reference)) return Promise.resolve(value);
    const remedy = 'Provide the secret that the lines about secrets name.';
    return Promise.reject(new SourceError('not-asked', `${setting}: ${reference} cannot be resolved`, remedy));
  };
  const used = [...secrets].filter(([reference]) => !missing.has(reference)).map(([, value]) => value);
  const context: DoctorContext = {
    config,
    mapping,
    signal,
    secret,
    asker: createAsker(systemClock, used, signal),
    clockToleranceMinutes: loaded.policy.limits.clockToleranceMinutes ?? LIMIT_DEFAULTS.clockToleranceMinutes,
    servers: () => Promise.all(serversOf(config).map((one) => openServer(one, secret, config.collect))),
  };
  return { context, checks };
}

type ServerSettings = Parameters<typeof serverFrom>;

function serversOf(config: LoadedConfig['config']) {
  const { database } = config.install;
  return [
    { name: INSTALL_SERVER, access: database, maintenanceDatabase: database.name },
    ...config.servers.map((server) => ({
      name: server.name,
      access: server,
      maintenanceDatabase: server.maintenanceDatabase,
    })),
  ];
}

async function openServer(
  one: { readonly name: string; readonly access: ServerSettings[1]; readonly maintenanceDatabase: string },
  secret: DoctorContext['secret'],
  collect: ServerSettings[4],
) {
  const { name, access, maintenanceDatabase } = one;
  try {
    const password = access.password === undefined ? undefined : await secret('password', access.password);
    return { name, server: serverFrom(name, access, maintenanceDatabase, password, collect), error: null };
  } catch (error) {
    return { name, server: null, error };
  }
}
