import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { anyOf } from './conclude.ts';
import { type CustodyGraph, custodyGraph } from './custody-graph.ts';
import { openedAt } from './custody-key-ages.ts';
import { providerNode, unlockedNode } from './custody-nodes.ts';
import { judged, onlyAbout, regardless } from './define-control.ts';
import type { RecoverableDatabase } from './recovery-databases.ts';
import {
  asTold,
  type GraphNeed,
  type Obstacle,
  obstacleOf,
  type RecoveryGraph,
  reachable,
  recoverable,
  takenFor,
  type Way,
} from './recovery-graph.ts';
import { CUSTODY } from './recovery-needs.ts';
import { remembered } from './remembered.ts';

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

/** What a judge needs to know besides custody: names of its needs by what another observation of them could do. */
export interface NeedNames {
  /** Those that only tell of further copies. */
  readonly copies: readonly string[];
}

/**
 * Whether anything that must come back waits for itself: for a key, a seal or a passphrase that only what waits for it
 * holds, or that is lost with the host. What no copy brings back, whatever opens it, is not asked about here.
 */
export function judgeSelfDependence(
  facts: Observed<typeof CUSTODY>,
  wanted: readonly Wanted[],
  context: JudgeContext,
  names: NeedNames,
): Judgement {
  const custody = custodyGraph(facts, context);
  // One of which nobody told anything is in no graph, and no less needed for that.
  const untold = wanted.find(({ id, ways }) => ways === null && !custody.ways.has(id));
  if (untold !== undefined) return judged('unknown', `nothing is known of key provider ${untold.name}`);
  const graph = new Map(custody.ways);
  for (const { id, ways } of wanted) if (ways !== null) graph.set(id, ways);
  const ids = wanted.map(({ id }) => id);
  const seen = reachable(graph, ids);
  const looked = lookAt(graph, custody, wanted);
  const truth = looked.truth;
  const cites = [...seen].flatMap((id) => (custody.keys.has(id) ? (custody.cites.get(id) ?? []) : []));
  const because =
    truth === 'holds' ? orderText(graph, wanted, looked) : obstacleText(looked.obstacle, custody.ends, truth, wanted);
  return regardless(leaningOn(seen, judged(truth, because, cites)), ...irrelevant(custody, seen, looked, names));
}

/**
 * Whether the providers of these keyrings wait for themselves, or for a key that is gone: then no snapshot brings them back.
 * Where it is told who holds a key, and whether that is the one which opens it is not known, neither is this. What nobody
 * tells of who holds what leaves it as it is; that is {@link judgeSelfDependence}'s to say.
 */
export function judgeProvidersOpen(
  facts: Observed<typeof CUSTODY>,
  keyrings: readonly Observation<'keyring'>[],
  context: JudgeContext,
): Judgement {
  const wanted = wantedProviders(keyrings);
  const custody = custodyGraph(facts, context);
  const untold = wanted.find(({ id }) => !custody.ways.has(id));
  if (untold !== undefined) return judged('unknown', `nothing is known of key provider ${untold.name}`);
  const seen = reachable(
    custody.ways,
    wanted.map(({ id }) => id),
  );
  const looked = lookAt(toldWays(custody), custody, wanted);
  const { truth } = looked;
  const cites = [...seen].flatMap((id) => (custody.keys.has(id) ? (custody.cites.get(id) ?? []) : []));
  const because =
    truth === 'holds'
      ? 'nothing that opens the key provider is known to wait for it'
      : obstacleText(looked.obstacle, custody.ends, truth, wanted);
  return regardless(
    leaningOn(seen, judged(truth, because, truth === 'holds' ? [] : cites)),
    ...irrelevant(custody, seen, looked, { copies: [] }),
  );
}

/** The same for all organizations. */
const toldWays: (custody: CustodyGraph) => RecoveryGraph = remembered(
  (custody) => [custody],
  ({ ways }) => asTold(ways),
);

export interface Looked {
  readonly truth: Truth;
  readonly obstacle: Obstacle | null;
  readonly doubt: 'as open' | 'as closed';
  /** What has no way back even with every key at hand. */
  readonly gone: readonly Wanted[];
}

function lookAt(graph: RecoveryGraph, custody: CustodyGraph, wanted: readonly Wanted[]): Looked {
  const withKeys = new Map(graph);
  for (const key of custody.keys) withKeys.set(key, [{ truth: 'holds', needs: [] }]);
  const everyKey = new Set(recoverable(withKeys, 'as open'));
  const possible = new Set(recoverable(graph, 'as open'));
  const certain = new Set(recoverable(graph, 'as closed'));
  const asked = wanted.filter(({ id }) => everyKey.has(id));
  const gone = wanted.filter(({ id }) => !everyKey.has(id));
  const stuck = asked.find(({ id }) => !possible.has(id));
  if (stuck !== undefined) {
    return { truth: 'fails', obstacle: obstacleOf(graph, stuck.id, 'as open'), doubt: 'as open', gone };
  }
  const open = asked.filter(({ id }) => !certain.has(id));
  const doubtful = open.find(({ id }) => leansOnKeys(graph, custody, id));
  if (doubtful !== undefined) {
    return { truth: 'unknown', obstacle: obstacleOf(graph, doubtful.id, 'as closed'), doubt: 'as open', gone };
  }
  const doubt = open.length === 0 ? 'as closed' : 'as open';
  return { truth: 'holds', obstacle: null, doubt, gone };
}

