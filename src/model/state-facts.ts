import type { FactKind } from './facts.ts';

/** Facts that describe one state: asked twice, the newest answer stands. All others are lists and are united. */
export const STATE_FACTS: ReadonlySet<FactKind> = new Set([
  'install',
  'organization-list',
  'organization',
  'license',
  'cluster',
  'archiver',
  'database-state',
  'catalogue',
  'key-state',
  'provider-state',
  'custody',
  'store-state',
  'store-versioning',
  'store-object-lock',
  'store-encryption',
  'location',
]);
