import type { LocationConfig } from '../config/location-schema.ts';
import type { ProviderConfig } from '../config/provider-schema.ts';
import type { Config } from '../config/schema.ts';

/** Whether the audit itself can read a location: a directory may be said to be reachable from another host alone. */
export function isReachable({ install }: Pick<Config, 'install'>, location: LocationConfig): boolean {
  return location.kind !== 'directory' || isHere(install, location.reachableFrom);
}

/** Whether the audit itself can ask a key provider. */
export function isProviderReachable({ install }: Pick<Config, 'install'>, provider: ProviderConfig): boolean {
  return isHere(install, provider.reachableFrom);
}

function isHere(install: Config['install'], reachableFrom: string | undefined): boolean {
  if (reachableFrom === undefined) return true;
  return install.collectorRunsHere && reachableFrom.toLowerCase() === install.host.toLowerCase();
}
