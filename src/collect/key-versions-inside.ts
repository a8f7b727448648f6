import type { Facts } from '../model/facts.ts';
import { MINUTE } from '../model/instant.ts';
import type { DumpArtifact } from './backups/artifact-index.ts';
import { type KeyVersionsInside, type RowsInside, unread } from './backups/rows-inside.ts';
import { bytesForTable, readTableIn } from './backups/table-in-artifact.ts';
import { createBudget } from './backups/verification/verification-budget.ts';
import { createLimiter } from './concurrency.ts';
import type { Collection } from './estate.ts';
import { type CopiedRow, type TableQuestion, tableText } from './formats/pg-dump/table-question.ts';
import { TENANT_DATASETS } from './organizations/dataset-contracts.ts';
import type { TableInCopies } from './organizations/dataset-source.ts';
import { keyVersionFact } from './organizations/row-facts.ts';

const GIBIBYTE = 1024 ** 3;
const LONGEST_TIMER = 2 ** 31 - 1;
/** Copies that are read at the same time at most: what limits is the processor, as data are decompressed. */
const MOST_AT_ONCE = 8;

const UNMAPPED = 'the mapping does not say which table holds key versions (copies.key_versions)';
const LEFT = 'the budget of this run (collect.keyVersionsInCopies) was used up before it was read';

/** Reads the key-version rows in dumps; null where that is not asked for. One for each run, as it has one budget. */
export function keyVersionsInside({
  config,
  mapping,
  asker,
  signal,
}: Pick<Collection, 'mapping' | 'asker' | 'signal'> & {
  readonly config: Pick<Collection['config'], 'collect'>;
}): RowsInside | null {
  const { keyVersionsInCopies: settings, concurrency } = config.collect;
  if (!settings.read) return null;
  const table = mapping.keyVersionsInCopies;
  const limit = createLimiter(Math.min(concurrency, MOST_AT_ONCE));
  const budget = createBudget({ bytes: settings.gibibytes * GIBIBYTE, millis: null }, () => performance.now());
  // Time ends a reading that has begun, too: a few bytes can hold any amount. It runs from the first one on.
  let deadline: AbortSignal | null = null;
  const stop = (): AbortSignal => {
    deadline ??= AbortSignal.timeout(Math.min(Math.ceil(settings.minutes * MINUTE), LONGEST_TIMER));
    return AbortSignal.any([signal, deadline]);
  };

  const read = async (artifact: DumpArtifact, question: KeyVersionQuestion): Promise<KeyVersionsInside> => {
    const expected = bytesForTable(artifact);
    const stopping = stop();
    if (stopping.aborted || !budget.take(expected)) return unread(LEFT);
    try {
      const { rows, because, bytesRead } = await readTableIn(artifact, question, stopping);
      budget.settle(expected, bytesRead);
      if (rows === null) return unread(`${tableText(question)}: ${because}`);
      return versionsOf(rows, question);
    } catch (error) {
      signal.throwIfAborted();
      if (stopping.aborted) return unread(LEFT);
      return unread(asker.blindSpotOf(error, `location ${artifact.location.name}`).detail);
    }
  };
  return {
    keyVersions: async (artifact, schemaName) =>
      table === undefined ? unread(UNMAPPED) : limit(() => read(artifact, questionIn(table, schemaName))),
  };
}

function questionIn({ schema, table, columns }: TableInCopies, schemaName: string | null): KeyVersionQuestion {
  return {
    schema: schema ?? schemaName,
    table,
    columns: Object.values(columns),
    contractColumns: Object.keys(columns),
  };
}

interface KeyVersionQuestion extends TableQuestion {
  /** The columns of the dataset's contract, in the same order. */
  readonly contractColumns: readonly string[];
}

/** A table without a row tells nothing: a mapping that names the wrong one would have every copy need nothing. */
function versionsOf(rows: readonly CopiedRow[], question: KeyVersionQuestion): KeyVersionsInside {
  if (rows.length === 0) return unread(`${tableText(question)} in it has no row`);
  const versions: Facts['key-version'][] = [];
  for (const row of rows) {
    const values = question.contractColumns.map((column, at) => [column, row[at] ?? null] as const);
    const parsed = TENANT_DATASETS.key_versions.parse(Object.fromEntries(values));
    if (!parsed.ok) {
      const problems = parsed.problems.map(({ column, problem }) => `${column} ${problem}`);
      return unread(`${tableText(question)}: in a row of it ${problems.join(', ')}`);
    }
    versions.push(keyVersionFact(parsed.row));
  }
  return { versions, because: null };
}
