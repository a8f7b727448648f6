import { SourceError } from '../../model/source-error.ts';
import { type Answer, readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { datasetStatement, type ReadOnlyStatement } from '../postgres/statement.ts';
import { type ColumnProblem, type Columns, checkColumns, type DatasetContract } from './dataset-contract.ts';
import { INSTALL_DATASETS, TENANT_DATASETS } from './dataset-contracts.ts';
import type { DatasetMapping, DatasetSource } from './dataset-source.ts';
import { readExport } from './export-file.ts';

/** Whether one dataset's statement gives what its contract wants, found out without reading a row. */
export interface DatasetCheck {
  readonly database: 'install' | 'tenant';
  readonly dataset: string;
  readonly result:
    | {
        readonly status: 'fits' /** Columns of the statement that nothing reads. */;
        readonly unusedColumns: readonly string[];
      }
    | { readonly status: 'does-not-fit'; readonly problems: readonly ColumnProblem[] }
    | { readonly status: 'blind'; readonly error: SourceError }
    | { readonly status: 'absent' };
}

/** Checks the install datasets, exports included. @throws SourceError when the session ends */
export function checkInstallMapping(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
): Promise<readonly DatasetCheck[]> {
  return check(connection, 'install', INSTALL_DATASETS, mapping.install, mapping.directory, null);
}

/**
 * Checks the tenant datasets in one tenant database.
 * @param schemaName as in tenant_databases.schema_name
 * @throws SourceError when the session ends
 */
export function checkTenantMapping(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  schemaName: string | null,
): Promise<readonly DatasetCheck[]> {
  return check(connection, 'tenant', TENANT_DATASETS, mapping.tenant, mapping.directory, schemaName);
}

async function check<N extends string>(
  connection: ReadOnlyConnection,
  database: DatasetCheck['database'],
  contracts: Readonly<Record<N, DatasetContract<Columns>>>,
  sources: Readonly<Record<N, DatasetSource>>,
  directory: string,
  schemaName: string | null,
): Promise<readonly DatasetCheck[]> {
  const statements = new Map<string, ReadOnlyStatement>();
  for (const [name, source] of Object.entries<DatasetSource>(sources)) {
    if (source.kind === 'sql') statements.set(name, datasetStatement(name, source.sql, source.tables, { limit: 0 }));
  }
  const answers = await readEach(connection, [...statements.values()], { schema: schemaName });
  const answerTo = new Map([...statements.keys()].map((name, index) => [name, answers[index]]));
  const checks: DatasetCheck[] = [];
  for (const [name, contract] of Object.entries<DatasetContract<Columns>>(contracts)) {
    const source = sources[name as N];
    const answer = answerTo.get(name);
    const result =
      answer === undefined ? await withoutStatement(contract, source, directory) : compare(contract, answer);
    checks.push({ database, dataset: name, result });
  }
  return checks;
}

function compare(contract: DatasetContract<Columns>, answer: Answer): DatasetCheck['result'] {
  if (!answer.ok) return { status: 'blind', error: answer.error };
  const problems = checkColumns(contract, answer.rows.columns);
  if (problems.length > 0) return { status: 'does-not-fit', problems };
  const unused = answer.rows.columns.map(({ name }) => name).filter((name) => !(name in contract.columns));
  return { status: 'fits', unusedColumns: unused };
}

async function withoutStatement(
  contract: DatasetContract<Columns>,
  source: DatasetSource,
  directory: string,
): Promise<DatasetCheck['result']> {
  if (source.kind !== 'file') return { status: 'absent' };
  try {
    await readExport(contract, source, directory);
    return { status: 'fits', unusedColumns: [] };
  } catch (error) {
    if (error instanceof SourceError) return { status: 'blind', error };
    throw error;
  }
}