/** Whether any way of it needs a key that is not at hand by itself: only then can custody make a difference. */
function leansOnKeys(graph: RecoveryGraph, custody: CustodyGraph, id: string): boolean {
  return [...reachable(graph, [id])].some(
    (node) =>
      (custody.keys.has(node) || !graph.has(node)) &&
      !(graph.get(node) ?? []).some((way) => way.truth === 'holds' && way.needs.length === 0),
  );
}

const ABOUT_PROVIDERS = Object.entries(CUSTODY).flatMap(([name, { of }]) => (of === 'all-providers' ? [name] : []));

/**
 * The same judgement, which no provider changes that nothing leans on. Where nobody tells what something leans on, that is
 * what is not known.
 *
 * @param seen everything that the judged leans on, as nodes
 */
export function leaningOn(seen: ReadonlySet<string>, judgement: Judgement): Judgement {
  const prefix = providerNode('');
  const providers = [...seen].flatMap((id) => (id.startsWith(prefix) ? id.slice(prefix.length) : []));
  return onlyAbout(judgement, ABOUT_PROVIDERS, new Set(providers));
}

/** Needs that could not change the truth whatever else they held. */
export function irrelevant(
  custody: CustodyGraph,
  seen: ReadonlySet<string>,
  { truth, doubt, gone }: Looked,
  names: NeedNames,
): readonly string[] {
  const isSeen = (unseen: ReadonlySet<string>) => [...seen].every((id) => !unseen.has(id));
  const notBacked = [
    ...(isSeen(custody.backedBy.peers) ? ['allPeers', 'keysOnPeers'] : []),
    ...(isSeen(custody.backedBy.attested) ? ['backupsOfProviders'] : []),
    ...(isSeen(custody.keysOfProviders.leaning) || (truth !== 'unknown' && isSeen(custody.keysOfProviders.unseen))
      ? ['keysOfProviders']
      : []),
  ];
  // Where nothing needed has a peer or an attestation, nobody asked for one.
  if (truth === 'unknown') return notBacked;
  const known = {
    providerStates: isSeen(custody.unseen.providerStates),
    custody:
      isSeen(custody.unseen.custody) &&
      [...seen].every((id) => custody.ways.has(id) || !/^(opened|unlocked):/.test(id)),
  };
  return [
    ...(known.providerStates ? ['providerStates'] : []),
    ...(known.custody ? ['providerCustody', 'locationCustody'] : []),
    ...notBacked,
    // Where everything has a way back for certain, another copy is one more way.
    ...(truth === 'holds' && doubt === 'as closed' && gone.length === 0
      ? [...names.copies, 'allSnapshots', 'hostCopies']
      : []),
  ];
}

/** What has to be rebuilt, in an order in which it can be. */
function orderText(graph: RecoveryGraph, wanted: readonly Wanted[], { doubt, gone }: Looked): string {
  const named = new Map(wanted.map((one) => [one.id, one]));
  const rank = (id: string) => named.get(id)?.rank ?? 0;
  const lost = (id: string) => !(graph.get(id) ?? []).some((way) => way.truth === 'holds' && way.needs.length === 0);
  const all = recoverable(graph, doubt, rank);
  const taken = takenFor(graph, all, [...named.keys()], doubt);
  const order = all.flatMap((id) => {
    const name = named.get(id)?.name ?? rebuiltName(id);
    return taken.has(id) && lost(id) && name !== null ? [name] : [];
  });
  const clear = 'nothing that opens it is held by what it opens';
  const without =
    gone.length === 0 ? '' : `; without ${gone.map(({ name }) => name).join(', ')}, which nothing brings back`;
  if (order.length === 0) return gone.length > 0 ? `${clear}${without}` : `${clear}, and all of it outlives the loss`;
  const shown = order.slice(0, SHOWN).join(', ');
  const more = order.length > SHOWN ? `, and ${order.length - SHOWN} more` : '';
  return `${clear}; order of recovery: ${shown}${more}${without}`;
}

const SHOWN = 12;

/** Providers and hosts on the way are rebuilt too; keys and places are not. */
function rebuiltName(id: string): string | null {
  if (id.startsWith('provider:')) return id.slice('provider:'.length);
  return id.startsWith('host:') ? `host ${id.slice('host:'.length)}` : null;
}

export function obstacleText(
  obstacle: Obstacle | null,
  ends: CustodyGraph['ends'],
  truth: 'fails' | 'unknown',
  wanted: readonly Wanted[],
): string {
  if (obstacle === null) return 'what recovers what is not known';
  const { steps, loop, loopSteps, end } = obstacle;
  if (loop.length > 0) {
    // What leads into the loop is told before it, without saying the loop's own steps twice.
    const before = steps.slice(0, steps.length - loopSteps.length);
    return `recovery runs in a circle: ${joined([...before, ...loopSteps])}`;
  }
  const words = ends.get(end);
  const last = truth === 'unknown' ? words?.unknown : words?.never;
  return joined([...steps, last ?? untoldText(end, wanted)]);
}

/** Of a node of which nothing tells more. */
function untoldText(end: string, wanted: readonly Wanted[]): string {
  const one = wanted.find(({ id }) => id === end);
  if (one !== undefined) return `it is not known whether a copy brings ${one.name} back`;
  return `nothing tells how ${rebuiltName(end) ?? `what lies in ${end.slice(end.indexOf(':') + 1)}`} comes back`;
}

function joined(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')}, and ${last}`;
}
