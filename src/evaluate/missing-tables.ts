import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';

/** Tables of the live catalogue that a copy lacks. */
export interface MissingTables {
  /** Names of those that existed when the copy was made. */
  readonly certain: readonly string[];
  /** Whether it cannot be told that the others were made since. */
  readonly doubtful: boolean;
  /** How many others there are. */
  readonly later: number;
  /** How many of these others the copy holds by name, with another object id. */
  readonly renewed: number;
}

/**
 * Tables of the live catalogue that the copy lacks. PostgreSQL assigns object ids in rising order, so a missing table
 * with a lower id than another table in the copy existed when the copy was made (`certain`). The product makes tables
 * when it is upgraded: without an upgrade since the copy, a missing table may as well have been left out, so the copy
 * is `doubtful`; likewise where more than half of the tables are missing.
 *
 * @param byName where the database was re-created since, which gives every table a new id
 */
export function missingTables(
  observation: Observation<'copy'>,
  catalogues: readonly Observation<'catalogue'>[],
  byName = false,
): MissingTables {
  const copy = observation.value;
  const catalogue = catalogues[0]?.value;
  const none: MissingTables = { certain: [], doubtful: false, later: 0, renewed: 0 };
  if (catalogue === undefined || !copy.tablesComplete) return none;
  const live = catalogue.tables;
  const { upgradedAt } = catalogue;
  const upgradedSince = upgradedAt != null && copy.moment !== null && upgradedAt >= copy.moment.notBefore;
  const isDoubtful = (missing: number, open: number) => (open > 0 && !upgradedSince) || missing * 2 > live.length;
  const names = new Set(copy.tableNames ?? []);
  if (copy.tableOids !== null && !(byName && copy.tableNames !== null)) {
    const inside = new Set(copy.tableOids);
    const highest = copy.tableOids.reduce((top, oid) => Math.max(top, oid), 0);
    const missing = live.filter((table) => !inside.has(table.oid));
    const named = (tables: typeof missing) => tables.filter(({ name }) => names.has(name)).length;
    // A copy that shares no table with the live database is another database's: that is a question of identity.
    if (missing.length === live.length) {
      return { certain: [], doubtful: live.length > 0, later: missing.length, renewed: named(missing) };
    }
    const certain = missing.filter((table) => table.oid < highest).map((table) => table.name);
    const later = missing.filter((table) => table.oid >= highest);
    return { certain, doubtful: isDoubtful(missing.length, later.length), later: later.length, renewed: named(later) };
  }
  if (copy.tableNames === null) return none;
  const missing = live.filter((table) => !names.has(table.name)).length;
  return { certain: [], doubtful: isDoubtful(missing, missing), later: missing, renewed: 0 };
}

/** How many tables of the live database a copy holds by name; null where either list is not known, or empty. */
export function foundTables(
  copy: Facts['copy'],
  catalogues: readonly Observation<'catalogue'>[],
): { readonly inside: number; readonly live: number } | null {
  const live = catalogues[0]?.value.tables ?? [];
  if (live.length === 0 || copy.tableNames === null || !copy.tablesComplete) return null;
  const names = new Set(copy.tableNames);
  return { inside: live.filter(({ name }) => names.has(name)).length, live: live.length };
}
