import { expect, test } from 'vitest';
import type { BackupRunRow } from '../../src/collect/organizations/dataset-contracts.ts';
import type { OrganizationEntry } from '../../src/collect/organizations/merge-by-organization.ts';
import { unownedRows } from '../../src/collect/unowned-rows.ts';

const servers = new Map([
  ['novantra', new Set(['install'])],
  ['tenant_a', new Set(['install'])],
  ['tenant_b', new Set(['install', 'far'])],
]);
const run = (runId: string, databaseName: string | null) => ({ runId, databaseName }) as unknown as BackupRunRow;
const entry = (...names: readonly string[]) =>
  ({
    rows: { tenant_databases: names.map((databaseName) => ({ databaseName })), backup_runs: [run('own', null)] },
  }) as unknown as OrganizationEntry;

test('a run without organization goes to the one database that it names', () => {
  const rows = unownedRows('novantra', servers);
  expect(rows.run(run('1', 'tenant_a'))).toBe(true);
  expect(rows.run(run('2', 'tenant_a'))).toBe(true);
  const ids = (one: OrganizationEntry) => rows.withRuns(one).rows.backup_runs.map(({ runId }) => runId);
  expect(ids(entry('tenant_a', 'tenant_a'))).toEqual(['own', '1', '2']);
  expect(ids(entry('tenant_b'))).toEqual(['own']);
});

test('the install keeps its own, and what names no single database of an organization', () => {
  const rows = unownedRows('novantra', servers);
  expect([null, 'novantra', 'tenant_b', 'elsewhere'].map((name) => rows.run(run('1', name)))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('rows of organizations that are not listed are counted by dataset', () => {
  const rows = unownedRows('novantra', servers);
  expect(rows.unlisted()).toEqual([]);
  for (const dataset of ['keyrings', 'backup_runs', 'keyrings'] as const) rows.orphan(dataset);
  expect(rows.unlisted()).toEqual([
    { dataset: 'backup_runs', rows: 1 },
    { dataset: 'keyrings', rows: 2 },
  ]);
});
