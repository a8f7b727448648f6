import type { Facts } from '../model/facts.ts';
import type { Collection } from './estate.ts';
import type { OrganizationEntry } from './organizations/merge-by-organization.ts';
import { bindingFact } from './organizations/row-facts.ts';

/**
 * Where an organization keeps its files: the rows; where there are none, the policy's default binding. A row that could
 * not be read, as one in a state that is not known, is a row: what it says may be any other place.
 */
export function bindingsOf(
  collection: Pick<Collection, 'config'>,
  entry: OrganizationEntry,
): readonly Facts['storage-binding'][] {
  const rows = entry.rows.storage_bindings.map(bindingFact);
  const standard = collection.config.stores.default;
  const isUnread = entry.problems.some(({ dataset }) => dataset === 'storage_bindings');
  if (rows.length > 0 || isUnread || standard === 'none') return rows;
  return [
    {
      bindingId: `default:${entry.key}`,
      kind: standard.kind,
      state: 'active',
      bucket: null,
      prefix: null,
      region: null,
      endpoint: null,
      path: standard.path.replaceAll('{organizationId}', entry.organizationId),
      activatedAt: null,
      origin: 'policy-default',
    },
  ];
}
