import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from './availability.ts';
import type { PostgresOptions, PostgresServer } from './postgres-server.ts';
import { startPostgresServer } from './postgres-server.ts';
import { unprivilegedUser } from './run-as.ts';

/** PostgreSQL 15 as Debian 12 packages it, with its client programs. */
const BINARIES = '/usr/lib/postgresql/15/bin';

/** Absolute path of a PostgreSQL 15 program. */
export function debianPostgresTool(
  name: 'pg_dump' | 'pg_dumpall' | 'pg_restore' | 'pg_basebackup' | 'psql' | 'pg_controldata' | 'pg_verifybackup',
): string {
  return join(BINARIES, name);
}

/** Why Debian's PostgreSQL 15 cannot be had here, or null. */
export function debianPostgresUnavailable(): string | null {
  const missing = ['postgres', 'initdb', 'pg_dump'].filter((name) => !existsSync(join(BINARIES, name)));
  if (missing.length === 0) return null;
  return unavailable('postgres-debian', `${BINARIES} has no ${missing.join(', ')}: install the package postgresql-15`);
}

/** Starts a cluster of Debian's PostgreSQL 15; as user `postgres` when this process is root. */
export function startDebianPostgres(options?: PostgresOptions): Promise<PostgresServer> {
  return startPostgresServer({ binaries: BINARIES, user: unprivilegedUser() }, options);
}
