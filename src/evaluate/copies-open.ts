import type { JudgeContext, Judgement, Observed, Truth } from '../model/control.ts';
import { type CustodyGraph, custodyGraph } from './custody-graph.ts';
import { judged, regardless } from './define-control.ts';
import { exceptOtherKinds, idleSnapshots, type WaysFacts } from './other-ways.ts';
import type { RecoverableDatabase } from './recovery-databases.ts';
import {
  asTold,
  asUndone,
  obstacleOf,
  type RecoveryGraph,
  reachable,
  recoverable,
  type Way,
} from './recovery-graph.ts';
import type { CUSTODY } from './recovery-needs.ts';
import { obstacleText } from './recovery-order-text.ts';
import type { OpenableSource } from './recovery-sources.ts';
import { remembered } from './remembered.ts';
import { irrelevant, leaningOn } from './self-dependence.ts';
import type { Wanted } from './wanted-back.ts';

/** The same databases, whose copies count as ways back only as far as the keys open them. */
export function asFarAsKeysOpen(
  databases: readonly RecoverableDatabase[],
  openable: readonly (readonly OpenableSource[])[],
): readonly RecoverableDatabase[] {
  return databases.map((database, index) => ({
    ...database,
    sources: (openable[index] ?? []).map(({ source, truth }) => ({ ...source, truth })),
  }));
}

/**
 * Whether some copy of everything that must come back lies where it can be opened. It fails where all of them certainly
 * wait for themselves, or for a key that is gone; what nobody tells of who holds what leaves it as it is, and so does a key
 * that is only blocked. Copies that would not come back with every key at hand are for others to judge.
 *
 * @param copyNeeds names of the needs that tell of copies, of which one more closes no way
 */
export function judgeCopiesOpen(
  facts: Observed<typeof CUSTODY>,
  wanted: readonly Wanted[],
  context: JudgeContext,
  copyNeeds: readonly string[],
): Judgement {
  const custody = custodyGraph(facts, context);
  const opened = openedIn(custody);
  const graphWith = (graph: RecoveryGraph) =>
    new Map([...graph, ...wanted.map(({ id, ways }) => [id, ways ?? []] as const)]);
  const gone = wanted.filter(({ ways }) => !hasWay(ways, ['holds'], null));
  const stuck = wanted.find(({ ways }) => hasWay(ways, POSSIBLE, null) && !hasWay(ways, POSSIBLE, opened.possible));
  const open = wanted.find(({ ways }) => hasWay(ways, ['holds'], null) && !hasWay(ways, ['holds'], opened.certain));
  const truth = stuck !== undefined ? 'fails' : open !== undefined ? 'unknown' : 'holds';
  const obstacle =
    stuck !== undefined
      ? obstacleOf(graphWith(opened.undone), stuck.id, 'as open')
      : open !== undefined
        ? obstacleOf(graphWith(opened.told), open.id, 'as closed')
        : null;
  const seen = reachable(
    graphWith(custody.ways),
    wanted.map(({ id }) => id),
  );
  const cites = [...seen].flatMap((id) => (custody.keys.has(id) ? (custody.cites.get(id) ?? []) : []));
  // What is attested against a statement is why what looks certain is not.
  const otherwise = (of: Truth) =>
    of === 'fails'
      ? ''
      : [...seen]
          .flatMap((id) => custody.contradicted.get(id) ?? [])
          .map((text) => `; ${text}`)
          .join('');
  const judgement =
    truth === 'holds'
      ? judged('holds', blockedText(wanted, opened, custody))
      : judged(truth, `${obstacleText(obstacle, custody.ends, truth, wanted)}${otherwise(truth)}`, cites);
  return regardless(
    leaningOn(seen, judgement),
    ...irrelevant(custody, seen, { truth, obstacle, doubt: 'as open', gone }, { copies: [] }),
    // One more way to have something back closes none.
    ...(truth === 'holds' && gone.length === 0 ? ['allSnapshots', 'hostCopies', ...copyNeeds] : []),
  );
}

/** The same of copies of databases, of which a snapshot may bring the keys back: then another copy is wanted. */
export function judgeDatabaseCopiesOpen(
  facts: Observed<typeof CUSTODY> & WaysFacts,
  wanted: readonly Wanted[],
  context: JudgeContext,
  copyNeeds: readonly string[],
): Judgement {
  return exceptOtherKinds(judgeCopiesOpen(facts, wanted, context, [...copyNeeds, ...idleSnapshots(facts)]), facts);
}

const POSSIBLE: readonly Way['truth'][] = ['holds', 'unknown'];

/** @param opened what is there again; null: every key is */
function hasWay(
  ways: Wanted['ways'],
  truths: readonly Way['truth'][],
  opened: ((id: string) => boolean) | null,
): boolean {
  return (ways ?? []).some(
    (way) => truths.includes(way.truth) && (opened === null || way.needs.every(({ id }) => opened(id))),
  );
}

interface Opened {
  /** Once everything was undone that can be. */
  readonly undone: RecoveryGraph;
  /** The same, in which what nobody tells is taken to be there. */
  readonly told: RecoveryGraph;
  readonly possible: (id: string) => boolean;
  readonly certain: (id: string) => boolean;
  /** As everything is now, before anything is undone. */
  readonly now: (id: string) => boolean;
}

/** The same for all organizations: none of it leans on what they want back. */
const openedIn: (custody: CustodyGraph) => Opened = remembered(
  (custody) => [custody],
  (custody) => {
    const undone = asUndone(custody.ways);
    const told = asTold(undone);
    const among = (ids: readonly string[]) => {
      const there = new Set(ids);
      // Of a location of which nothing is known at all, nobody tells what opens it.
      return (id: string) => there.has(id) || !custody.ways.has(id);
    };
    return {
      undone,
      told,
      possible: among(recoverable(undone, 'as open')),
      certain: among(recoverable(told, 'as closed')),
      now: among(recoverable(custody.ways, 'as open')),
    };
  },
);

/** What must be undone before the copies open; empty where nothing must. */
function blockedText(wanted: readonly Wanted[], { now }: Opened, { ways, ends }: CustodyGraph): string {
  const blocked = wanted.find((one) => hasWay(one.ways, ['holds'], null) && !hasWay(one.ways, POSSIBLE, now));
  if (blocked === undefined) return '';
  const obstacle = obstacleOf(new Map([...ways, [blocked.id, blocked.ways ?? []]]), blocked.id, 'as open');
  return `copies of ${blocked.name} open again once this is undone: ${obstacleText(obstacle, ends, 'fails', wanted)}`;
}
