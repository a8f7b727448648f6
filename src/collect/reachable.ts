import type { Config, LocationConfig } from '../config/schema.ts';

/** Whether the audit itself can read a location: a directory may be said to be reachable from another host alone. */
export function isReachable({ install }: Pick<Config, 'install'>, location: LocationConfig): boolean {
  if (location.kind !== 'directory' || location.reachableFrom === undefined) return true;
  return install.collectorRunsHere && location.reachableFrom.toLowerCase() === install.host.toLowerCase();
}
