import type { JudgeContext, Observation, Observed, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, MINUTE, toMillis } from '../model/instant.ts';
import { anyOf } from './conclude.ts';
import { CLOCK_TOLERANCE_MINUTES } from './copies.ts';
import { custodyGraph } from './custody-graph.ts';
import { openedAt } from './custody-key-ages.ts';
import { beforeNode, openedNode, providerNode, unlockedNode } from './custody-nodes.ts';
import type { RecoverableDatabase } from './recovery-databases.ts';
import type { Way } from './recovery-graph.ts';
import type { CUSTODY } from './recovery-needs.ts';
import type { StoreKeyNode } from './store-keys.ts';

/** Something that must come back, as a node with its ways. */
export interface Wanted {
  readonly id: string;
  /** Short, for the order of recovery. */
  readonly name: string;
  /** Null where it is a provider, whose ways the graph has. */
  readonly ways: readonly Way[] | null;
  /** Its place among what could come back next. */
  readonly rank: number;
  /** Nodes of its own that its ways need. */
  readonly keys?: readonly StoreKeyNode[];
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
  context: JudgeContext,
): readonly Wanted[] {
  return databases.map(({ key, name, sources }) => {
    const called = kind === 'install database' ? 'the install database' : `database ${name}`;
    return {
      id: `database:${key}`,
      name: called,
      ways: copyWays(facts, context, timed(sources), called),
      rank: RANKS[kind],
    };
  });
}

/** @param stores ways to have the files of each store back, by the id of its binding */
export function wantedFiles(
  stores: ReadonlyMap<string, readonly CopySource[]>,
  facts: Observed<typeof CUSTODY>,
  context: JudgeContext,
): readonly Wanted[] {
  return [...stores].map(([id, sources]) => ({
    id: `store:${id}`,
    name: 'the files',
    ways: copyWays(facts, context, sources, 'the files'),
    rank: RANKS.files,
    keys: sources.flatMap(({ keys = [] }) => keys),
  }));
}

export interface CopySource {
  /** Null for what outlives the loss itself. */
  readonly location: string | null;
  readonly isLocked?: boolean;
  /** When it was written to where it lies, where that is known. */
  readonly writtenAt?: Instant;
  /** Present where that is when all of it was put there, as its place tells. */
  readonly isOneFile?: true;
  readonly truth: Truth;
  /** What it takes besides, where it lies in no location. */
  readonly keys?: readonly StoreKeyNode[];
}

function timed(sources: RecoverableDatabase['sources']): readonly CopySource[] {
  return sources.map(({ location, isLocked, truth, copy }) =>
    copy === null
      ? { location, isLocked, truth }
      : {
          location,
          isLocked,
          truth,
          writtenAt: copy.value.modifiedAt,
          ...(isOneFile(copy.value) ? { isOneFile: true as const } : {}),
        },
  );
}

/** Base backups are restored with WAL that was written later, and a dump in a directory is many files. */
function isOneFile({ physical, format }: Facts['copy']): boolean {
  return physical === undefined && !format.includes('directory');
}

function copyWays(
  facts: Observed<typeof CUSTODY>,
  context: JudgeContext,
  sources: readonly CopySource[],
  called: string,
): readonly Way[] {
  const { rotations } = custodyGraph(facts, context);
  const opener = ({ location, writtenAt, isOneFile }: CopySource) => {
    if (location === null) return null;
    const opened = openedAt(facts, location, writtenAt ?? null);
    if (isOneFile !== true || writtenAt === undefined || opened !== openedNode(location)) return opened;
    const writtenBy = toMillis(writtenAt) + CLOCK_TOLERANCE_MINUTES * MINUTE;
    const rotated = rotations.get(location)?.find((rotation) => writtenBy < toMillis(rotation));
    return rotated === undefined ? opened : beforeNode(location, rotated);
  };
  const alike = Map.groupBy(sources, (source) => JSON.stringify([opener(source), source.isLocked ?? false]));
  return [...alike.values()].map((there) => {
    const [first = NO_SOURCE] = there;
    const { location, isLocked = false, keys = [] } = first;
    const opened = opener(first);
    const text = `the copies of ${called} lie in ${location}`;
    return {
      truth: anyOf(there.map(({ truth }) => truth)),
      needs:
        location === null || opened === null
          ? keys.map(({ id }) => ({ id, text: '' }))
          : [{ id: opened, text }, ...(isLocked ? [{ id: unlockedNode(location), text }] : [])],
    };
  });
}

const NO_SOURCE: CopySource = { location: null, truth: 'fails' };
