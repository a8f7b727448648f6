import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { byTime, DAY, type Instant, MINUTE, toMillis } from '../model/instant.ts';
import { leavesOutData } from '../model/left-out-data.ts';
import { counted } from '../model/text.ts';
import { gradedByIdentity } from './by-name-only.ts';
import { allOf } from './conclude.ts';
import { lostKey } from './copy-keys.ts';
import { leftOutText } from './left-out-data-text.ts';
import { leftOutObjects } from './left-out-objects.ts';
import { foundTables, type MissingTables, missingTables } from './missing-tables.ts';
import { physicalIdentity } from './physical-identity.ts';
import { remembered } from './remembered.ts';

/** What a judge must see to say which copies count. All of it is about one database. */
export interface CopyFacts {
  readonly copies: readonly Observation<'copy'>[];
  readonly states: readonly Observation<'database-state'>[];
  readonly catalogues: readonly Observation<'catalogue'>[];
  /** Statements `database-recreated` about the database. */
  readonly recreations: readonly Observation<'declaration'>[];
}

/** A copy with everything that decides whether it counts: complete, of this database, and not from the future. */
export interface JudgedCopy {
  readonly observation: Observation<'copy'>;
  readonly complete: Truth;
  readonly completeBecause: string;
  readonly identity: Truth;
  readonly identityBecause: string;
  readonly fromTheFuture: boolean;
  readonly counts: Truth;
}

/** Tolerance of clocks, as the catalogue of controls sets it. */
export const CLOCK_TOLERANCE_MINUTES = 5;

/**
 * Judges every copy of one database, newest first (by the earliest moment it can be consistent as of; without a
 * moment last).
 */
export const judgeCopies: (facts: CopyFacts, asOf: Instant) => readonly JudgedCopy[] = remembered(
  ({ copies, states, catalogues, recreations }, asOf) => [copies, states, catalogues, recreations, asOf],
  (facts, asOf) =>
    facts.copies
      .map((observation) => judgeCopy(observation, facts, asOf))
      .sort((a, b) => byTime(momentKey(b), momentKey(a)) || pathKey(a).localeCompare(pathKey(b))),
);

/** Names the copy in a sentence: its path in its location; of a backup with all WAL after it, which backup that is. */
export function copyText({ value: { path, location, physical } }: Observation<'copy'>): string {
  const [base] = physical?.kind === 'continuous' ? physical.builtOn : [];
  return base === undefined ? `${path} in ${location}` : `${base} with its WAL (${path}) in ${location}`;
}

let lastClock: { readonly asOf: Instant; readonly latest: number } | null = null;

/** The last instant that clocks which differ by their tolerance can show, in milliseconds; one clock is asked for every copy. */
export function latestCredible(asOf: Instant): number {
  if (lastClock?.asOf !== asOf) lastClock = { asOf, latest: toMillis(asOf) + CLOCK_TOLERANCE_MINUTES * MINUTE };
  return lastClock.latest;
}

function momentKey(copy: JudgedCopy): string {
  return copy.observation.value.moment?.notBefore ?? '';
}

function pathKey(copy: JudgedCopy): string {
  return `${copy.observation.value.location}/${copy.observation.value.path}`;
}

function judgeCopy(observation: Observation<'copy'>, facts: CopyFacts, asOf: Instant): JudgedCopy {
  const [complete, completeBecause] = completeness(observation, facts, asOf);
  const [identity, identityBecause] = identityOf(observation, facts);
  const { moment } = observation.value;
  const fromTheFuture = moment !== null && toMillis(moment.notBefore) > latestCredible(asOf);
  return {
    observation: gradedByIdentity(observation),
    complete,
    completeBecause,
    identity,
    identityBecause,
    fromTheFuture,
    counts: fromTheFuture ? 'fails' : allOf([complete, identity]),
  };
}

