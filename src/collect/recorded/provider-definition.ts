import type { ProviderConfig } from '../../config/provider-schema.ts';
import { settingsDigest } from './settings-digest.ts';

/**
 * How a provider is reached, without what the configuration says of it besides: what is asked at another address, or of
 * another token, is no answer of this one.
 */
export function definitionOf(config: ProviderConfig): ProviderConfig {
  const { failureDomain: _domain, reachableFrom: _host, ...definition } = config;
  if (definition.kind !== 'vault-transit') return definition;
  const { seal: _seal, ...vault } = definition;
  return { ...vault, snapshots: [] };
}

/** A digest by which two definitions are compared. */
export function definitionDigest(config: ProviderConfig): string {
  return settingsDigest(definitionOf(config));
}
