import { Socket } from 'node:net';
import { Client, DatabaseError, type QueryArrayResult } from 'pg';
import { SourceError } from '../../model/source-error.ts';
import { clientConfig } from './client-config.ts';
import { toSourceError } from './postgres-errors.ts';
import { DEFAULT_STATEMENT_TIMEOUT_MILLIS, locatorOf, type PostgresSettings } from './postgres-settings.ts';
import {
  inTransaction,
  type LookupOptions,
  type ReadOnlyTransaction,
  type RowSet,
  readTogether,
} from './read-only-transaction.ts';
import type { ReadOnlyStatement } from './statement.ts';

/** All members throw SourceError; after an abort they throw the signal's reason. One call at a time. */
export interface ReadOnlyConnection {
  /** `host:port/database`. */
  readonly locator: string;
  readonly settings: PostgresSettings;
  /** Several statements as of one moment in one round trip. If one fails, all do, and which one is not told. */
  readonly readTogether: (
    statements: readonly ReadOnlyStatement[],
    options?: LookupOptions,
  ) => Promise<readonly RowSet[]>;
  readonly transaction: <T>(
    work: (transaction: ReadOnlyTransaction) => Promise<T>,
    options?: LookupOptions,
  ) => Promise<T>;
  /** False once the session has ended, whoever ended it. */
  readonly isOpen: () => boolean;
  /** Never throws; gives the server one second to take leave. */
  readonly close: () => Promise<void>;
}

const CLIENT_GRACE_MILLIS = 5_000;
const FAREWELL_MILLIS = 1_000;

/** Every value stays the text that the server sent: the dataset contracts give it its type. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

/**
 * Opens one session that can only read: every statement passes {@link assertAdmitted}, and all run inside READ ONLY
 * transactions. What really keeps it from writing is the role, which has no right to.
 *
 * When `signal` aborts, the socket is destroyed at once and whatever is under way throws.
 * @throws SourceError when no session is established
 */
export async function openReadOnly(settings: PostgresSettings, signal: AbortSignal): Promise<ReadOnlyConnection> {
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new Client(await clientConfig(settings, socket));
  // The error that ended the session, once there is one.
  let ended: { readonly error: unknown } | null = null;
  const end = (error: unknown): void => {
    ended ??= { error };
    socket.destroy();
  };
  const onAbort = (): void => end(abortError(signal, settings));
  client.on('error', (error) => end(toSourceError(error, settings)));
  signal.addEventListener('abort', onAbort, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    if (ended === null) await Promise.race([client.end().catch(() => undefined), farewell()]);
    end(new SourceError('unreachable', `${locatorOf(settings)}: the connection is closed`, 'Open it again.'));
  };
  const failure = (error: unknown, statement?: ReadOnlyStatement): unknown => {
    if (ended === null && endsSession(error)) end(toSourceError(error, settings, statement));
    return ended === null ? toSourceError(error, settings, statement) : ended.error;
  };
  const send = async (sql: string, statement?: ReadOnlyStatement): Promise<readonly QueryArrayResult[]> => {
    if (ended !== null) throw ended.error;
    const limit = (settings.statementTimeoutMillis ?? DEFAULT_STATEMENT_TIMEOUT_MILLIS) + CLIENT_GRACE_MILLIS;
    const timer = setTimeout(() => end(silence(settings)), limit);
    try {
      // A message with several statements is answered by several results, which the types of pg do not tell.
      const answer: QueryArrayResult | QueryArrayResult[] = await client.query({
        text: sql,
        rowMode: 'array',
        types: AS_TEXT,
      });
      return Array.isArray(answer) ? answer : [answer];
    } catch (error) {
      throw failure(error, statement);
    } finally {
      clearTimeout(timer);
    }
  };
  try {
    await client.connect();
  } catch (error) {
    const reported = failure(error);
    await close();
    throw reported;
  }
  const session = { send, isUsable: () => ended === null };
  return {
    locator: locatorOf(settings),
    settings,
    readTogether: (statements, options) => readTogether(session, statements, options),
    transaction: (work, options) => inTransaction(session, work, options),
    isOpen: session.isUsable,
    close,
  };
}

/** Whether the session is over: the server said so (FATAL), or the failure is not the server's answer at all. */
function endsSession(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return error.severity === 'FATAL' || error.severity === 'PANIC' || (error.code ?? '').startsWith('57P');
}

function abortError(signal: AbortSignal, settings: PostgresSettings): unknown {
  const reason: unknown = signal.reason;
  return reason instanceof DOMException && reason.name === 'TimeoutError' ? silence(settings) : reason;
}

function silence(settings: PostgresSettings): SourceError {
  const remedy = 'Find out what keeps the server busy, or raise the statement timeout.';
  return new SourceError('timeout', `${locatorOf(settings)}: the server did not answer in time`, remedy);
}

function farewell(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, FAREWELL_MILLIS).unref();
  });
}
