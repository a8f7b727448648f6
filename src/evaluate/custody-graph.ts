import type { JudgeContext, Observation } from '../model/control.ts';
import type { Instant } from '../model/instant.ts';
import type { CustodyBuilder, CustodyFacts } from './custody-builder.ts';
import { addHolder } from './custody-holders.ts';
import type { End } from './custody-nodes.ts';
import { addLocation } from './custody-of-locations.ts';
import { addProvider } from './custody-of-providers.ts';
import { survivalByKey } from './failure-domains.ts';
import type { RecoveryGraph } from './recovery-graph.ts';
import { remembered } from './remembered.ts';

/** What recovers what among providers, locations and the install host, whatever organization asks. */
export interface CustodyGraph {
  readonly ways: RecoveryGraph;
  /** Nodes that stand for a key or a passphrase that must be had, and not for something that is copied. */
  readonly keys: ReadonlySet<string>;
  readonly ends: ReadonlyMap<string, End>;
  /** Observations by the id of the node that rests on them. */
  readonly cites: ReadonlyMap<string, readonly Observation[]>;
  /** Nodes of which nobody could say what their ways are, by the need that would tell. */
  readonly unseen: { readonly providerStates: ReadonlySet<string>; readonly custody: ReadonlySet<string> };
  /** Nodes of which peers of HSMs, or what is attested of providers or of the material of their keys, may be a way back. */
  readonly backedBy: Readonly<Record<'peers' | 'attested' | 'material', ReadonlySet<string>>>;
  /** By location: when the key with which each file there is encrypted was rotated, oldest first, where that matters. */
  readonly rotations: ReadonlyMap<string, readonly Instant[]>;
  /** Nodes of passphrases that somebody attests to be elsewhere than is stated, with that as a clause of its own. */
  readonly contradicted: ReadonlyMap<string, string>;
  /** Nodes that lean on a key of a provider, and those of them of which nobody asked about that key. */
  readonly keysOfProviders: { readonly leaning: ReadonlySet<string>; readonly unseen: ReadonlySet<string> };
}

/** The same of the same facts: organizations that lean on shared providers ask for it in turn. */
export const custodyGraph: (facts: CustodyFacts, context: JudgeContext) => CustodyGraph = remembered(
  (facts, { policy, asOf }) => [
    facts.providerStates,
    facts.providerCustody,
    facts.allProviderDomains,
    facts.allSnapshots,
    facts.keysOfProviders,
    facts.allPeers,
    facts.keysOnPeers,
    facts.backupsOfProviders,
    facts.materialOfProviders,
    facts.locationCustody,
    facts.locationDomains,
    facts.hostDomains,
    facts.hostCopies,
    facts.credentials,
    policy,
    asOf,
  ],
  buildGraph,
);

function buildGraph(facts: CustodyFacts, context: JudgeContext): CustodyGraph {
  const builder: CustodyBuilder = {
    facts,
    context,
    ways: new Map(),
    keys: new Set(),
    ends: new Map(),
    cites: new Map(),
    providerStates: new Set(),
    custody: new Set(),
    peers: new Set(),
    attested: new Set(),
    material: new Set(),
    leaningOnKeys: new Set(),
    unseenKeys: new Set(),
    rotations: new Map(),
    contradicted: new Map(),
    holders: [{ kind: 'outside', name: '', key: null, account: null, region: null }],
    locationSurvives: survivalByKey(facts.locationDomains, context.policy.loss),
  };
  for (const id of keysOf(facts.providerStates, facts.providerCustody, facts.allProviderDomains)) {
    addProvider(builder, id);
  }
  for (const key of keysOf(facts.locationCustody, facts.locationDomains)) addLocation(builder, key);
  // Holders may lean on further holders.
  for (let holder = builder.holders.pop(); holder !== undefined; holder = builder.holders.pop()) {
    addHolder(builder, holder);
  }
  return {
    ways: builder.ways,
    keys: builder.keys,
    ends: builder.ends,
    cites: builder.cites,
    rotations: builder.rotations,
    contradicted: builder.contradicted,
    unseen: { providerStates: builder.providerStates, custody: builder.custody },
    keysOfProviders: { leaning: builder.leaningOnKeys, unseen: builder.unseenKeys },
    backedBy: { peers: builder.peers, attested: builder.attested, material: builder.material },
  };
}

function keysOf(...lists: readonly (readonly Observation[])[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list.map(({ subject }) => subject.key)))].sort();
}
