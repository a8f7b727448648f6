import { DatabaseError } from 'pg';
import type { BlindReason } from '../../model/source-error.ts';
import { SourceError } from '../../model/source-error.ts';
import { type Diagnosis, diagnoseObject, type FailedStatement } from './postgres-object-errors.ts';
import { locatorOf, type PostgresSettings } from './postgres-settings.ts';
import { quoteIdentifier } from './statement.ts';

/** The server knows no such table, or the role may not look into the schema that holds it. */
export class MissingTableError extends SourceError {
  /** Where it was asked: server, database and dataset. */
  readonly where: string;
  /** As the statement names it. */
  readonly table: string;
  /** Tables that the mapping says the statement reads, `schema.table`. */
  readonly tables: readonly string[];

  constructor({ reason, what, remedy }: Diagnosis, where: string, table: string, tables: readonly string[]) {
    super(reason, `${where}: ${what}`, remedy);
    this.where = where;
    this.table = table;
    this.tables = tables;
  }
}

function text(error: unknown, field: string): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}

/**
 * Turns what `pg`, Node.js or the server reported into the one error of sources. Codes: PostgreSQL documentation,
 * appendix "PostgreSQL Error Codes". Server messages can quote row data, so only object names are taken from them.
 */
export function toSourceError(error: unknown, settings: PostgresSettings, failed?: FailedStatement): SourceError {
  if (error instanceof SourceError) return error;
  const code = text(error, 'code');
  const found: Diagnosis =
    error instanceof DatabaseError
      ? (diagnoseObject(code, text(error, 'message'), settings, failed) ?? diagnoseServer(code, settings, failed))
      : diagnoseClient(code, text(error, 'message'), settings);
  const where = failed === undefined ? locatorOf(settings) : `${locatorOf(settings)}, ${failed.id}`;
  if (found.missingTable !== undefined)
    return new MissingTableError(found, where, found.missingTable, failed?.tables ?? []);
  // No cause is attached: a server error carries details that can quote rows.
  return new SourceError(found.reason, `${where}: ${found.what}`, found.remedy);
}

interface ServerAnswer extends Diagnosis {
  /** An SQLSTATE, or its beginning. */
  readonly code: string;
}

function answer(code: string, reason: BlindReason, what: string, remedy: string): ServerAnswer {
  return { code, reason, what, remedy };
}

const SESSION_REFUSED = 'the server or a pooler refused the session parameters';
const CONNECT_DIRECTLY = 'Connect to PostgreSQL directly, not through a connection pooler.';

/** The first entry whose code begins the SQLSTATE applies. */
const SERVER_ANSWERS: readonly ServerAnswer[] = [
  answer(
    '28',
    'unauthorized',
    'the server refused the sign-in',
    'Check user, password and the matching pg_hba.conf line.',
  ),
  answer('3D000', 'unreachable', 'the database does not exist', 'Check the database name, and whether it was dropped.'),
  answer(
    '57014',
    'timeout',
    'the statement took longer than its limit',
    'Raise the statement timeout, or add an index.',
  ),
  answer('55P03', 'timeout', 'a lock was not granted in time', 'Scan when no schema change is in progress.'),
  answer('57P05', 'timeout', 'the server ended an idle session', 'Raise idle_session_timeout for this role.'),
  answer('25P03', 'timeout', 'the server ended an idle transaction', 'Find out what held up the scan, then repeat it.'),
  answer('25P04', 'timeout', 'the transaction took longer than its limit', 'Raise transaction_timeout for this role.'),
  answer(
    '53300',
    'unreachable',
    'the server has no connection left',
    'Lower the concurrency, or raise max_connections.',
  ),
  answer(
    '57P03',
    'unreachable',
    'the server is starting up or shutting down',
    'Try again when it accepts connections.',
  ),
  answer('57P', 'unreachable', 'the server ended the session', 'Find out why it was stopped, then scan again.'),
  answer('08P01', 'unreachable', SESSION_REFUSED, CONNECT_DIRECTLY),
  answer('22023', 'unreachable', SESSION_REFUSED, CONNECT_DIRECTLY),
  answer('42501', 'unauthorized', 'permission denied', 'Grant the role what the permissions command prints.'),
];

/** Classes of failures of the server itself: connection, resources, operator intervention, system, internal. */
const SERVER_FAILURE = /^(?:08|53|57|58|XX)/;

function diagnoseServer(code: string, settings: PostgresSettings, failed: FailedStatement | undefined): Diagnosis {
  const known = SERVER_ANSWERS.find((entry) => code.startsWith(entry.code));
  if (code === '55000' && failed === undefined) return noConnections(settings);
  if (known !== undefined) return { ...known, what: `${known.what} (role ${settings.user}, SQLSTATE ${code})` };
  if (SERVER_FAILURE.test(code)) {
    return {
      reason: 'unreachable',
      what: `the server failed (SQLSTATE ${code})`,
      remedy: "Look into the server's log.",
    };
  }
  const subject = failed === undefined ? 'the statement' : `the mapping of dataset ${failed.id}`;
  return {
    reason: 'malformed',
    what: `the statement failed (SQLSTATE ${code})`,
    remedy: `Run ${subject} by hand and correct it.`,
  };
}

/** What a server answers at the sign-in to a database with datallowconn = false (CheckMyDatabase in PostgreSQL's postinit.c). */
function noConnections({ database }: PostgresSettings): Diagnosis {
  const remedy = `Run: ALTER DATABASE ${quoteIdentifier(database)} ALLOW_CONNECTIONS true; or record the organization as deleted where it is.`;
  return { reason: 'unreachable', what: 'the database accepts no connections (SQLSTATE 55000)', remedy };
}

function diagnoseClient(code: string, message: string, settings: PostgresSettings): Diagnosis {
  if (/does not support SSL/.test(message)) {
    return {
      reason: 'unreachable',
      what: 'the server does not offer TLS',
      remedy: 'Turn ssl on at the server, or set tls: disable where the network itself is trusted.',
    };
  }
  if (/establishing an SSL|ERR_TLS|ERR_SSL|CERT|SELF_SIGNED|UNABLE_TO_|ISSUER|EPROTO/.test(`${code} ${message}`)) {
    const remedy = `Set caFile to the authority of the server's certificate, and host to a name in it; now it is ${settings.host}.`;
    return {
      reason: 'unreachable',
      what: `the TLS handshake failed (${code === '' ? 'no TLS answer' : code})`,
      remedy,
    };
  }
  if (/timeout expired/.test(message) || code === 'ETIMEDOUT') {
    const reason: BlindReason = code === 'ETIMEDOUT' ? 'unreachable' : 'timeout';
    return {
      reason,
      what: 'no session was established in time',
      remedy: 'Check host, port and firewall, and that PostgreSQL answers there.',
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      reason: 'unreachable',
      what: 'the host name could not be resolved',
      remedy: 'Correct the host, or the name service of this machine.',
    };
  }
  if (/password must be|SASL|SCRAM/.test(message)) {
    return {
      reason: 'unauthorized',
      what: `the password sign-in of role ${settings.user} failed`,
      remedy: 'State the password of this role, by reference, in the configuration.',
    };
  }
  const suffix = code === '' ? '' : ` (${code})`;
  if (code === 'ECONNREFUSED') {
    return {
      reason: 'unreachable',
      what: 'nothing listens there (ECONNREFUSED)',
      remedy: 'Check host and port, and whether PostgreSQL runs.',
    };
  }
  return {
    reason: 'unreachable',
    what: `the connection failed or was lost${suffix}`,
    remedy: "Check host, port and network, and the server's log.",
  };
}
