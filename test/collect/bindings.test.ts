import { expect, test } from 'vitest';
import { bindingsOf } from '../../src/collect/bindings.ts';
import type { RowProblem } from '../../src/collect/organizations/dataset-contract.ts';
import type { OrganizationEntry } from '../../src/collect/organizations/merge-by-organization.ts';
import { storeCollection } from './stores/store-collection.ts';

const collection = storeCollection({ default: { kind: 'bundled', path: '/srv/{organizationId}' } });

function bindings(states: readonly string[], problems: readonly Partial<RowProblem>[]) {
  const rows = { storage_bindings: states.map((state) => ({ bindingId: state, state, path: null })) };
  const entry = { organizationId: 'org_1', key: 'org_1', rows, problems } as unknown as OrganizationEntry;
  return bindingsOf(collection, entry).map(({ bindingId }) => bindingId);
}

test('an organization without a row uses the default store', () => {
  expect(bindings([], [])).toEqual(['default:org_1']);
  expect(bindings([], [{ dataset: 'backup_runs' }])).toEqual(['default:org_1']);
});

test('a relative path tells no place: it begins at a directory that only the product knows', () => {
  const paths = ['/srv/files', 'D:\\files', 'storage/org_1', './files', null].map((path) => {
    const rows = { storage_bindings: [{ bindingId: 'b', state: 'active', path }] };
    const entry = { organizationId: 'org_1', key: 'org_1', rows, problems: [] } as unknown as OrganizationEntry;
    return bindingsOf(collection, entry)[0]?.path;
  });
  expect(paths).toEqual(['/srv/files', 'D:\\files', null, null, null]);
});

test('an organization whose only row cannot be read does not: the row may say any other place', () => {
  const problem = { dataset: 'storage_bindings', column: 'state', problem: 'is none of active, inactive' } as const;
  expect(bindings([], [problem])).toEqual([]);
  expect(bindings(['inactive'], [problem])).toEqual(['inactive']);
});
