import { SourceError } from '../../model/source-error.ts';
import { explainMissingTable } from './closed-schemas.ts';
import type { ReadOnlyConnection } from './read-only-connection.ts';
import type { LookupOptions, RowSet } from './read-only-transaction.ts';
import type { ReadOnlyStatement } from './statement.ts';

/** The answer to one statement. The times are this machine's clock around the round trip, in milliseconds since 1970. */
export type Answer =
  | { readonly ok: true; readonly rows: RowSet; readonly askedAt: number; readonly answeredAt: number }
  | { readonly ok: false; readonly error: SourceError };

/**
 * Asks every statement as of one moment: in one round trip where all of them succeed, else one by one, so that one that
 * fails takes no other with it.
 * @throws SourceError when the session itself has ended
 */
export async function readEach(
  connection: ReadOnlyConnection,
  statements: readonly ReadOnlyStatement[],
  options?: LookupOptions,
): Promise<readonly Answer[]> {
  const askedAt = Date.now();
  try {
    const answers = await connection.readTogether(statements, options);
    const answeredAt = Date.now();
    return answers.map((rows) => ({ ok: true, rows, askedAt, answeredAt }));
  } catch (error) {
    if (!connection.isOpen()) throw error;
    return readOneByOne(connection, statements, options);
  }
}

function readOneByOne(
  connection: ReadOnlyConnection,
  statements: readonly ReadOnlyStatement[],
  options?: LookupOptions,
): Promise<readonly Answer[]> {
  return connection.transaction(async (transaction) => {
    const answers: Answer[] = [];
    for (const statement of statements) {
      const askedAt = Date.now();
      try {
        const rows = await transaction.attempt(() => transaction.read(statement));
        answers.push({ ok: true, rows, askedAt, answeredAt: Date.now() });
      } catch (error) {
        if (!connection.isOpen() || !(error instanceof SourceError)) throw error;
        const explained = await explainMissingTable(transaction, connection.settings, error, options?.schema ?? null);
        answers.push({ ok: false, error: explained });
      }
    }
    return answers;
  }, options);
}
