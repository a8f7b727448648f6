import type { Secret } from '../../model/secret.ts';

/** How to reach one database. Times are milliseconds. */
export interface PostgresSettings {
  /** Host name, address, or the absolute path of a socket directory (which is never encrypted). */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: Secret | undefined;
  /** Default `verify-full`: encrypted, certificate chain and host name verified. `disable` sends everything in clear. */
  readonly tls?: 'verify-full' | 'disable' | undefined;
  /** PEM file of the certificate authorities to trust instead of the built-in ones. */
  readonly caFile?: string | undefined;
  /** From the first packet to a usable session. Default 10 s. */
  readonly connectTimeoutMillis?: number | undefined;
  /** For each statement; the client gives up 5 s later by itself. Default 60 s. */
  readonly statementTimeoutMillis?: number | undefined;
  /** For each lock that a statement waits for. Default 5 s. */
  readonly lockTimeoutMillis?: number | undefined;
}

export const DEFAULT_CONNECT_TIMEOUT_MILLIS = 10_000;
export const DEFAULT_STATEMENT_TIMEOUT_MILLIS = 60_000;
export const DEFAULT_LOCK_TIMEOUT_MILLIS = 5_000;
/** The server ends a session that leaves a transaction idle this long, so that a hung auditor holds nothing back. */
export const IDLE_IN_TRANSACTION_TIMEOUT_MILLIS = 120_000;

/** Where a connection goes, safe to print: `host:port/database`. */
export function locatorOf(settings: PostgresSettings): string {
  return `${settings.host}:${settings.port}/${settings.database}`;
}

/**
 * Session parameters for the `options` of the startup packet (PostgreSQL documentation, "Client Connection Defaults").
 * Beside the limits they fix how values are written (UTC, ISO 8601), and two that correctness rests on:
 * `row_security = off` makes a query fail that row-level security would silently shorten, and
 * `standard_conforming_strings = on` keeps the server's reading of strings the one that mapping statements were checked by.
 */
export function sessionOptions(settings: PostgresSettings): string {
  const parameters = {
    default_transaction_read_only: 'on',
    statement_timeout: String(settings.statementTimeoutMillis ?? DEFAULT_STATEMENT_TIMEOUT_MILLIS),
    lock_timeout: String(settings.lockTimeoutMillis ?? DEFAULT_LOCK_TIMEOUT_MILLIS),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_TIMEOUT_MILLIS),
    row_security: 'off',
    standard_conforming_strings: 'on',
    client_encoding: 'UTF8',
    TimeZone: 'UTC',
    DateStyle: 'ISO,YMD',
    IntervalStyle: 'iso_8601',
    bytea_output: 'hex',
    extra_float_digits: '1',
  };
  return Object.entries(parameters)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}
