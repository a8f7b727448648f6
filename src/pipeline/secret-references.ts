import { isProviderReachable, isReachable } from '../collect/reachable.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Secret } from '../model/secret.ts';

/** Resolves every reference of the configuration up front, so that all that are missing are reported at once. */
export async function resolveAll(loaded: LoadedConfig): Promise<ReadonlyMap<string, Secret>> {
  const secrets = new Map<string, Secret>();
  for (const { path, reference } of referencesHere(loaded.config)) {
    if (!secrets.has(reference)) secrets.set(reference, await loaded.secrets.resolve(path, reference));
  }
  if (loaded.secrets.mistakes.length > 0) throw new ConfigurationError(loaded.file, loaded.secrets.mistakes);
  return secrets;
}

/** The references that are resolved where the audit runs: those of what another host reads or asks are resolved there. */
export function referencesHere(config: Config): ReturnType<typeof referencesIn> {
  return referencesIn({
    ...config,
    locations: config.locations.map((one) => (isReachable(config, one) ? one : null)),
    providers: config.providers.map((one) => (isProviderReachable(config, one) ? one : null)),
  });
}

const SECRET_KEYS: ReadonlySet<string> = new Set([
  'password',
  'passphrase',
  'token',
  'accessKeyId',
  'secretAccessKey',
  'sessionToken',
  'clientSecret',
  'clientCertificate',
  'digestKey',
  'pin',
  'roleId',
  'secretId',
  'jwt',
]);

/** Every `env:` and `file:` reference with its path in the file. */
export function referencesIn(
  value: unknown,
  path = '',
): readonly { readonly path: string; readonly reference: string }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const here = path === '' ? key : `${path}.${key}`;
    if (typeof item === 'string') return SECRET_KEYS.has(key) ? [{ path: here, reference: item }] : [];
    return referencesIn(item, here);
  });
}
