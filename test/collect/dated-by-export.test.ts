import { expect, test } from 'vitest';
import { datedByExport } from '../../src/collect/dated-by-export.ts';
import type { InstallDataset, InstallReading } from '../../src/collect/organizations/install-database.ts';
import type { Instant } from '../../src/model/instant.ts';
import { AS_OF, ago, evidence, ORGANIZATION } from '../evaluate/fixture.ts';

const HOUR = 3_600_000;

function dates(operation: string, source: string, exportedAt: Instant | null) {
  const keyrings: InstallDataset = { status: 'read', rows: 1, file: 'f', exportedAt, problems: [], problemCount: 0 };
  const datasets = { keyrings } as unknown as InstallReading['datasets'];
  const record = { ...evidence('keyring', ORGANIZATION, [{}], { source }), operation };
  return datedByExport([record], datasets).map(({ collectedAt }) => collectedAt);
}

test('what an export says is as old as the export', () => {
  expect(dates('dataset keyrings', 'install database', ago(400 * HOUR))).toEqual([ago(400 * HOUR)]);
});

test('a statement, another dataset, another source and an export dated ahead keep the time of the run', () => {
  expect(dates('dataset keyrings', 'install database', null)).toEqual([AS_OF]);
  expect(dates('dataset license', 'install database', ago(HOUR))).toEqual([AS_OF]);
  expect(dates('dataset keyrings', 'tenant database', ago(HOUR))).toEqual([AS_OF]);
  expect(dates('dataset keyrings', 'install database', ago(-HOUR))).toEqual([AS_OF]);
});
