import { createHash } from 'node:crypto';
import type { ProviderConfig } from '../../config/schema.ts';

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
  return createHash('sha256')
    .update(JSON.stringify(inOrder(definitionOf(config))))
    .digest('hex');
}

/** The same, whatever the order of its keys, and without those that hold nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, inOrder(item)]);
}
