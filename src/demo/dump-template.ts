import type { Instant } from '../model/instant.ts';
import { type Row, SCHEMA, type TableRows, type Value } from './table-rows.ts';

/** What a stand-in for a plain dump says. */
export interface PlainDump {
  readonly database: string;
  /** As `server_version` shows it. */
  readonly serverVersion: string;
  readonly startedAt: Instant;
  /** Definitions of the tables, as SQL statements. */
  readonly definitions: string;
  readonly rows: TableRows;
}

/** Forbids psql commands in between; pg_dump draws another one each time. */
const RESTRICT_KEY = 'StandInMadeByRecoverageDemo';

const SETTINGS = `SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET client_min_messages = warning;
SET row_security = off;
`;

/**
 * A plain dump in the form of `pg_dump --create --verbose`, which names its database and tells its start with the zone.
 * It restores with psql like one, and says that it is a stand-in: nothing in it was read from a server. Form: plain
 * dumps of pg_dump 15 to 18, and psql's `\restrict` (PostgreSQL documentation, psql).
 */
export function plainDump({ database, serverVersion, startedAt, definitions, rows }: PlainDump): string {
  return `--
-- PostgreSQL database dump
--

\\restrict ${RESTRICT_KEY}

-- Stand-in for a dump, made by recoverage demo: no pg_dump wrote it

-- Dumped from database version ${serverVersion}

-- Started on ${startedAt.slice(0, 10)} ${startedAt.slice(11, 19)} UTC

${SETTINGS}
CREATE DATABASE ${database} WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C';


\\unrestrict ${RESTRICT_KEY}
\\connect ${database}
\\restrict ${RESTRICT_KEY}

${SETTINGS}
${definitions.trim()}

${Object.entries(rows)
  .map(([table, content]) => copied(table, content))
  .join('\n')}
--
-- PostgreSQL database dump complete
--

\\unrestrict ${RESTRICT_KEY}

`;
}

/** `COPY … FROM stdin` with its rows. Format: PostgreSQL documentation, COPY, "Text Format". */
function copied(table: string, rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`;
  const lines = rows.map((row) => `${columns.map((column) => copyText(row[column] ?? null)).join('\t')}\n`);
  return `--
-- Data for Name: ${table}; Type: TABLE DATA; Schema: ${SCHEMA}; Owner: postgres
--

COPY ${SCHEMA}.${table}${list} FROM stdin;
${lines.join('')}\\.

`;
}

function copyText(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  const text = typeof value === 'object' ? `{${value.map((item) => `"${item}"`).join(',')}}` : String(value);
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
