import type { Truth } from '../model/control.ts';
import { ofKey } from './kept-by-key.ts';

/*
 * What recovers what, as a graph of alternatives: a node is there again where one of its ways is open and everything
 * that this way needs is there again. What outlives the loss by itself has a way that needs nothing. Pure; every walk
 * takes nodes and ways in a fixed order, so that the same graph gives the same words.
 */

/** Something that a way needs. */
export interface GraphNeed {
  readonly id: string;
  /** The step from the node to it as a clause, e.g. `vault-a is unsealed by key k of vault-b`; empty where it tells nothing. */
  readonly text: string;
}

/** One way to have a node back. */
export interface Way {
  /** Whether the way is there at all, as far as its own conditions tell. */
  readonly truth: Truth;
  readonly needs: readonly GraphNeed[];
  /** Of one that is closed, or may be: what it is once everything was undone that can be. Absent where that is the same. */
  readonly undone?: Truth;
  /** Present where its truth is not known because nobody tells of it at all. */
  readonly isUntold?: true;
}

/** Ways by the id of the node. What is needed and stands in no graph has no way. */
export type RecoveryGraph = ReadonlyMap<string, readonly Way[]>;

/** How ways of unknown truth count. */
export type Doubt = 'as open' | 'as closed';

/** The same nodes, with other ways. */
function changed(graph: RecoveryGraph, change: (way: Way) => Way): RecoveryGraph {
  return new Map([...graph].map(([id, ways]) => [id, ways.map(change)]));
}

/** The same graph, in which what nobody tells is taken to be there. */
export function asTold(graph: RecoveryGraph): RecoveryGraph {
  return changed(graph, (way) => (way.isUntold === true ? { truth: 'holds', needs: [] } : way));
}

/** The same graph, once everything was undone that can be. */
export function asUndone(graph: RecoveryGraph): RecoveryGraph {
  return changed(graph, ({ undone: truth, ...way }) => (truth === undefined ? way : { ...way, truth }));
}

/** An upper bound on steps that are put into words. */
const SHOWN_STEPS = 12;

function isOpen({ truth }: Way, doubt: Doubt): boolean {
  return truth === 'holds' || (truth === 'unknown' && doubt === 'as open');
}

/**
 * The nodes that come back, in an order in which they can: each after everything that one of its ways needs. Of those
 * that could come next the first by `rank`, then by id.
 */
export function recoverable(
  graph: RecoveryGraph,
  doubt: Doubt,
  rank: (id: string) => number = () => 0,
): readonly string[] {
  const order: string[] = [];
  const back = new Set<string>();
  const missing = new Map<Way, number>();
  const waiting = new Map<string, { readonly id: string; readonly way: Way }[]>();
  const ready = new Set<string>();
  for (const [id, ways] of graph) {
    for (const way of ways.filter((one) => isOpen(one, doubt))) {
      const needed = new Set(way.needs.map((need) => need.id));
      missing.set(way, needed.size);
      if (needed.size === 0) ready.add(id);
      for (const need of needed) ofKey(waiting, need, () => []).push({ id, way });
    }
  }
  for (let next = first(ready, rank); next !== null; next = first(ready, rank)) {
    ready.delete(next);
    back.add(next);
    order.push(next);
    for (const { id, way } of waiting.get(next) ?? []) {
      const left = (missing.get(way) ?? 1) - 1;
      missing.set(way, left);
      if (left === 0 && !back.has(id)) ready.add(id);
    }
  }
  return order;
}

function first(ids: ReadonlySet<string>, rank: (id: string) => number): string | null {
  let best: string | null = null;
  for (const id of ids) {
    if (best === null || rank(id) < rank(best) || (rank(id) === rank(best) && id < best)) best = id;
  }
  return best;
}

/**
 * The nodes that would come back if what they need were taken for granted wherever it in turn needs them: those of
 * {@link recoverable}, and those that only each other keep from it.
 */
