import { type Instant, toInstant, toMillis } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { RowSet } from '../postgres/read-only-transaction.ts';
import { datasetStatement, instantLiteral, type ReadOnlyStatement, textLiteral } from '../postgres/statement.ts';
import { acceptsType, typeHint, typeName } from './column-types.ts';
import * as is from './column-values.ts';
import { rowRecords } from './dataset-rows.ts';
import type { DatasetMapping } from './dataset-source.ts';

/** How many artifact rows there are, and how many were created after each instant that was asked for. */
export interface ArtifactCounts {
  readonly total: number;
  readonly newestCreatedAt: Instant | null;
  readonly after: readonly { readonly after: Instant; readonly count: number }[];
  /** How many name a file below a prefix of the store. */
  readonly below: readonly { readonly prefix: string; readonly count: number }[];
}

/** A prefix of keys in a bucket. */
export interface CountedPrefix {
  readonly prefix: string;
  /** What rows of files below it may begin with: rows may name keys in full, or from the store's own prefix on. */
  readonly beginnings: readonly string[];
}

/** More rules than this in one bucket are not counted for. */
const MOST_PREFIXES = 50;

/** Artifact rows are counted by the server and never fetched. `newest` also tells the type of the column. */
export function artifactCountStatement(
  mapping: DatasetMapping,
  instants: readonly Instant[],
  prefixes: readonly CountedPrefix[] = [],
): ReadOnlyStatement | null {
  const source = mapping.tenant.artifacts;
  if (source.kind === 'absent') return null;
  const after = instants.map(
    (instant, index) => `, count(*) FILTER (WHERE dataset.created_at > ${instantLiteral(instant)}) AS after_${index}`,
  );
  const below = countable(prefixes).map(({ beginnings }, index) => {
    const begins = beginnings.map((text) => `starts_with(dataset.object_key::text, ${textLiteral(text)})`);
    return `, count(*) FILTER (WHERE ${begins.join(' OR ')}) AS below_${index}`;
  });
  const select = `count(*) AS total, max(dataset.created_at) AS newest${after.join('')}${below.join('')}`;
  return datasetStatement('artifacts', source.sql, source.tables, { select });
}

/** Those that a statement can name: without control characters, which no statement of ours holds. */
function countable(prefixes: readonly CountedPrefix[]): readonly CountedPrefix[] {
  return prefixes.filter(({ prefix }) => !/\p{Cc}/u.test(prefix)).slice(0, MOST_PREFIXES);
}

/** @throws SourceError *malformed* when created_at is not a point in time */
export function readArtifactCounts(
  set: RowSet,
  instants: readonly Instant[],
  locator: string,
  prefixes: readonly CountedPrefix[] = [],
): ArtifactCounts {
  const type = set.columns.find(({ name }) => name === 'newest')?.typeOid ?? 0;
  if (!acceptsType('instant', type)) {
    const message = `${locator}, artifacts: column created_at has type ${typeName(type)}`;
    const remedy = `Correct the mapping of dataset artifacts: created_at: ${typeHint('instant', type)}.`;
    throw new SourceError('malformed', message, remedy);
  }
  const { total, newest, ...counts } = rowRecords(set)[0] ?? {};
  return {
    total: is.count.schema.parse(total),
    newestCreatedAt: is.instant.schema.nullable().parse(newest),
    after: instants.map((instant, index) => ({
      after: toInstant(toMillis(instant)),
      count: is.count.schema.parse(counts[`after_${index}`]),
    })),
    below: countable(prefixes).map(({ prefix }, index) => ({
      prefix,
      count: is.count.schema.parse(counts[`below_${index}`]),
    })),
  };
}
