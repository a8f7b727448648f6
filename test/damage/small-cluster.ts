import type { PostgresOptions, PostgresServer } from '../services/postgres-server.ts';

/** Settings of a cluster whose copies are read a thousand times. */
export const SMALL_CLUSTER = {
  walSegmentMebibytes: 1,
  settings: { autovacuum: 'off' },
} as const satisfies PostgresOptions;

/** Drops the template databases, each of which takes as much as an empty database: a third is left to be copied. */
export async function leaveOneDatabase(server: PostgresServer): Promise<void> {
  await server.query(`update pg_database set datistemplate = false where datname like 'template_'`);
  for (const name of ['template0', 'template1']) await server.query(`drop database ${name}`);
  await server.query('checkpoint');
}
