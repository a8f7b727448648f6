import type { JudgeContext, Observation, Observed, Truth } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import type { End, Holder } from './custody-nodes.ts';
import type { Way } from './recovery-graph.ts';
import type { CUSTODY } from './recovery-needs.ts';

export type CustodyFacts = Observed<typeof CUSTODY>;

/** A custody graph under construction. */
export interface CustodyBuilder {
  readonly facts: CustodyFacts;
  readonly context: JudgeContext;
  readonly ways: Map<string, readonly Way[]>;
  readonly keys: Set<string>;
  readonly ends: Map<string, End>;
  readonly cites: Map<string, readonly Observation[]>;
  readonly providerStates: Set<string>;
  readonly custody: Set<string>;
  readonly peers: Set<string>;
  readonly attested: Set<string>;
  /** Nodes that lean on a key whose material its service does not keep, or no longer has. */
  readonly material: Set<string>;
  /** Nodes that lean on a key of a provider, and those of them of which nobody asked about that key. */
  readonly leaningOnKeys: Set<string>;
  readonly unseenKeys: Set<string>;
  /** By location: when the key with which each file there is encrypted was rotated, oldest first, where that matters. */
  readonly rotations: Map<string, readonly Instant[]>;
  /** Nodes of passphrases that somebody attests to be elsewhere than is stated, with that as a clause of its own. */
  readonly contradicted: Map<string, string>;
  /** Whose ways are still to be told, as somebody leans on them. */
  readonly holders: Holder[];
  readonly locationSurvives: (key: string) => Truth;
}
