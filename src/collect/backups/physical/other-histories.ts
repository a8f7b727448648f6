import { lsnPosition } from '../../../model/lsn.ts';
import type { Ancestor } from '../../formats/timeline-history.ts';
import type { PlacedCopy } from './order-in-log.ts';
import type { WalArchive } from './physical-copy.ts';

/** An archive with the place that it lies in, and the servers that it may be of. */
export interface PlacedArchive {
  readonly archive: WalArchive;
  readonly location: string;
  readonly servers: readonly string[];
}

/** What a history file says of the past of one timeline and of all before it. */
interface Told {
  readonly label: string;
  readonly location: string;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly ancestors: readonly Ancestor[];
}

/** What tells otherwise, in the words of the fact. */
interface OtherHistory {
  readonly label: string;
  readonly location: string;
  readonly by: 'history';
  readonly what: string;
}

/**
 * A timeline begins once: two histories of it that differ are of two servers that were both promoted, each giving its new
 * timeline the next number (PostgreSQL documentation, "Timelines"). Compared is what copies hold inside and what lies in
 * archives; copies that may be of different servers are not compared, as these may be clones.
 *
 * @returns what gives the first that has another history of the timeline of a copy than that copy, or null
 */
export function otherHistories(
  copies: readonly PlacedCopy[],
  archives: readonly PlacedArchive[],
): (one: PlacedCopy) => OtherHistory | null {
  const byServers = new Map<string, Map<string, Told>>();
  const note = (servers: readonly string[], told: Told | null): void => {
    if (told === null) return;
    const known = byServers.get(JSON.stringify(servers)) ?? new Map<string, Told>();
    byServers.set(JSON.stringify(servers), known);
    const key = JSON.stringify([told.systemIdentifier, told.timeline, textOf(told.ancestors)]);
    if (!known.has(key)) known.set(key, told);
  };
  for (const one of archives) {
    note(one.servers, toldByArchive(one));
    note(one.servers, toldAhead(one));
  }
  for (const one of copies) note(one.servers, toldBy(one, archives));
  return (one) => {
    const own = toldBy(one, archives);
    const known = byServers.get(JSON.stringify(one.servers));
    if (own === null || known === undefined) return null;
    const other = [...known.values()].find((told) => isOther(own, told));
    if (other === undefined) return null;
    const what = `${own.timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
    return { label: other.label, location: other.location, by: 'history', what };
  };
}

function toldByArchive({ archive, location }: PlacedArchive): Told | null {
  const { path, cluster, history, timelines } = archive;
  const timeline = timelines.at(-1)?.timeline;
  if (cluster.systemIdentifier === null || history === undefined || timeline === undefined) return null;
  const { systemIdentifier } = cluster;
  return { label: `the WAL in ${path}`, location, systemIdentifier, timeline, ancestors: history };
}

function toldAhead({ archive: { path, cluster, historyAhead }, location }: PlacedArchive): Told | null {
  if (cluster.systemIdentifier === null || historyAhead === undefined) return null;
  const { systemIdentifier } = cluster;
  return { label: `the WAL in ${path}`, location, systemIdentifier, ...historyAhead };
}

/** What is built of a copy and WAL has the history of that WAL. */
function toldBy(
  { settled: { copy, kind, path, label, timeline }, location }: PlacedCopy,
  archives: readonly PlacedArchive[],
): Told | null {
  const { systemIdentifier } = copy.cluster;
  if (kind === 'continuous') {
    const own = archives.filter((one) => one.archive.path === path && one.location === location);
    const told = own.map(toldByArchive).find((one) => one?.systemIdentifier === systemIdentifier);
    return told ?? null;
  }
  if (copy.history === undefined || timeline === null || systemIdentifier === null) return null;
  return { label, location, systemIdentifier, timeline, ancestors: copy.history };
}

function isOther(own: Told, other: Told): boolean {
  if (own.systemIdentifier !== other.systemIdentifier) return false;
  const at = other.ancestors.findIndex(({ timeline }) => timeline === own.timeline);
  if (other.timeline !== own.timeline && at < 0) return false;
  const before = other.timeline === own.timeline ? other.ancestors : other.ancestors.slice(0, at);
  return textOf(before) !== textOf(own.ancestors);
}

function textOf(ancestors: readonly Ancestor[]): string {
  return JSON.stringify(ancestors.map(({ timeline, switchLsn }) => [timeline, lsnPosition(switchLsn)]));
}
