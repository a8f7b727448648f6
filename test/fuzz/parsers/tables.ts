import { writeFileSync } from 'node:fs';
import { checkRow } from '../../../src/collect/backups/inventory/check-row.ts';
import { inventoryRows } from '../../../src/collect/backups/inventory/inventory-rows.ts';
import { csvLines, parseCsv } from '../../../src/collect/formats/csv.ts';
import { parseCopyTime } from '../../../src/collect/hosts/dated-copies.ts';
import { INSTALL_DATASETS } from '../../../src/collect/organizations/dataset-contracts.ts';
import { readExport } from '../../../src/collect/organizations/export-file.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { bytesOf, type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';

/* What people and other products write for the audit. */

const INVENTORY_CSV = `database,server,moment,method,where,complete,owner,recordedAt
novantra,,2026-11-22T02:00:00+01:00,Veeam,"tape 7, ""vault""",yes,ops,2026-11-22T08:00:00Z
,db1,2026-11-22 02:00,copy,,no,ops,2026-11-22T08:00:00Z
`;
const INVENTORY_JSON = JSON.stringify([
  {
    database: 'novantra',
    moment: '2026-11-22T02:00:00Z',
    method: 'Veeam',
    complete: true,
    owner: 'ops',
    recordedAt: '2026-11-22T08:00:00Z',
  },
  {
    server: 'db1',
    moment: '2026-11-22T02:00:00',
    method: 'copy',
    where: 7,
    owner: 'ops',
    recordedAt: '2026-11-22T08:00:00Z',
  },
]);
const EXPORT_CSV = `organization_id,slug,name,state,created_at,allowed_regions
1b0c5f4e-3a1c-8f4e-9e3a-0123456789ab,acme,"Acme, ""Inc""",active,2026-01-01 00:00:00+00,"{eu,us}"
`;
const EXPORT_JSON = JSON.stringify([
  {
    organization_id: '1b0c5f4e',
    slug: 'acme',
    name: 'Acme',
    state: 'active',
    created_at: '2026-01-01T00:00:00Z',
    allowed_regions: ['eu'],
  },
]);
const COPY_NAMES = ['20261122T020000Z', '2026-11-22_02.00'];

function inventory(format: 'csv' | 'json', text: string, timeZone: string | null): FuzzedParser {
  const settings = { format, file: `inventory.${format}`, columns: {} };
  const around = { settings, timeZone, servers: new Set(['db1']), now: '2026-11-22T12:00:00.000Z' };
  return {
    name: `inventory, ${format}, ${timeZone ?? 'no zone'}`,
    artifacts: () => [oneFile(text)],
    read: (input) => {
      const { rows } = inventoryRows(textOf(input), settings);
      return rows.some(({ row, values }) => 'moment' in checkRow(row, values, around)) ? 'copies' : 'none';
    },
    declared: [SourceError],
  };
}

function exportFile(format: 'csv' | 'json', text: string): FuzzedParser {
  return {
    name: `export of a dataset, ${format}`,
    artifacts: () => [oneFile(text)],
    read: async (input) => {
      // For each input, as nobody tells a thread that is ended to clean up.
      using directory = scratchDirectory('fuzz-export');
      writeFileSync(`${directory.path}/export`, bytesOf(input));
      const contract = INSTALL_DATASETS.organizations;
      const { records } = await readExport(contract, { kind: 'file', path: 'export', format }, directory.path);
      return records.every((record) => contract.parse(record).ok) ? 'rows' : 'problems';
    },
    declared: [SourceError],
  };
}

export const TABLE_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'CSV',
    artifacts: () => [oneFile(INVENTORY_CSV), oneFile(EXPORT_CSV)],
    read: (input) => `${csvLines(textOf(input)) !== null} ${parseCsv(textOf(input)) !== null}`,
    declared: [],
  },
  inventory('csv', INVENTORY_CSV, 'Europe/Berlin'),
  inventory('json', INVENTORY_JSON, null),
  exportFile('csv', EXPORT_CSV),
  exportFile('json', EXPORT_JSON),
  {
    name: 'names of dated copies',
    artifacts: () => COPY_NAMES.map(oneFile),
    read: (input) => {
      const times = ['YYYYMMDDTHHmmssZ', 'YYYY-MM-DD_HH.mm'].map((format) =>
        parseCopyTime(textOf(input), format, 'Europe/Berlin'),
      );
      return times.some((time) => time !== null) ? 'a time' : 'none';
    },
    declared: [],
  },
];
