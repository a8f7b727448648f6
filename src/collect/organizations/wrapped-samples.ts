import { SourceError } from '../../model/source-error.ts';
import { type Answer, readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { datasetStatement } from '../postgres/statement.ts';
import { WRAPPED_SAMPLES, type WrappedSampleRow } from './dataset-contracts.ts';
import { parseRows } from './dataset-rows.ts';
import type { DatasetMapping } from './dataset-source.ts';
import type { TenantDataset } from './tenant-database.ts';

/** More samples than key versions are a mapping mistake. */
const MAX_SAMPLES = 10_000;

/** Wrapped samples of one database, with whether its statement has the column for their context. */
export interface SampleReading {
  readonly samples: TenantDataset<WrappedSampleRow>;
  readonly hasContext: boolean;
}

/** Reads the wrapped samples of one database; asked only where unwrapping is to be proven. */
export async function readWrappedSamples(
  connection: ReadOnlyConnection,
  source: DatasetMapping['samples']['tenant'],
  schema: string | null,
): Promise<SampleReading> {
  if (source.kind === 'absent') return { samples: { status: 'absent' }, hasContext: false };
  const { name } = WRAPPED_SAMPLES;
  const statement = datasetStatement(name, source.sql, source.tables, { limit: MAX_SAMPLES + 1 });
  const blind = (error: SourceError): SampleReading => ({ samples: { status: 'blind', error }, hasContext: false });
  let answer: Answer | undefined;
  try {
    [answer] = await readEach(connection, [statement], { schema });
  } catch (error) {
    if (error instanceof SourceError) return blind(error);
    throw error;
  }
  if (answer === undefined) throw new TypeError('one statement has one answer');
  if (!answer.ok) return blind(answer.error);
  const hasContext = answer.rows.columns.some((column) => column.name === 'context');
  if (answer.rows.rows.length > MAX_SAMPLES) {
    const message = `${connection.locator}, ${name}: more than ${MAX_SAMPLES} rows`;
    return blind(
      new SourceError('unsupported', message, 'Let samples of the mapping give one row for each key version.'),
    );
  }
  try {
    return { samples: { status: 'read', ...parseRows(WRAPPED_SAMPLES, answer.rows, connection.locator) }, hasContext };
  } catch (error) {
    if (error instanceof SourceError) return blind(error);
    throw error;
  }
}
