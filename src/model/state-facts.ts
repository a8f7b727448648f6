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
  'key-settings',
  'key-rotation',
  'provider-state',
  'vault-resource',
  'custody',
  'store-state',
  'store-versioning',
  'store-object-lock',
  'store-encryption',
  'store-access-block',
  'store-policy',
  'store-acl',
  'location',
  'host-system',
  'runbook',
  'previous-report',
]);

/** Facts of which each place shows one state: asked twice about one place, the newest answer stands. */
export const STATE_FACTS_BY_PLACE: ReadonlySet<FactKind> = new Set(['host-file', 'license-file', 'address']);
