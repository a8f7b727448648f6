import type { Judgement, Observation } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import { holderNode, providerNode } from './custody-nodes.ts';
import { judged, regardless } from './define-control.ts';
import { keyThere } from './leaned-on-keys.ts';
import { obstacleOf, reachable, recoverable, type Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';
import { unsealing } from './unsealing.ts';

/**
 * Whether what holds the key of a Vault that unseals itself answers, and can use it.
 *
 * @param id of the Vault
 * @param others states of all providers
 * @param keys states of the keys that seals and locations lean on, of all providers
 */
export function judgeOpener(
  id: string,
  state: Observation<'provider-state'>,
  custody: Observation<'custody'> | undefined,
  others: readonly Observation<'provider-state'>[],
  keys: readonly Observation<'key-state'>[],
  asOf: Instant,
): Judgement {
  const { unknown } = unsealing(id, state, custody, others);
  const cites = custody === undefined ? [state] : [state, custody];
  if (unknown !== '') return judged('unknown', unknown, cites);
  const [holder] = custody?.value.needs.flatMap(({ what, heldBy }) => (what === 'unseal-key' ? heldBy : [])) ?? [];
  if (holder?.kind !== 'provider') {
    const where = `${holder?.name ?? 'a service'}${holder?.key == null ? '' : ` (${holder.key})`}`;
    return judged(
      'unknown',
      `${where} unseals it, and no provider of the configuration asks whether that answers`,
      cites,
    );
  }
  const opener = aboutSubject(others, holder.name)[0];
  const key = `${holder.key === null ? 'the key' : `key ${holder.key}`} that unseals it`;
  if (opener === undefined) return judged('unknown', `${holder.name} holds ${key} and did not answer`, cites);
  const known = [...cites, opener];
  if (opener.value.sealed === true || opener.value.initialized === false) {
    const how = opener.value.sealed === true ? 'sealed' : 'not initialized';
    return regardless(
      judged('fails', `${holder.name} holds ${key} and is ${how}: after a restart it stays sealed`, known),
      'others',
      'keys',
    );
  }
  const there = keyThere(holder, keys, asOf);
  if (there.observation === undefined) return judged('unknown', `${holder.name} answers; ${there.because}`, known);
  const shown = [...known, there.observation];
  const whateverElse = (judgement: Judgement) => regardless(judgement, 'others', 'keys');
  if (there.truth === 'holds' && state.value.sealed === true) {
    const because = `${holder.name}, which holds ${key}, answers, and ${id} is sealed all the same: that it unseals itself does not work now`;
    return whateverElse(judged('unknown', because, shown));
  }
  if (there.truth === 'holds') {
    return whateverElse(judged('holds', `${holder.name}, which holds ${key}, answers`, shown));
  }
  const then = there.truth === 'fails' ? ': after a restart it stays sealed' : '';
  return whateverElse(judged(there.truth, `${there.because}, and it unseals ${id}${then}`, shown));
}

/** Whether the keys that unseal one Vault after the other end at somebody who waits for none of them. */
export function judgeSealLoop(
  id: string,
  states: readonly Observation<'provider-state'>[],
  custody: readonly Observation<'custody'>[],
): Judgement {
  const graph = new Map<string, readonly Way[]>();
  const unknowns = new Map<string, string>();
  const ids = [...new Set([...states, ...custody].map(({ subject }) => subject.key))].sort();
  for (const one of ids) {
    const { ways, unknown } = unsealing(one, aboutSubject(states, one)[0], aboutSubject(custody, one)[0], states);
    graph.set(providerNode(one), ways);
    unknowns.set(providerNode(one), unknown);
  }
  // Services and people wait for nobody.
  for (const { value } of custody) {
    for (const holder of value.needs.flatMap(({ heldBy }) => heldBy)) {
      const node = holderNode(holder);
      if (!graph.has(node)) graph.set(node, [{ truth: holder.kind === 'provider' ? 'unknown' : 'holds', needs: [] }]);
    }
  }
  const node = providerNode(id);
  const seen = reachable(graph, [node]);
  const cites = [...states, ...custody].filter(({ subject }) => seen.has(providerNode(subject.key)));
  const answered = new Set(states.map(({ subject }) => providerNode(subject.key)));
  const told = new Set(custody.map(({ subject }) => providerNode(subject.key)));
  const providers = [...seen].filter((one) => one.startsWith('provider:'));
  const settled = [
    ...(providers.every((one) => answered.has(one)) ? ['others'] : []),
    ...(providers.every((one) => told.has(one)) ? ['custody'] : []),
  ];
  if (!recoverable(graph, 'as open').includes(node)) {
    const { steps = [], loop = [] } = obstacleOf(graph, node, 'as open') ?? {};
    const how = loop.length === 1 ? 'it waits for itself' : 'each waits for the next';
    return regardless(judged('fails', `${how}: ${steps.join(', and ')}`, cites), ...settled);
  }
  if (recoverable(graph, 'as closed').includes(node)) {
    return regardless(judged('holds', 'what unseals it does not wait for it', cites), ...settled);
  }
  const end = obstacleOf(graph, node, 'as closed')?.end ?? node;
  return judged('unknown', unknowns.get(end) || 'it is not known what its key waits for', cites);
}
