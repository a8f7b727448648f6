import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { explainMissingTable } from '../postgres/closed-schemas.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import type { ReadOnlyTransaction } from '../postgres/read-only-transaction.ts';
import { datasetStatement, quoteIdentifier } from '../postgres/statement.ts';
import * as is from './column-values.ts';
import type { Columns, DatasetContract, RowProblem } from './dataset-contract.ts';
import { INSTALL_DATASET_NAMES, INSTALL_DATASETS, type InstallDatasetName } from './dataset-contracts.ts';
import { requireColumns, rowRecords } from './dataset-rows.ts';
import type { DatasetMapping, StatementSource } from './dataset-source.ts';
import { readExport } from './export-file.ts';
import { compareKeys, organizationKey } from './organization-key.ts';
import { readServerCatalogue, type ServerCatalogue } from './server-catalogue.ts';
import { openSpool, type SpoolWriter } from './spool.ts';

/** One dataset of the install database, its rows spooled to a file (see spool.ts). */
export type InstallDataset =
  | {
      readonly status: 'read';
      /** How many rows were read, malformed ones included. */
      readonly rows: number;
      readonly file: string;
      /** When the export that the rows come from was written; null for a statement, which was answered in this run. */
      readonly exportedAt: Instant | null;
      /** The first of them; all are in the file, with the rows they are about. */
      readonly problems: readonly RowProblem[];
      readonly problemCount: number;
    }
  | { readonly status: 'blind'; readonly error: SourceError }
  | { readonly status: 'absent' };

export interface InstallReading {
  readonly datasets: Readonly<Record<InstallDatasetName, InstallDataset>>;
  /**
   * Organizations counted by a statement of its own in the transaction that streamed them; null when that failed, and
   * where they come from an export, which nothing counts apart from its own rows.
   */
  readonly organizationCount: number | null;
  readonly catalogue: ServerCatalogue;
}

const KEPT_PROBLEMS = 100;
/** Besides the organization: enough to make the order of a dataset's rows the same in every run. */
const ORDERED_COLUMNS = 3;
/** lower() in the C collation changes A to Z only, as organizationKey does. */
const KEY_ORDER = 'lower(dataset.organization_id::text COLLATE "C") COLLATE "C" NULLS FIRST';

/**
 * Reads every dataset of the install database as of one moment, in pages, into files of `spoolDirectory` (which is made
 * where it does not exist). Rows of datasets that belong to organizations come in the order of their keys, the keyless
 * first. A dataset that cannot be read is blind; the others go on.
 * @throws SourceError when the session ends or the server's catalogue cannot be read; the signal's reason after an abort
 */
export async function readInstallDatabase(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  spoolDirectory: string,
  signal: AbortSignal,
): Promise<InstallReading> {
  await mkdir(spoolDirectory, { recursive: true });
  const catalogue = await readServerCatalogue(connection);
  const datasets: Partial<Record<InstallDatasetName, InstallDataset>> = {};
  let organizationCount: number | null = null;
  await connection.transaction(async (transaction) => {
    for (const name of INSTALL_DATASET_NAMES) {
      signal.throwIfAborted();
      const file = join(spoolDirectory, `${name}.ndjson`);
      datasets[name] = await contained(connection, transaction, () =>
        readDataset(transaction, connection, mapping, name, file),
      );
    }
    organizationCount = await countOrganizations(transaction, connection, mapping, datasets.organizations);
  });
  return { datasets: datasets as Record<InstallDatasetName, InstallDataset>, organizationCount, catalogue };
}

/** A failure of one dataset stays one dataset's, unless the session is gone. */
async function contained(
  connection: ReadOnlyConnection,
  transaction: ReadOnlyTransaction,
  read: () => Promise<InstallDataset>,
): Promise<InstallDataset> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SourceError) || !connection.isOpen()) throw error;
    return { status: 'blind', error: await explainMissingTable(transaction, connection.settings, error, null) };
  }
}

