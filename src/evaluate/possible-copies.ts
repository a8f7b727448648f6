import type { Observation, Truth } from '../model/control.ts';
import { byTime, type Instant, toMillis } from '../model/instant.ts';
import { leavesOutData } from '../model/left-out-data.ts';
import { copyText, type JudgedCopy, latestCredible } from './copies.ts';
import { holdsKeysOfAnother } from './copy-identity.ts';
import { lostKey } from './copy-keys.ts';
import { passing, remembered } from './remembered.ts';

/** Names of the needs in COPY_NEEDS that are not the copies themselves: they tell of the live database. */
export const LIVE_NEEDS = ['states', 'catalogues', 'recreations'] as const;

type Copy = Observation<'copy'>;

/**
 * True where the artifact tells another database, or another cluster, inside, whatever its file is called; or where its
 * key-version rows are of another organization alone.
 */
export function isForeign({ value }: Copy): boolean {
  return value.nameAgrees === false || holdsKeysOfAnother(value);
}

/** True for a copy of the whole cluster that the database is on. */
export function isOfCluster(copy: Copy): boolean {
  return copy.value.physical !== undefined;
}

/** True where even the earliest moment of the copy is later than the clock allows: it proves no moment yet. */
export function isFromTheFuture(copy: Copy, asOf: Instant): boolean {
  const { moment } = copy.value;
  return moment !== null && toMillis(moment.notBefore) > latestCredible(asOf);
}

/**
 * False where the artifact alone shows that it does not count, whatever the live database would tell: damaged, encrypted
 * with a key that is gone, from the future, of another database or cluster, or a copy of one database without part of the definitions or rows.
 */
export function canCount(copy: Copy, asOf: Instant): boolean {
  return lostKey(copy.value, asOf) === null && couldCountWithItsKey(copy, asOf);
}

/** The same of a copy whose key would be there. */
export function couldCountWithItsKey(copy: Copy, asOf: Instant): boolean {
  const { integrity, scope } = copy.value;
  if (integrity === 'incomplete' || isForeign(copy) || isFromTheFuture(copy, asOf)) return false;
  if (isOfCluster(copy)) return true;
  return (scope === 'full' || scope === 'unknown') && !leavesOutData(copy.value);
}

/**
 * Whether a copy counts by the artifact alone: what the live database would tell is left out. Unknown where it is not
 * proven complete, or does not tell for certain that it is of this database.
 */
export function countsByItself(copy: Copy, asOf: Instant): Truth {
  if (!canCount(copy, asOf)) return 'fails';
  const { integrity, scope, nameAgrees, sameNameDatabases } = copy.value;
  const isOwn = isOfCluster(copy) || (nameAgrees === true && sameNameDatabases <= 1);
  return integrity === 'complete' && scope === 'full' && isOwn ? 'holds' : 'unknown';
}

/** Of files whose format is not known, or that lie in a snapshot of another tool. */
const CLOSED: ReadonlySet<string> = new Set(['unknown', 'restic', 'borg']);

/** True where nobody can look into the artifact, encrypted or written by another tool, and no restore proved it either. */
function cannotBeOpened({ value, grade }: Copy): boolean {
  const isProven = value.integrity !== 'unproven' || grade === 'restored' || grade === 'chain-verified';
  return !isProven && (value.encrypted || CLOSED.has(value.method));
}

export interface Judgeable {
  readonly copies: readonly Copy[];
  readonly unopened: string;
}

/**
 * The copies that can be judged: those that can be looked into, or all where none can. One that nobody can open takes
 * no other away; `unopened` names such that are the newest of their location, to be put behind a sentence.
 */
export function judgeable(copies: readonly Copy[]): Judgeable {
  const open = copies.filter((copy) => !cannotBeOpened(copy));
  if (open.length === 0 || open.length === copies.length) return { copies, unopened: '' };
  const newest = byLocation(copies).flatMap(([copy]) => (cannotBeOpened(copy) ? [copyText(copy)] : []));
  const unopened = newest.length === 0 ? '' : `; ${newest.join(' and ')} cannot be looked into`;
  return { copies: open, unopened };
}

/** The copies that can count, as far as they can be judged. Many controls ask about the same list. */
export const possibleCopies: (copies: readonly Copy[], asOf: Instant) => Judgeable = remembered(
  (copies, asOf) => [copies, asOf],
  (copies, asOf) => judgeable(passing(copies, (copy) => canCount(copy, asOf))),
);

/** True where what the live database tells could change whether the copy counts. */
export function restsOnLiveDatabase(copy: Copy): boolean {
  const { databaseOid, tablesComplete, tableOids, tableNames, physical } = copy.value;
  return (
    physical !== undefined || databaseOid !== null || tableOids !== null || (tablesComplete && tableNames !== null)
  );
}

/** Newest first: by the earliest moment a copy can be consistent as of; by file time only where it tells no moment. */
export const newestFirst: (copies: readonly Copy[]) => readonly Copy[] = remembered(
  (copies) => [copies],
  (copies) => [...copies].sort((a, b) => byTime(orderOf(b), orderOf(a)) || pathOf(a).localeCompare(pathOf(b))),
);

/** Copies of each location, newest first; locations by name. */
export const byLocation: (copies: readonly Copy[]) => readonly (readonly [Copy, ...Copy[]])[] = remembered(
  (copies) => [copies],
  groupedByLocation,
);

function groupedByLocation(copies: readonly Copy[]): readonly (readonly [Copy, ...Copy[]])[] {
  const groups = new Map<string, [Copy, ...Copy[]]>();
  for (const copy of newestFirst(copies)) {
    const group = groups.get(copy.value.location);
    if (group === undefined) groups.set(copy.value.location, [copy]);
    else group.push(copy);
  }
  return [...groups.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, group]) => group);
}

/** Why a judged copy may not count, for a sentence; for one that certainly counts, why it does. */
export function countsBecause(copy: JudgedCopy): string {
  if (copy.fromTheFuture) return 'it is dated in the future';
  if (copy.identity === 'fails') return copy.identityBecause;
  if (copy.complete === 'fails') return copy.completeBecause;
  return copy.complete === 'unknown' ? copy.completeBecause : copy.identityBecause;
}

function orderOf(copy: Copy): string {
  return copy.value.moment?.notBefore ?? copy.value.modifiedAt;
}

function pathOf(copy: Copy): string {
  return `${copy.value.location}/${copy.value.path}`;
}
