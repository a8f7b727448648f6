import { INSTALL_DATASETS, type InstallDatasetName } from '../collect/organizations/dataset-contracts.ts';
import { requireColumns, rowRecords } from '../collect/organizations/dataset-rows.ts';
import type { DatasetMapping } from '../collect/organizations/dataset-source.ts';
import { readExport } from '../collect/organizations/export-file.ts';
import type { ReadOnlyConnection } from '../collect/postgres/read-only-connection.ts';
import { datasetStatement, quoteIdentifier } from '../collect/postgres/statement.ts';

type TextRecord = Readonly<Record<string, string | null>>;

/** Different rows are kept; beyond this many of them nothing is learnt that a person would look at. */
const MOST_ROWS = 100_000;

/**
 * The different values that some columns of an install dataset have together, sorted, as the text the server writes;
 * null for a column that the statement lacks. None for a dataset declared absent.
 *
 * @throws SourceError when the dataset cannot be read or does not fit its contract
 */
export async function distinctValues(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  name: InstallDatasetName,
  columns: readonly string[],
): Promise<readonly TextRecord[]> {
  const source = mapping.install[name];
  const contract = INSTALL_DATASETS[name];
  if (source.kind === 'absent') return [];
  if (source.kind === 'file') {
    const { records } = await readExport(contract, source, mapping.directory);
    return distinct(
      records.map((record) => Object.fromEntries(columns.map((column) => [column, record[column] ?? null]))),
    );
  }
  const [probe] = await connection.readTogether([datasetStatement(name, source.sql, source.tables, { limit: 0 })]);
  const found = probe?.columns ?? [];
  requireColumns(contract, found, connection.locator);
  const present = columns.filter((column) => found.some((one) => one.name === column));
  if (present.length === 0) return [];
  const select = present.map((column) => `dataset.${quoteIdentifier(column)}::text AS ${quoteIdentifier(column)}`);
  const shape = {
    select: `DISTINCT ${select.join(', ')}`,
    orderBy: present.map((_, index) => index + 1).join(', '),
    limit: MOST_ROWS,
  };
  const [rows] = await connection.readTogether([datasetStatement(name, source.sql, source.tables, shape)]);
  return rows === undefined ? [] : rowRecords(rows);
}

function distinct(records: readonly TextRecord[]): readonly TextRecord[] {
  const byText = new Map(records.map((record) => [JSON.stringify(Object.values(record)), record]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}
