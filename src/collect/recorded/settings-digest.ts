import { createHash } from 'node:crypto';

/** A digest by which settings are compared: the same whatever the order of keys, and without those that hold nothing. */
export function settingsDigest(settings: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(inOrder(settings)))
    .digest('hex');
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, inOrder(item)]);
}
