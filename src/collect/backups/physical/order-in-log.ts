import { MINUTE, toMillis } from '../../../model/instant.ts';
import { lsnPosition } from '../../../model/lsn.ts';
import type { SettledCopy } from './settle-copies.ts';

/** How far the clocks of a server and its standbys may be apart, from all of which backups are taken. */
const CLOCKS = 5 * MINUTE;

/** A copy with the place that it lies in, and the servers that it may be of. */
export interface PlacedCopy {
  readonly settled: SettledCopy;
  readonly location: string;
  readonly servers: readonly string[];
}

interface Position {
  readonly one: PlacedCopy;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The log of a server only grows on a timeline: of two copies the later one ends further in it (PostgreSQL documentation,
 * "Write-Ahead Logging"). Where it does not, one of them is of another server that goes back to the same one, such as a
 * clone, and nothing tells which. Copies that may be of different servers are not compared, as these may be clones.
 *
 * @returns what gives one of those that a copy contradicts, or null. What is built of a copy and WAL contradicts what that does
 */
export function contradictions(copies: readonly PlacedCopy[]): (one: PlacedCopy) => PlacedCopy | null {
  const found = new Map<string, PlacedCopy>();
  for (const line of Map.groupBy(copies.flatMap(positionOf), lineOf).values()) {
    const byStart = line.toSorted((a, b) => a.from - b.from);
    const byEnd = line.toSorted((a, b) => a.to - b.to);
    let furthest: Position | null = null;
    let next = 0;
    for (const later of byStart) {
      for (
        let earlier = byEnd[next];
        earlier !== undefined && earlier.to + CLOCKS < later.from;
        earlier = byEnd[next]
      ) {
        if (furthest === null || earlier.end > furthest.end) furthest = earlier;
        next += 1;
      }
      if (furthest === null || furthest.end <= later.end) continue;
      found.set(keyOf(later.one), furthest.one);
      // Whatever was further in the log before: of each of them it may be the odd one.
      for (const earlier of byEnd.slice(0, next)) {
        if (earlier.end > later.end && !found.has(keyOf(earlier.one))) found.set(keyOf(earlier.one), later.one);
      }
    }
  }
  return (one) => found.get(keyOf(one)) ?? null;
}

function keyOf({ location, settled: { copy } }: PlacedCopy): string {
  return JSON.stringify([location, copy.path, copy.label]);
}

function positionOf(one: PlacedCopy): readonly Position[] {
  const { copy, kind, moment, timeline } = one.settled;
  const end = lsnPosition(copy.wal?.stopLsn ?? '');
  if (kind === 'continuous' || moment === null || timeline === null || copy.cluster.systemIdentifier === null)
    return [];
  return Number.isNaN(end) ? [] : [{ one, end, from: toMillis(moment.notBefore), to: toMillis(moment.notAfter) }];
}

function lineOf({ one: { settled, servers } }: Position): string {
  return JSON.stringify([settled.copy.cluster.systemIdentifier, settled.timeline, servers]);
}
