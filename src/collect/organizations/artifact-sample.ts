import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import {
  catalogueStatement,
  datasetStatement,
  instantLiteral,
  type ReadOnlyStatement,
  textLiteral,
} from '../postgres/statement.ts';
import { overTableSample } from '../postgres/table-sample.ts';
import type { RowProblem } from './dataset-contract.ts';
import { type ArtifactRow, TENANT_DATASETS } from './dataset-contracts.ts';
import { parseRows, rowRecords } from './dataset-rows.ts';
import type { DatasetMapping } from './dataset-source.ts';

/** What is to be drawn. */
export interface SampleQuestion {
  readonly rows: number;
  /** Same seed, same rows, as long as the table is the same. */
  readonly seed: number;
  /** Rows created after this are not drawn. */
  readonly before: Instant;
}

/** Artifact rows that were drawn. */
export interface ArtifactSample {
  readonly question: SampleQuestion;
  /** As a report prints it. */
  readonly method: string;
  readonly rows: readonly ArtifactRow[];
  readonly problems: readonly RowProblem[];
  /** How many rows there are about, by the server's own statistics, where counting them took too long; else null. */
  readonly estimate: number | null;
}

/** Up to this many rows all of them are drawn from; of larger tables, about as many lie in the blocks that are read. */
const WHOLE = 100_000;

interface Draw {
  readonly statement: ReadOnlyStatement;
  readonly method: string;
}

/**
 * Ways to draw, the first of which the server may refuse: blocks can be drawn of tables only. Rows are taken in the order
 * of a hash over their keys and the seed, of which the server keeps no more than are wanted; no table is ever sorted.
 *
 * @param total how many rows there are
 * @throws nothing; an empty list where the dataset is not in the database
 */
export function sampleDraws(mapping: DatasetMapping, question: SampleQuestion, total: number): readonly Draw[] {
  const source = mapping.tenant.artifacts;
  if (source.kind === 'absent') return [];
  const { seed, rows, before } = question;
  const shape = {
    where: `dataset.created_at <= ${instantLiteral(before)}`,
    orderBy: `hashtextextended(dataset.object_key::text COLLATE "C", ${Math.trunc(seed)}), dataset.object_key`,
    limit: rows,
  };
  const whole: Draw = {
    statement: datasetStatement('artifacts, drawn', source.sql, source.tables, shape),
    method: 'drawn from all rows by a hash',
  };
  if (total <= WHOLE) return [whole];
  const percent = (100 * WHOLE) / total;
  const sql = overTableSample(source.sql, percent, seed);
  if (sql === null) return [whole];
  const blocks: Draw = {
    statement: datasetStatement('artifacts, drawn', sql, source.tables, shape),
    method: `drawn by a hash from ${percent.toPrecision(2)} % of the table's blocks`,
  };
  return [blocks, whole];
}

/** @throws SourceError where no way gave an answer: unauthorized, timeout, malformed */
export async function drawArtifacts(
  connection: ReadOnlyConnection,
  draws: readonly Draw[],
  question: SampleQuestion,
  schema: string | null,
  estimate: number | null = null,
): Promise<ArtifactSample> {
  let failure = new SourceError('not-asked', 'no artifact rows were drawn', 'Give dataset artifacts a statement.');
  for (const { statement, method } of draws) {
    const [answer] = await readEach(connection, [statement], { schema });
    if (answer === undefined) throw new TypeError('one statement has one answer');
    if (answer.ok) {
      return { question, method, estimate, ...parseRows(TENANT_DATASETS.artifacts, answer.rows, connection.locator) };
    }
    failure = answer.error;
    // Time that ran out over some blocks will not do for all of them.
    if (failure.reason === 'timeout' || !connection.isOpen()) break;
  }
  throw failure;
}

/**
 * Which of some keys the database still lists: a file may have been deleted with its row since that was drawn. A key that
 * no statement of ours can hold counts as listed. @throws SourceError
 */
export async function stillListed(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  keys: readonly string[],
  schema: string | null,
): Promise<ReadonlySet<string>> {
  const rows = await rowsOfKeys(connection, mapping, keys, schema);
  if (rows === null) return new Set(keys);
  return new Set([...rows.map(({ objectKey }) => objectKey), ...keys.filter((key) => !isAskable(key))]);
}

/** The rows of some keys as they are now; null where none of them can be asked for. @throws SourceError */
export async function rowsOfKeys(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  keys: readonly string[],
  schema: string | null,
): Promise<readonly ArtifactRow[] | null> {
  const source = mapping.tenant.artifacts;
  const askable = keys.filter(isAskable);
  if (source.kind === 'absent' || askable.length === 0) return null;
  const statement = datasetStatement('artifacts, asked again', source.sql, source.tables, {
    where: `dataset.object_key IN (${askable.map(textLiteral).join(', ')})`,
  });
  const [answer] = await readEach(connection, [statement], { schema });
  if (answer === undefined) throw new TypeError('one statement has one answer');
  if (!answer.ok) throw answer.error;
  return parseRows(TENANT_DATASETS.artifacts, answer.rows, connection.locator).rows;
}

function isAskable(key: string): boolean {
  return !/\p{Cc}/u.test(key);
}

/**
 * About how many rows the table of the dataset has, by the server's statistics: for a table whose rows take too long to
 * count. Null where the mapping names no single table, or the server has no statistics of it.
 */
export async function estimatedRows(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  schema: string | null,
): Promise<number | null> {
  const source = mapping.tenant.artifacts;
  const [table, other] = source.kind === 'absent' ? [] : source.tables;
  if (table === undefined || other !== undefined) return null;
  const name = table.replace(/ ?\(.*\)$/, '');
  const alone = /(?:\.)([^."]+|"(?:[^"]|"")+")$/.exec(name)?.[1] ?? name;
  // The schema that the mapping names is that of one tenant; each is looked up in its own.
  const found = `coalesce(to_regclass(${textLiteral(alone)}), to_regclass(${textLiteral(name)}))`;
  const statement = catalogueStatement(
    'artifacts, estimated',
    `SELECT sum(greatest(c.reltuples, 0))::bigint AS rows FROM pg_catalog.pg_class AS c
     WHERE c.relkind <> 'p' AND (c.oid = ${found} OR c.oid IN (SELECT relid FROM pg_partition_tree(${found})))`,
  );
  const [answer] = await readEach(connection, [statement], { schema });
  const rows = answer?.ok === true ? Number(rowRecords(answer.rows)[0]?.['rows'] ?? 0) : 0;
  return Number.isSafeInteger(rows) && rows > 0 ? rows : null;
}

/** Hands on the keys of all artifact rows, a page at a time, in no order. @throws SourceError */
export async function readArtifactKeys(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  schema: string | null,
  add: (keys: readonly string[]) => Promise<void>,
): Promise<void> {
  const source = mapping.tenant.artifacts;
  if (source.kind === 'absent') return;
  const select = 'dataset.object_key::text AS object_key';
  const statement = datasetStatement('artifacts, listed', source.sql, source.tables, { select });
  await connection.transaction(
    async (transaction) => {
      for await (const { rows } of transaction.pages(statement, KEYS_A_PAGE)) {
        await add(rows.flatMap(([key]) => (key === null || key === undefined ? [] : [key])));
      }
    },
    { schema },
  );
}

const KEYS_A_PAGE = 5000;
