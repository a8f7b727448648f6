import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import type { CopiedDatabase } from './backups/copied-database.ts';
import { plansOfServers } from './declared-plans.ts';
import type { Collection, Estate } from './estate.ts';
import { isExcluded } from './exclusions.ts';
import type { BackupRunRow, TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import {
  mergeByOrganization,
  type OrganizationEntry,
  OWNED_DATASETS,
  type OwnedDatasetName,
} from './organizations/merge-by-organization.ts';
import { planFact, runFact } from './organizations/row-facts.ts';
import { findServer, INSTALL_SERVER } from './servers.ts';
import { unownedRows } from './unowned-rows.ts';

/** What the install database says of one tenant database, as far as its copies depend on it. */
export interface TenantDatabaseRows {
  readonly organizationKey: string;
  readonly row: TenantDatabaseRow;
  /** True where the organization has just this one, so that runs without a database name are its. */
  readonly only: boolean;
  readonly runs: readonly BackupRunRow[];
  readonly plans: readonly Facts['backup-plan'][];
}

/** A tenant database as one whose copies are looked for. */
export function tenantCopiesOf(
  { servers }: Pick<Estate, 'servers'>,
  { organizationKey, row, only, runs, plans }: TenantDatabaseRows,
): CopiedDatabase {
  const subject: Subject = {
    kind: 'database',
    key: `${organizationKey}/${row.databaseName}`,
    organizationId: organizationKey,
    name: row.databaseName,
  };
  const own = runs.filter((run) => run.databaseName === row.databaseName || (run.databaseName === null && only));
  const server = findServer(servers, row.host, row.port)?.name ?? null;
  const { databaseName: name, schemaName } = row;
  return { subject, name, server, schemaName, runs: own.map(runFact), plans };
}

/** Names of the configured servers that its databases are on. */
export function serversOfTenant(
  { servers }: Pick<Estate, 'servers'>,
  { rows }: OrganizationEntry,
): ReadonlySet<string> {
  return new Set(rows.tenant_databases.flatMap(({ host, port }) => findServer(servers, host, port)?.name ?? []));
}

/** The install database likewise. @param rows runs that name no organization */
export function installCopiesOf(
  { config }: Pick<Collection, 'config'>,
  { plans }: Pick<Estate, 'plans'>,
  rows: readonly BackupRunRow[],
): CopiedDatabase {
  const { name } = config.install.database;
  const runs = rows.filter((row) => row.databaseName === null || row.databaseName === name).map(runFact);
  const subject: Subject = { kind: 'database', key: `install/${name}`, organizationId: null, name };
  const own = plansOfServers({ config }, subject, new Set([INSTALL_SERVER]));
  return { subject, name, server: INSTALL_SERVER, runs, plans: [...plans, ...own] };
}

/** Spool files of the datasets that belong to organizations. */
export function ownedSpools({ reading }: Pick<Estate, 'reading'>): { [N in OwnedDatasetName]?: string | undefined } {
  return Object.fromEntries(
    OWNED_DATASETS.map((name) => {
      const dataset = reading.datasets[name];
      return [name, dataset.status === 'read' ? dataset.file : undefined];
    }),
  ) as { [N in OwnedDatasetName]?: string | undefined };
}

/** Every database whose copies are looked for: those of the organizations that are audited, and the install's own. */
export async function* copiedDatabases(
  collection: Collection,
  estate: Estate,
  organizationsFile: string,
): AsyncGenerator<CopiedDatabase> {
  const installRuns: BackupRunRow[] = [];
  const unowned = unownedRows(collection.config.install.database.name, estate.databaseServers);
  const entries = mergeByOrganization(
    { organizations: organizationsFile, owned: ownedSpools(estate) },
    {
      unowned: ({ dataset, record }) => {
        if (dataset === 'backup_runs' && record.ok && !unowned.run(record.row)) installRuns.push(record.row);
      },
      orphan: () => undefined,
    },
  );
  for await (const plain of entries) {
    if (!isAudited(collection, plain)) continue;
    const entry = unowned.withRuns(plain);
    const owner: Subject = { kind: 'organization', key: entry.key, organizationId: entry.key, name: entry.key };
    const ofServers = plansOfServers(collection, owner, serversOfTenant(estate, entry));
    const plans = [...entry.rows.backup_plans.map(planFact), ...estate.plans, ...ofServers];
    for (const row of entry.rows.tenant_databases) {
      const only = entry.rows.tenant_databases.length === 1;
      yield tenantCopiesOf(estate, { organizationKey: entry.key, row, only, runs: entry.rows.backup_runs, plans });
    }
  }
  yield installCopiesOf(collection, estate, installRuns);
}

/** Whether an entry of the list is one organization that is asked about at all. */
export function isAudited(collection: Collection, { organization, entriesWithKey, key }: OrganizationEntry): boolean {
  return organization !== null && entriesWithKey === 1 && !isExcluded(collection, key);
}