async function readDataset(
  transaction: ReadOnlyTransaction,
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  name: InstallDatasetName,
  file: string,
): Promise<InstallDataset> {
  const source = mapping.install[name];
  const contract: DatasetContract<Columns> = INSTALL_DATASETS[name];
  if (source.kind === 'absent') return { status: 'absent' };
  if (source.kind === 'file') {
    const { records, exportedAt } = await readExport(contract, source, mapping.directory);
    return spoolAll(
      contract,
      file,
      exportedAt,
      (async function* () {
        yield sorted(records);
      })(),
    );
  }
  return transaction.attempt(async () =>
    spoolAll(contract, file, null, statementPages(transaction, connection, contract, source)),
  );
}

type TextRecord = Readonly<Record<string, string | null>>;

/** First asks for the columns without rows, then only for those of the contract, each as text of bounded length. */
async function* statementPages(
  transaction: ReadOnlyTransaction,
  connection: ReadOnlyConnection,
  contract: DatasetContract<Columns>,
  source: StatementSource,
): AsyncGenerator<readonly TextRecord[]> {
  const probe = await transaction.read(datasetStatement(contract.name, source.sql, source.tables, { limit: 0 }));
  requireColumns(contract, probe.columns, connection.locator);
  const present = Object.keys(contract.columns).filter((column) => probe.columns.some(({ name }) => name === column));
  const select = present.map((column) => {
    const name = quoteIdentifier(column);
    const bounded = contract.columns[column]?.type === 'text';
    const value = bounded ? `left(dataset.${name}::text, ${is.MAX_TEXT_CHARACTERS + 1})` : `dataset.${name}::text`;
    return `${value} AS ${name}`;
  });
  const orderBy = present
    .map((column) => `dataset.${quoteIdentifier(column)}::text COLLATE "C"`)
    .slice(0, ORDERED_COLUMNS);
  const keyed = present.includes('organization_id');
  const shape = { select: select.join(', '), orderBy: (keyed ? [KEY_ORDER, ...orderBy] : orderBy).join(', ') };
  for await (const page of transaction.pages(datasetStatement(contract.name, source.sql, source.tables, shape))) {
    yield rowRecords(page);
  }
}

async function spoolAll(
  contract: DatasetContract<Columns>,
  file: string,
  exportedAt: Instant | null,
  pages: AsyncIterable<readonly TextRecord[]>,
): Promise<InstallDataset> {
  const spool: SpoolWriter<unknown> = openSpool(file);
  let rows = 0;
  let problemCount = 0;
  const problems: RowProblem[] = [];
  try {
    for await (const page of pages) {
      for (const record of page) {
        const parsed = contract.parse(record);
        rows += 1;
        if (!parsed.ok) {
          problemCount += parsed.problems.length;
          problems.push(...parsed.problems.slice(0, KEPT_PROBLEMS - problems.length));
        }
        await spool.write(record['organization_id'] ?? null, parsed);
      }
    }
    await spool.close();
  } catch (error) {
    await spool.discard();
    throw error;
  }
  return { status: 'read', rows, file, exportedAt, problems, problemCount };
}

function sorted(records: readonly TextRecord[]): readonly TextRecord[] {
  const keys = new Map(records.map((record) => [record, organizationKey(record['organization_id'] ?? '')]));
  return [...records].sort((a, b) => compareKeys(keys.get(a) ?? '', keys.get(b) ?? ''));
}

async function countOrganizations(
  transaction: ReadOnlyTransaction,
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  organizations: InstallDataset | undefined,
): Promise<number | null> {
  const source = mapping.install.organizations;
  if (organizations?.status !== 'read' || source.kind !== 'sql') return null;
  try {
    const statement = datasetStatement('organizations', source.sql, source.tables, { select: 'count(*) AS counted' });
    const answer = await transaction.attempt(() => transaction.read(statement));
    return is.count.schema.parse(answer.rows[0]?.[0]);
  } catch (error) {
    if (!(error instanceof SourceError) || !connection.isOpen()) throw error;
    return null;
  }
}
