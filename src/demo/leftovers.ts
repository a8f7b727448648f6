import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DAY, type Instant, toMillis } from '../model/instant.ts';
import { plainDump } from './dump-template.ts';
import { NAMES } from './organizations.ts';
import type { ReferenceSchema } from './reference-schema.ts';
import { SCHEMA } from './table-rows.ts';
import type { Timeline } from './timeline.ts';

/** Planted: a database of an organization that was deleted long ago, of which a dump was left behind. */
export const LEFT_BEHIND = 'tenant_alder';

/** Writes what lies beside the nightly dumps: roles and settings of the server, and a dump that nobody deleted. */
export async function writeLeftovers(
  directory: string,
  timeline: Timeline,
  source: { readonly schema: ReferenceSchema; readonly serverVersion: string },
): Promise<void> {
  const deleted = timeline.ago(70 * DAY);
  const dump = plainDump({
    database: LEFT_BEHIND,
    serverVersion: source.serverVersion,
    startedAt: deleted,
    definitions: source.schema.tenant,
    rows: {},
  });
  await write(join(directory, LEFT_BEHIND, `${deleted.slice(0, 10)}.sql.gz`), gzipSync(dump), deleted);
  await write(join(directory, 'globals.sql'), Buffer.from(globals()), timeline.night(0));
}

/** In the form of `pg_dumpall --globals-only` of PostgreSQL 18; the roles that the demo has, without passwords. */
function globals(): string {
  return `--
-- PostgreSQL database cluster dump
--

-- Stand-in for a dump of roles and settings, made by recoverage demo: no pg_dumpall wrote it

SET default_transaction_read_only = off;

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

--
-- Roles
--

CREATE ROLE ${SCHEMA};
ALTER ROLE ${SCHEMA} WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE ${NAMES.auditor};
ALTER ROLE ${NAMES.auditor} WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;

--
-- PostgreSQL database cluster dump complete
--

`;
}

async function write(file: string, bytes: Uint8Array, at: Instant): Promise<void> {
  const time = new Date(toMillis(at));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  await utimes(file, time, time);
}
