import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { DAY, toMillis } from '../model/instant.ts';
import { knownOnlyBy } from './by-name-only.ts';
import { foundTables } from './missing-tables.ts';
import { physicalIdentity } from './physical-identity.ts';
import { remembered } from './remembered.ts';

/** What a copy is compared with to say whether it is of this database. All of it is about one database. */
export interface LiveFacts {
  readonly states: readonly Observation<'database-state'>[];
  readonly catalogues: readonly Observation<'catalogue'>[];
  /** Statements `database-recreated` about the database. */
  readonly recreations: readonly Observation<'declaration'>[];
}

/** Without that organization's name: reports are shown to others. */
export const OF_ANOTHER_ORGANIZATION =
  'its key-version rows name keys of another organization of this install, and none of its own';

/**
 * True where a copy tells by the key-version rows inside it that its secrets are another organization's: every row names a
 * key of such a one. A database of the same name and of other contents tells itself by nothing else.
 */
export function holdsKeysOfAnother({ keyVersionsInside }: Facts['copy']): boolean {
  const versions = keyVersionsInside?.versions ?? [];
  return versions.length > 0 && versions.every(({ ofAnotherOrganization }) => ofAnotherOrganization === true);
}

/** Whether the artifact is of this database, by what is inside it and where it lies. File names prove nothing. */
export function identityOf(observation: Observation<'copy'>, facts: LiveFacts): readonly [Truth, string] {
  const copy = observation.value;
  if (copy.physical !== undefined) return physicalIdentity(copy, copy.physical, facts.states[0]?.value);
  if (copy.nameAgrees === false) {
    // Without that name: the report of an organization names no database of another.
    return ['fails', 'it names another database inside, whatever the file is called'];
  }
  if (holdsKeysOfAnother(copy)) return ['fails', OF_ANOTHER_ORGANIZATION];
  if (copy.nameAgrees === null) return ['unknown', 'it names no database inside'];
  if (copy.sameNameDatabases > 1) {
    return ['unknown', `${copy.sameNameDatabases} databases of the install bear the name inside`];
  }
  if (copy.databaseOid === null) return identityWithoutDatabaseId(observation, facts);
  const live = facts.states[0]?.value;
  if (live === undefined || !live.exists || live.databaseOid === null) {
    return ['unknown', 'the name inside agrees, and there is no live database to compare object ids with'];
  }
  if (copy.databaseOid === live.databaseOid && tablesAgree(observation, facts.catalogues)) {
    return ['holds', 'name inside, object ids and declared location agree with the live database'];
  }
  if (wasRecreatedSince(observation, facts))
    return ['holds', 'the name inside agrees, and the database was declared re-created since'];
  if (copy.databaseOid === live.databaseOid && facts.catalogues.length === 0) {
    return ['unknown', 'name and database id inside agree, and there are no live tables to compare its tables with'];
  }
  return ['unknown', 'the name inside agrees, its object ids are not those of the live database'];
}

/**
 * Identity of a dump without the object id of its database: the name inside tells it, or, where none is inside, the record
 * of the run with its checksum. Neither outweighs the tables inside, nor their object ids where it was written with them
 * (PostgreSQL documentation, pg_dump, `--verbose`).
 */
function identityWithoutDatabaseId(observation: Observation<'copy'>, facts: LiveFacts): readonly [Truth, string] {
  const copy = observation.value;
  const isByRecord = knownOnlyBy(copy) === 'record';
  const agrees = isByRecord
    ? 'no database is named inside, the record of a run has its checksum'
    : 'the name inside agrees';
  const found = foundTables(copy, facts.catalogues);
  if (found !== null && found.inside * 2 < found.live) {
    const text = `${agrees}, and it holds only ${found.inside} of the ${found.live} tables of the live database`;
    return ['unknown', `${text}: it may be of another ${isByRecord ? 'database' : 'cluster'}`];
  }
  const only = isByRecord
    ? 'by the record of a run only: it has the checksum of these bytes, and no database is named inside'
    : 'by name only: the name inside and the declared location agree';
  if (copy.tableOids === null || copy.tableOids.length === 0) return ['holds', `${only}, and no object ids are inside`];
  if (wasRecreatedSince(observation, facts)) {
    return ['holds', `${only}; the database was declared re-created since, so object ids tell nothing`];
  }
  if (facts.catalogues.length === 0) {
    return ['unknown', `${agrees}, and there are no live tables to compare the object ids of its tables with`];
  }
  if (othersTables(observation, facts.catalogues)) {
    return ['unknown', `${agrees}, the object ids of its tables are not those of the live database`];
  }
  return ['holds', `${only}; the object ids of its tables are those of the live database`];
}

/**
 * Whether tables inside have other object ids than the live ones: all of them, or one of the same name. Databases made from
 * one template share the ids of the tables in it, and differ in those that were made since.
 */
function othersTables(observation: Observation<'copy'>, catalogues: readonly Observation<'catalogue'>[]): boolean {
  if (!tablesAgree(observation, catalogues)) return true;
  const { tableOids, tableNames, tablesComplete } = observation.value;
  if (tableOids === null || tableNames === null || !tablesComplete) return false;
  const [oids, names] = [new Set(tableOids), new Set(tableNames)];
  return (catalogues[0]?.value.tables ?? []).some(({ oid, name }) => names.has(name) && !oids.has(oid));
}

/** Whether the live database is declared to be a later one than the copy is of. A declaration names a day, not a time. */
export function wasRecreatedSince(
  observation: Observation<'copy'>,
  { recreations, states, catalogues }: LiveFacts,
): boolean {
  const { moment, databaseOid, tableOids } = observation.value;
  if (moment === null) return false;
  const isOther =
    databaseOid === null
      ? tableOids !== null && othersTables(observation, catalogues)
      : databaseOid !== states[0]?.value.databaseOid;
  if (!isOther) return false;
  return recreations.some((one) => toMillis(moment.notBefore) < toMillis(one.value.date) + DAY);
}

function tablesAgree(observation: Observation<'copy'>, catalogues: readonly Observation<'catalogue'>[]): boolean {
  const oids = observation.value.tableOids;
  const live = catalogues[0]?.value.tables;
  if (live === undefined) return false;
  if (oids === null || oids.length === 0 || live.length === 0) return true;
  const own = oidsOf(live);
  return oids.some((oid) => own.has(oid));
}

/** Every copy is compared with the same catalogue. */
const oidsOf = remembered(
  (live: Facts['catalogue']['tables']) => [live],
  (live: Facts['catalogue']['tables']): ReadonlySet<number> => new Set(live.map((table) => table.oid)),
);
