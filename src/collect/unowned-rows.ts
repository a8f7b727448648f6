import type { Facts } from '../model/facts.ts';
import type { BackupRunRow } from './organizations/dataset-contracts.ts';
import type { OrganizationEntry, OwnedDatasetName } from './organizations/merge-by-organization.ts';

type Unlisted = NonNullable<Facts['organization-list']['rowsUnlisted']>;

/** Rows that name no organization, or none of the list: they go to the database they name, or are counted. */
export interface UnownedRows {
  /** @returns true where the run names one database of an organization, which gets it */
  run(row: BackupRunRow): boolean;
  orphan(dataset: OwnedDatasetName): void;
  /** The entry with the runs that name its databases but no organization. */
  withRuns(entry: OrganizationEntry): OrganizationEntry;
  unlisted(): Unlisted;
}

/**
 * @param installDatabase name of the install database, whose runs name no organization rightly
 * @param databaseServers the servers on which databases of each name are; a name on two tells neither
 */
export function unownedRows(
  installDatabase: string,
  databaseServers: ReadonlyMap<string, ReadonlySet<string>>,
): UnownedRows {
  const runs = new Map<string, BackupRunRow[]>();
  const orphans = new Map<string, number>();
  return {
    run(row) {
      const name = row.databaseName;
      if (name === null || name === installDatabase || databaseServers.get(name)?.size !== 1) return false;
      const known = runs.get(name);
      if (known === undefined) runs.set(name, [row]);
      else known.push(row);
      return true;
    },
    orphan(dataset) {
      orphans.set(dataset, (orphans.get(dataset) ?? 0) + 1);
    },
    withRuns(entry) {
      const names = new Set(entry.rows.tenant_databases.map((row) => row.databaseName));
      const more = [...names].flatMap((name) => runs.get(name) ?? []);
      if (more.length === 0) return entry;
      return { ...entry, rows: { ...entry.rows, backup_runs: [...entry.rows.backup_runs, ...more] } };
    },
    unlisted() {
      return [...orphans].sort().map(([dataset, rows]) => ({ dataset, rows }));
    },
  };
}
