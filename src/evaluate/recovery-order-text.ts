import type { CustodyGraph } from './custody-graph.ts';
import { type Doubt, type Obstacle, type RecoveryGraph, recoverable, takenFor } from './recovery-graph.ts';
import type { Wanted } from './wanted-back.ts';

/** What has to be rebuilt, in an order in which it can be. */
export function orderText(
  graph: RecoveryGraph,
  wanted: readonly Wanted[],
  {
    doubt,
    gone,
    doubtful = [],
  }: { readonly doubt: Doubt; readonly gone: readonly Wanted[]; readonly doubtful?: readonly Wanted[] },
): string {
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
  const perhaps =
    doubtful.length === 0 ? '' : `; that ${doubtful.map(({ name }) => name).join(', ')} would be back is not certain`;
  return `${clear}; order of recovery: ${shown}${more}${without}${perhaps}`;
}

const SHOWN = 12;

/** Providers and hosts on the way are rebuilt too; keys and places are not. */
function rebuiltName(id: string): string | null {
  if (id.startsWith('provider:')) return id.slice('provider:'.length);
  return id.startsWith('host:') ? `host ${id.slice('host:'.length)}` : null;
}

/** What something waits for, or that nobody tells. @param ends what is said where a way ends at a node */
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
