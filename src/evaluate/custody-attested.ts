import type { Observation } from '../model/control.ts';
import { notAttested } from './attested-backups.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { OPEN, providerNode } from './custody-nodes.ts';
import { AZURE } from './key-needs.ts';
import type { Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

/** What is attested of a lost provider. */
interface Attested {
  readonly ways: readonly Way[];
  /** What nobody attests, as a clause after another; empty where nothing is lacking, or nothing would help. */
  readonly lacking: string;
}

/**
 * What is kept of a lost provider in Azure, as a way to have it back. An export of an HSM holds the keys of its day, and
 * since when there is a key that no record uses nobody tells: it stays open.
 */
export function attestedWays(
  builder: CustodyBuilder,
  id: string,
  state: Observation<'provider-state'> | undefined,
): Attested {
  if (state?.value.kind !== AZURE) return { ways: [], lacking: '' };
  builder.attested.add(providerNode(id));
  const attested = aboutSubject(builder.facts.backupsOfProviders, id);
  const lacking = notAttested(state, attested, builder.context.policy.loss);
  if (lacking !== '') return { ways: [], lacking: `; ${lacking}` };
  // A node of its own, so that what rests on somebody's word is told as such.
  const node = `attested:${id}`;
  builder.keys.add(node);
  builder.ways.set(node, [OPEN]);
  builder.cites.set(node, attested);
  return { ways: [{ truth: 'holds', needs: [{ id: node, text: '' }] }], lacking: '' };
}
