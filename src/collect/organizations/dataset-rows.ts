import { SourceError } from '../../model/source-error.ts';
import type { RowSet } from '../postgres/read-only-transaction.ts';
import {
  type Columns,
  checkColumns,
  type DatasetContract,
  type ParsedRow,
  type RowOf,
  type RowProblem,
} from './dataset-contract.ts';

/** Rows by column name, as text. */
export function rowRecords(set: RowSet): readonly Readonly<Record<string, string | null>>[] {
  const names = set.columns.map(({ name }) => name);
  return set.rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
}

/** @throws SourceError *malformed*, naming every column that is missing or of the wrong type, with what to write instead */
export function requireColumns(contract: DatasetContract<Columns>, columns: RowSet['columns'], locator: string): void {
  const problems = checkColumns(contract, columns);
  if (problems.length === 0) return;
  const what = problems.map(({ column, problem }) => `column ${column} ${problem}`).join(', ');
  const hints = problems.map(({ column, hint }) => `${column}: ${hint}`).join('; ');
  const remedy = `Correct the mapping of dataset ${contract.name}: ${hints}.`;
  throw new SourceError('malformed', `${locator}, ${contract.name}: ${what}`, remedy);
}

/** All rows of a small dataset: those that could be read, and what is wrong with the others. */
export interface DatasetRows<Row> {
  readonly rows: readonly Row[];
  readonly problems: readonly RowProblem[];
}

/** @throws SourceError *malformed* when the columns do not fit the contract */
export function parseRows<C extends Columns>(
  contract: DatasetContract<C>,
  set: RowSet,
  locator: string,
): DatasetRows<RowOf<C>> {
  requireColumns(contract, set.columns, locator);
  const parsed: readonly ParsedRow<RowOf<C>>[] = rowRecords(set).map(contract.parse);
  return {
    rows: parsed.flatMap((one) => (one.ok ? [one.row] : [])),
    problems: parsed.flatMap((one) => (one.ok ? [] : one.problems)),
  };
}
