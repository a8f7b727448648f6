import type { Instant } from '../model/instant.ts';
import { type JsonObject, type Row, SCHEMA, type TableRows, type Value } from './table-rows.ts';

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
  const { tables, constraints } = sections(definitions);
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
${tables}

${Object.entries(rows)
  .map(([table, content]) => copied(table, content))
  .join('\n')}
${constraints}
--
-- PostgreSQL database dump complete
--

\\unrestrict ${RESTRICT_KEY}

`;
}

/** pg_dump defines primary keys after the rows, so that loading them is fast. */
function sections(definitions: string): { readonly tables: string; readonly constraints: string } {
  const constraints: string[] = [];
  const tables = definitions
    .split(/^(?=CREATE TABLE )/m)
    .map((statement) => {
      const table = /^CREATE TABLE \w+\.(\w+)/.exec(statement)?.[1];
      const column = /^ {2}(\w+) \w+ PRIMARY KEY/m.exec(statement)?.[1];
      if (table === undefined || column === undefined) return statement;
      constraints.push(`--
-- Name: ${table} ${table}_pkey; Type: CONSTRAINT; Schema: ${SCHEMA}; Owner: postgres
--

ALTER TABLE ONLY ${SCHEMA}.${table}
    ADD CONSTRAINT ${table}_pkey PRIMARY KEY (${column});
`);
      return statement.replace(' PRIMARY KEY', ' NOT NULL');
    })
    .join('');
  return { tables: tables.trim(), constraints: constraints.join('\n\n') };
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

function plainText(value: Exclude<Value, null | boolean>): string {
  if (typeof value !== 'object') return String(value);
  return isList(value) ? `{${value.map((item) => `"${item}"`).join(',')}}` : JSON.stringify(value);
}

function isList(value: readonly string[] | JsonObject): value is readonly string[] {
  return Array.isArray(value);
}

function copyText(value: Value): string {
  if (value === null) return '\\N';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return plainText(value)
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
