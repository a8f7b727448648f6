import type { JudgeContext, Judgement, Observation, Observed } from '../model/control.ts';
import { type CustodyGraph, custodyGraph } from './custody-graph.ts';
import { providerNode } from './custody-nodes.ts';
import { judged, onlyAbout, regardless } from './define-control.ts';
import {
  asTold,
  asUndone,
  type Doubt,
  type Obstacle,
  obstacleOf,
  type RecoveryGraph,
  reachable,
  recoverable,
} from './recovery-graph.ts';
import { CUSTODY } from './recovery-needs.ts';
import { obstacleText, orderText } from './recovery-order-text.ts';
import { remembered } from './remembered.ts';
import { type Wanted, wantedProviders } from './wanted-back.ts';

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
  const custody = withKeysOf(custodyGraph(facts, context), wanted);
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

/** The same graph, with the nodes of their own that what is wanted needs. */
function withKeysOf(custody: CustodyGraph, wanted: readonly Wanted[]): CustodyGraph {
  const nodes = wanted.flatMap(({ keys = [] }) => keys);
  if (nodes.length === 0) return custody;
  return {
    ...custody,
    ways: new Map([...custody.ways, ...nodes.map(({ id, ways }) => [id, ways] as const)]),
    keys: new Set([...custody.keys, ...nodes.map(({ id }) => id)]),
    ends: new Map([...custody.ends, ...nodes.map(({ id, end }) => [id, end] as const)]),
    cites: new Map([...custody.cites, ...nodes.map(({ id, cites }) => [id, cites] as const)]),
  };
}

/**
 * Whether the providers of these keyrings wait for themselves, or for a key that is gone: then no snapshot brings them back.
 * One that waits for a key which is only blocked comes back once that is undone, which is told.
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
  const told = toldWays(custody);
  const looked = lookAt(told.undone, custody, wanted);
  const { truth } = looked;
  const cites = [...seen].flatMap((id) => (custody.keys.has(id) ? (custody.cites.get(id) ?? []) : []));
  const because =
    truth === 'holds'
      ? `nothing that opens the key provider is known to wait for it${blockedText(lookAt(told.now, custody, wanted), custody, wanted)}`
      : obstacleText(looked.obstacle, custody.ends, truth, wanted);
  return regardless(
    leaningOn(seen, judged(truth, because, truth === 'holds' ? [] : cites)),
    ...irrelevant(custody, seen, looked, { copies: [] }),
  );
}

/** What must be undone first, as a clause after another; empty where nothing must. */
function blockedText({ truth, obstacle }: Looked, custody: CustodyGraph, wanted: readonly Wanted[]): string {
  if (truth !== 'fails') return '';
  return `; it opens again once this is undone: ${obstacleText(obstacle, custody.ends, truth, wanted)}`;
}

/** The same for all organizations. */
const toldWays: (custody: CustodyGraph) => { readonly now: RecoveryGraph; readonly undone: RecoveryGraph } = remembered(
  (custody) => [custody],
  ({ ways }) => ({ now: asTold(ways), undone: asTold(asUndone(ways)) }),
);

export interface Looked {
  readonly truth: Judgement['truth'];
  readonly obstacle: Obstacle | null;
  readonly doubt: Doubt;
  /** What has no way back even with every key at hand. */
  readonly gone: readonly Wanted[];
  /** What may have none, whatever the keys. Absent where it was not asked for. */
  readonly doubtful?: readonly Wanted[];
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
  return { truth: 'holds', obstacle: null, doubt, gone, doubtful: open };
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
    ...(isSeen(custody.backedBy.material) ? ['materialOfProviders'] : []),
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