function recoverableInCircles(graph: RecoveryGraph, doubt: Doubt): ReadonlySet<string> {
  const left = new Set(graph.keys());
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of left) {
      const ways = graph.get(id) ?? [];
      if (ways.some((way) => isOpen(way, doubt) && way.needs.every((need) => left.has(need.id)))) continue;
      left.delete(id);
      changed = true;
    }
  }
  return left;
}

/** Everything that the nodes lean on by any of their ways, themselves included. */
export function reachable(graph: RecoveryGraph, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const way of graph.get(id) ?? []) open.push(...way.needs.map((need) => need.id));
  }
  return seen;
}

/**
 * What of an order is taken to have the nodes back: of each the way that was open first, and what that needs in turn.
 *
 * @param order of all that comes back, as {@link recoverable} gives it
 */
export function takenFor(
  graph: RecoveryGraph,
  order: readonly string[],
  from: readonly string[],
  doubt: Doubt,
): ReadonlySet<string> {
  const place = new Map(order.map((id, index) => [id, index]));
  const readyAt = (way: Way) => Math.max(-1, ...way.needs.map((need) => place.get(need.id) ?? order.length));
  const taken = new Set<string>();
  const open = from.filter((id) => place.has(id));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (taken.has(id)) continue;
    taken.add(id);
    const ways = (graph.get(id) ?? []).filter((way) => isOpen(way, doubt));
    const chosen = ways.reduce<Way | null>(
      (best, way) => (best === null || readyAt(way) < readyAt(best) ? way : best),
      null,
    );
    open.push(...(chosen?.needs ?? []).map((need) => need.id));
  }
  return taken;
}

/** Why a node does not come back. */
export interface Obstacle {
  /** The steps from the node on, in words. */
  readonly steps: readonly string[];
  /** Ids of the loop in which the steps end, in their order; empty where they end at something that nothing brings back. */
  readonly loop: readonly string[];
  /** The steps of the loop alone, in words, the last leading back to the first. */
  readonly loopSteps: readonly string[];
  /** The node at which the steps end. */
  readonly end: string;
}

/**
 * Follows what a node that does not come back lacks, one step at a time, until it meets itself or something that has no
 * way at all. Where a loop alone is in the way of something, the loop is what is found.
 *
 * @returns null where the node comes back
 */
export function obstacleOf(graph: RecoveryGraph, from: string, doubt: Doubt): Obstacle | null {
  const back = new Set(recoverable(graph, doubt));
  if (back.has(from)) return null;
  const inCircles = recoverableInCircles(graph, doubt);
  const path: { readonly id: string; readonly text: string }[] = [];
  const at = new Map<string, number>();
  let id = from;
  while (!at.has(id)) {
    at.set(id, path.length);
    const next = lacking(graph, id, doubt, back, inCircles);
    if (next === null) return { steps: shown(path), loop: [], loopSteps: [], end: id };
    path.push({ id, text: next.text });
    id = next.id;
  }
  const loop = path.slice(at.get(id));
  return { steps: shown(path), loop: loop.map((step) => step.id), loopSteps: shown(loop), end: id };
}

function shown(path: readonly { readonly text: string }[]): readonly string[] {
  const texts = path.map(({ text }) => text).filter((text) => text !== '');
  return texts.length <= SHOWN_STEPS
    ? texts
    : [...texts.slice(0, SHOWN_STEPS), `and ${texts.length - SHOWN_STEPS} more steps`];
}

/** What keeps a node from coming back: the first thing of a way that only a loop blocks, else of the first way. */
function lacking(
  graph: RecoveryGraph,
  id: string,
  doubt: Doubt,
  back: ReadonlySet<string>,
  inCircles: ReadonlySet<string>,
): GraphNeed | null {
  const ways = (graph.get(id) ?? []).filter((way) => isOpen(way, doubt));
  const circular = ways.find((way) => way.needs.every((need) => inCircles.has(need.id)));
  if (circular !== undefined) return circular.needs.find((need) => !back.has(need.id)) ?? null;
  return ways[0]?.needs.find((need) => !inCircles.has(need.id)) ?? null;
}
