import { type Instant, toInstant, toMillis } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { RowSet } from '../postgres/read-only-transaction.ts';
import { datasetStatement, instantLiteral, type ReadOnlyStatement } from '../postgres/statement.ts';
import { acceptsType, typeHint, typeName } from './column-types.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';
import type { DatasetMapping } from './dataset-source.ts';

/** How many artifact rows there are, and how many were created after each instant that was asked for. */
export interface ArtifactCounts {
  readonly total: number;
  readonly newestCreatedAt: Instant | null;
  readonly after: readonly { readonly after: Instant; readonly count: number }[];
}

/** Artifact rows are counted by the server and never fetched. `newest` also tells the type of the column. */
export function artifactCountStatement(
  mapping: DatasetMapping,
  instants: readonly Instant[],
): ReadOnlyStatement | null {
  const source = mapping.tenant.artifacts;
  if (source.kind === 'absent') return null;
  const after = instants.map(
    (instant, index) => `, count(*) FILTER (WHERE dataset.created_at > ${instantLiteral(instant)}) AS after_${index}`,
  );
  const select = `count(*) AS total, max(dataset.created_at) AS newest${after.join('')}`;
  return datasetStatement('artifacts', source.sql, source.tables, { select });
}

/** @throws SourceError *malformed* when created_at is not a point in time */
export function readArtifactCounts(set: RowSet, instants: readonly Instant[], locator: string): ArtifactCounts {
  const type = set.columns.find(({ name }) => name === 'newest')?.typeOid ?? 0;
  if (!acceptsType('instant', type)) {
    const message = `${locator}, artifacts: column created_at has type ${typeName(type)}`;
    const remedy = `Correct the mapping of dataset artifacts: created_at: ${typeHint('instant', type)}.`;
    throw new SourceError('malformed', message, remedy);
  }
  const { total, newest, ...after } = rowRecords(set)[0] ?? {};
  return {
    total: is.count.schema.parse(total),
    newestCreatedAt: is.instant.schema.nullable().parse(newest),
    after: instants.map((instant, index) => ({
      after: toInstant(toMillis(instant)),
      count: is.count.schema.parse(after[`after_${index}`]),
    })),
  };
}
