import type { Observation, Observed, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { anyOf } from './conclude.ts';
import { openedAt } from './custody-key-ages.ts';
import { providerNode, unlockedNode } from './custody-nodes.ts';
import type { RecoverableDatabase } from './recovery-databases.ts';
import type { GraphNeed, Way } from './recovery-graph.ts';
import type { CUSTODY } from './recovery-needs.ts';

/** Something that must come back, as a node with its ways. */
export interface Wanted {
  readonly id: string;
  /** Short, for the order of recovery. */
  readonly name: string;
  /** Null where it is a provider, whose ways the graph has. */
  readonly ways: readonly Way[] | null;
  /** Its place among what could come back next. */
  readonly rank: number;
}

/** Places in the order of recovery: keys open databases, and the install database tells of the others. */
const RANKS = { provider: 1, 'install database': 2, database: 3, files: 4 } as const;

export function wantedProviders(keyrings: readonly Observation<'keyring'>[]): readonly Wanted[] {
  return [...new Set(keyrings.map(({ value }) => value.providerId))].sort().map((id) => ({
    id: providerNode(id),
    name: id,
    ways: null,
    rank: RANKS.provider,
  }));
}

export function wantedDatabases(
  databases: readonly RecoverableDatabase[],
  kind: 'install database' | 'database',
  facts: Observed<typeof CUSTODY>,
): readonly Wanted[] {
  return databases.map(({ key, name, sources }) => {
    const called = kind === 'install database' ? 'the install database' : `database ${name}`;
    return { id: `database:${key}`, name: called, ways: copyWays(facts, timed(sources), called), rank: RANKS[kind] };
  });
}

/** @param stores ways to have the files of each store back, by the id of its binding */
export function wantedFiles(
  stores: ReadonlyMap<string, readonly CopySource[]>,
  facts: Observed<typeof CUSTODY>,
): readonly Wanted[] {
  return [...stores].map(([id, sources]) => ({
    id: `store:${id}`,
    name: 'the files',
    ways: copyWays(facts, sources, 'the files'),
    rank: RANKS.files,
  }));
}

export interface CopySource {
  /** Null for what outlives the loss itself. */
  readonly location: string | null;
  readonly isLocked?: boolean;
  /** When it was written to where it lies, where that is known. */
  readonly writtenAt?: Instant;
  readonly truth: Truth;
  /** What it takes besides, where it lies in no location. */
  readonly needs?: readonly GraphNeed[];
}

function timed(sources: RecoverableDatabase['sources']): readonly CopySource[] {
  return sources.map(({ location, isLocked, truth, copy }) =>
    copy === null ? { location, isLocked, truth } : { location, isLocked, truth, writtenAt: copy.value.modifiedAt },
  );
}

function copyWays(facts: Observed<typeof CUSTODY>, sources: readonly CopySource[], called: string): readonly Way[] {
  const opener = ({ location, writtenAt }: CopySource) =>
    location === null ? null : openedAt(facts, location, writtenAt ?? null);
  const alike = Map.groupBy(sources, (source) => JSON.stringify([opener(source), source.isLocked ?? false]));
  return [...alike.values()].map((there) => {
    const [first = NO_SOURCE] = there;
    const { location, isLocked = false, needs = [] } = first;
    const opened = opener(first);
    const text = `the copies of ${called} lie in ${location}`;
    return {
      truth: anyOf(there.map(({ truth }) => truth)),
      needs:
        location === null || opened === null
          ? needs
          : [{ id: opened, text }, ...(isLocked ? [{ id: unlockedNode(location), text }] : [])],
    };
  });
}

const NO_SOURCE: CopySource = { location: null, truth: 'fails' };
