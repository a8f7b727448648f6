import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { datasetStatement, instantLiteral, type ReadOnlyStatement, textLiteral } from '../postgres/statement.ts';
import { overTableSample } from '../postgres/table-sample.ts';
import type { RowProblem } from './dataset-contract.ts';
import { type ArtifactRow, TENANT_DATASETS } from './dataset-contracts.ts';
import { parseRows } from './dataset-rows.ts';
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
): Promise<ArtifactSample> {
  let failure = new SourceError('not-asked', 'no artifact rows were drawn', 'Give dataset artifacts a statement.');
  for (const { statement, method } of draws) {
    const [answer] = await readEach(connection, [statement], { schema });
    if (answer === undefined) throw new TypeError('one statement has one answer');
    if (answer.ok) {
      return { question, method, ...parseRows(TENANT_DATASETS.artifacts, answer.rows, connection.locator) };
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
  const source = mapping.tenant.artifacts;
  const askable = keys.filter((key) => !/\p{Cc}/u.test(key));
  const others = keys.filter((key) => !askable.includes(key));
  if (source.kind === 'absent' || askable.length === 0) return new Set(keys);
  const statement = datasetStatement('artifacts, asked again', source.sql, source.tables, {
    where: `dataset.object_key IN (${askable.map(textLiteral).join(', ')})`,
  });
  const [answer] = await readEach(connection, [statement], { schema });
  if (answer === undefined) throw new TypeError('one statement has one answer');
  if (!answer.ok) throw answer.error;
  const { rows } = parseRows(TENANT_DATASETS.artifacts, answer.rows, connection.locator);
  return new Set([...rows.map(({ objectKey }) => objectKey), ...others]);
}
