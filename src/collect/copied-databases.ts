import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import type { CopiedDatabase } from './backups/survey-copies.ts';
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
  return { subject, name: row.databaseName, server, runs: own.map(runFact), plans };
}

/** The install database likewise. @param runs those that name no organization */
export function installCopiesOf(
  { config }: Pick<Collection, 'config'>,
  { plans }: Pick<Estate, 'plans'>,
  runs: readonly BackupRunRow[],
): CopiedDatabase {
  const { name } = config.install.database;
  const own = runs.filter((row) => row.databaseName === null || row.databaseName === name).map(runFact);
  const subject: Subject = { kind: 'database', key: `install/${name}`, organizationId: null, name };
  return { subject, name, server: INSTALL_SERVER, runs: own, plans };
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
    const plans = [...entry.rows.backup_plans.map(planFact), ...estate.plans];
    for (const row of entry.rows.tenant_databases) {
      const only = entry.rows.tenant_databases.length === 1;
      yield tenantCopiesOf(estate, { organizationKey: entry.key, row, only, runs: entry.rows.backup_runs, plans });
    }
  }
  yield installCopiesOf(collection, estate, installRuns);
}

function isAudited(collection: Collection, { organization, entriesWithKey, key }: OrganizationEntry): boolean {
  return organization !== null && entriesWithKey === 1 && !isExcluded(collection, key);
}
