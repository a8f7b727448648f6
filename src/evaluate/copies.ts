import type { Observation, Truth } from '../model/control.ts';
import { byTime, type Instant, MINUTE, toMillis } from '../model/instant.ts';
import { leavesOutData } from '../model/left-out-data.ts';
import { counted } from '../model/text.ts';
import { gradedByIdentity } from './by-name-only.ts';
import { allOf } from './conclude.ts';
import { identityOf, type LiveFacts, wasRecreatedSince } from './copy-identity.ts';
import { lostKey } from './copy-keys.ts';
import { leftOutText } from './left-out-data-text.ts';
import { leftOutObjects } from './left-out-objects.ts';
import { type MissingTables, missingTables } from './missing-tables.ts';
import { remembered } from './remembered.ts';

/** What a judge must see to say which copies count. All of it is about one database. */
export interface CopyFacts extends LiveFacts {
  readonly copies: readonly Observation<'copy'>[];
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
  const byName = wasRecreatedSince(observation, facts);
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
