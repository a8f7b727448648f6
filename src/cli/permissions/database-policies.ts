import type { DatasetMapping } from '../../collect/organizations/dataset-source.ts';
import { postgresGrants } from '../../collect/organizations/postgres-grants.ts';
import { scriptCanName } from '../../collect/organizations/psql-connect.ts';
import type { Config } from '../../config/schema.ts';
import { UsageError } from '../io.ts';
import { oneLine } from '../terminal-text.ts';
import type { SourcePolicy } from './policy-text.ts';

/**
 * Grants for the install database's server and every other server, with a section for each tenant database named.
 *
 * @param prove whether wrapped samples are read, too
 * @throws UsageError where a database or role has a name that no psql script can hold
 */
export function databasePolicies(
  config: Config,
  mapping: DatasetMapping,
  tenantDatabases: readonly string[],
  prove = false,
): readonly SourcePolicy[] {
  const { database } = config.install;
  for (const name of tenantDatabases) mustFitScript('--tenant-database', name);
  for (const { name, user } of [database, ...config.servers.map(toNames)]) {
    mustFitScript('database', name);
    mustFitScript('user', user);
  }
  const install: SourcePolicy = {
    source: 'install',
    kind: 'database',
    language: 'sql',
    heading: [
      oneLine(`source install: PostgreSQL at ${database.host}:${database.port}`),
      `Apply it there with psql, as a superuser. ${tenantHint(tenantDatabases)}`,
    ],
    policy: postgresGrants({ role: database.user, mapping, installDatabase: database.name, tenantDatabases, prove }),
  };
  const others = config.servers.map((server): SourcePolicy => {
    return {
      source: server.name,
      kind: 'database',
      language: 'sql',
      heading: [
        oneLine(`source ${server.name}: PostgreSQL at ${server.host}:${server.port}`),
        `Apply it there with psql, as a superuser. ${tenantHint(tenantDatabases)}`,
      ],
      policy: postgresGrants({
        role: server.user,
        mapping: withoutInstallDatasets(mapping),
        installDatabase: server.maintenanceDatabase,
        tenantDatabases,
        prove,
      }),
    };
  });
  return [install, ...others];
}

function toNames({ maintenanceDatabase, user }: Config['servers'][number]): { name: string; user: string } {
  return { name: maintenanceDatabase, user };
}

/** Psql has no way to write such a name in a script, and what follows a line break would be a command of its own. */
function mustFitScript(what: string, name: string): void {
  if (scriptCanName(name)) return;
  throw new UsageError(
    `${what} ${JSON.stringify(name)}: a name that is empty or holds a line break or NUL cannot stand in a psql script. Give its rights by hand, or rename it.`,
  );
}

function tenantHint(tenantDatabases: readonly string[]): string {
  return tenantDatabases.length === 0
    ? 'Name tenant databases with --tenant-database to get a section for each.'
    : 'Leave out the sections of tenant databases that are not on this server.';
}

/** A server of tenant databases only: in its maintenance database nothing is read but the catalogues. */
function withoutInstallDatasets(mapping: DatasetMapping): DatasetMapping {
  const none = Object.keys(mapping.install).map((name) => [name, { kind: 'absent' }]);
  return {
    ...mapping,
    install: Object.fromEntries(none) as DatasetMapping['install'],
    samples: { ...mapping.samples, install: { kind: 'absent' } },
  };
}