/** Whether the artifact holds the whole database to its last byte, by its own format's rules and the live catalogue. */
function completeness(observation: Observation<'copy'>, facts: CopyFacts, asOf: Instant): readonly [Truth, string] {
  const copy = observation.value;
  if (copy.integrity === 'incomplete') return ['fails', copy.integrityBecause];
  const lost = lostKey(copy, asOf);
  if (lost !== null) return ['fails', lost];
  // A copy of a whole cluster leaves out no table.
  if (copy.physical !== undefined) {
    return copy.integrity === 'complete' ? ['holds', copy.integrityBecause] : ['unknown', copy.integrityBecause];
  }
  if (copy.scope === 'schema-only') return ['fails', 'it holds table definitions and no rows'];
  if (copy.scope === 'data-only') return ['fails', 'it holds rows and no table definitions'];
  if (copy.scope === 'partial') return ['fails', 'it holds only some sections of the database'];
  if (leavesOutData(copy)) return ['fails', leftOutText(copy)];
  const byName = wasRecreatedSince(copy, facts);
  const missing = missingTables(observation, facts.catalogues, byName);
  if (missing.certain.length > 0) {
    return [
      'fails',
      `it leaves out ${counted(missing.certain.length, 'table')} that existed then, such as ${missing.certain[0]}`,
    ];
  }
  if (missing.doubtful) return ['unknown', doubtText(missing)];
  const objects = leftOutObjects(observation, facts.catalogues, byName);
  if (objects.certain[0] !== undefined) {
    return ['fails', `it leaves out ${objects.certain.slice(0, 3).join(', ')} that existed then`];
  }
  if (objects.doubtful[0] !== undefined) {
    const lacking = objects.doubtful.slice(0, 3).join(', ');
    return ['unknown', `it lacks ${lacking} of the live database, made since or left out; a new copy settles it`];
  }
  if (copy.integrity === 'unproven') return ['unknown', copy.integrityBecause];
  if (copy.scope === 'unknown') {
    return ['unknown', 'it holds no constraint or index, so it cannot be told whether sections of it were left out'];
  }
  return ['holds', copy.integrityBecause];
}

/** Why a copy without some tables of the live database may still be whole, and what else it may be. */
function doubtText({ later, renewed }: MissingTables): string {
  const lacking = later - renewed;
  const other = `it holds ${counted(renewed, 'table')} of the live database by name, with other object ids: it may be of another cluster or of a database restored anew`;
  const left = `it lacks ${counted(lacking, 'table')} of the live database, made since or left out`;
  return `${[...(renewed > 0 ? [other] : []), ...(lacking > 0 ? [left] : [])].join('; ')}; a new copy settles it`;
}

/** Whether the artifact is of this database, by what is inside it and where it lies. File names prove nothing. */
function identityOf(observation: Observation<'copy'>, facts: CopyFacts): readonly [Truth, string] {
  const copy = observation.value;
  if (copy.physical !== undefined) return physicalIdentity(copy, copy.physical, facts.states[0]?.value);
  if (copy.nameAgrees === false) {
    // Without that name: the report of an organization names no database of another.
    return ['fails', 'it names another database inside, whatever the file is called'];
  }
  if (copy.nameAgrees === null) return ['unknown', 'it names no database inside'];
  if (copy.sameNameDatabases > 1) {
    return ['unknown', `${copy.sameNameDatabases} databases of the install bear the name inside`];
  }
  if (copy.databaseOid === null) {
    const found = foundTables(copy, facts.catalogues);
    if (found !== null && found.inside * 2 < found.live) {
      const text = `the name inside agrees, and it holds only ${found.inside} of the ${found.live} tables of the live database`;
      return ['unknown', `${text}: it may be of another cluster`];
    }
    return ['holds', 'by name only: the name inside and the declared location agree, and no object ids are inside'];
  }
  const live = facts.states[0]?.value;
  if (live === undefined || !live.exists || live.databaseOid === null) {
    return ['unknown', 'the name inside agrees, and there is no live database to compare object ids with'];
  }
  if (copy.databaseOid === live.databaseOid && tablesAgree(observation, facts.catalogues)) {
    return ['holds', 'name inside, object ids and declared location agree with the live database'];
  }
  if (wasRecreatedSince(copy, facts))
    return ['holds', 'the name inside agrees, and the database was declared re-created since'];
  if (copy.databaseOid === live.databaseOid && facts.catalogues.length === 0) {
    return ['unknown', 'name and database id inside agree, and there are no live tables to compare its tables with'];
  }
  return ['unknown', 'the name inside agrees, its object ids are not those of the live database'];
}

/** Whether the live database is declared to be a later one than the copy is of. A declaration names a day, not a time. */
function wasRecreatedSince({ moment, databaseOid }: Facts['copy'], { recreations, states }: CopyFacts): boolean {
  if (moment === null || databaseOid === null || databaseOid === states[0]?.value.databaseOid) return false;
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
