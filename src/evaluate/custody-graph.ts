import type { JudgeContext, Observation, Observed, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { compareNames } from '../model/failure-domain.ts';
import { allOf, anyOf } from './conclude.ts';
import { survivalByKey, survives } from './failure-domains.ts';
import { judgeFileCopies } from './files.ts';
import { AWS_KMS, VAULT } from './key-needs.ts';
import { judgeSnapshots } from './key-snapshots.ts';
import type { GraphNeed, RecoveryGraph, Way } from './recovery-graph.ts';
import type { CUSTODY } from './recovery-needs.ts';
import { aboutSubject, remembered } from './remembered.ts';

type Custody = Facts['custody'];
type CustodyNeed = Custody['needs'][number];
type Holder = CustodyNeed['heldBy'][number];
type CustodyFacts = Observed<typeof CUSTODY>;

/** Words for a node at which a search for what is lacking ends. */
export interface End {
  /** Where nothing tells. */
  readonly unknown: string;
  /** Where nothing brings it back. */
  readonly never: string;
}

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
}

export const providerNode = (id: string) => `provider:${id}`;
export const openedNode = (location: string) => `opened:${location}`;
/** Stands for the keys of files there that are encrypted themselves. */
export const unlockedNode = (location: string) => `unlocked:${location}`;

/** The kind of provider that can hold the key of each kind of seal (Vault documentation, "Seal configuration"). */
const SEAL_KINDS: Readonly<Record<string, string>> = {
  transit: VAULT,
  awskms: AWS_KMS,
  azurekeyvault: 'azure-key-vault',
  pkcs11: 'pkcs11',
};
export const SHAMIR = 'shamir';

/** The same of the same facts: organizations that lean on shared providers ask for it in turn. */
export const custodyGraph: (facts: CustodyFacts, context: JudgeContext) => CustodyGraph = remembered(
  (facts, { policy, asOf }) => [
    facts.providerStates,
    facts.providerCustody,
    facts.allProviderDomains,
    facts.allSnapshots,
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

/** A graph under construction. */
interface Builder {
  readonly facts: CustodyFacts;
  readonly context: JudgeContext;
  readonly ways: Map<string, readonly Way[]>;
  readonly keys: Set<string>;
  readonly ends: Map<string, End>;
  readonly cites: Map<string, readonly Observation[]>;
  readonly providerStates: Set<string>;
  readonly custody: Set<string>;
  readonly locationSurvives: (key: string) => Truth;
}

function buildGraph(facts: CustodyFacts, context: JudgeContext): CustodyGraph {
  const builder: Builder = {
    facts,
    context,
    ways: new Map(),
    keys: new Set(),
    ends: new Map(),
    cites: new Map(),
    providerStates: new Set(),
    custody: new Set(),
    locationSurvives: survivalByKey(facts.locationDomains, context.policy.loss),
  };
  addHolder(builder, { kind: 'outside', name: '', key: null, account: null, region: null });
  for (const id of keysOf(facts.providerStates, facts.providerCustody, facts.allProviderDomains)) {
    addProvider(builder, id);
  }
  for (const key of keysOf(facts.locationCustody, facts.locationDomains)) addLocation(builder, key);
  return {
    ways: builder.ways,
    keys: builder.keys,
    ends: builder.ends,
    cites: builder.cites,
    unseen: { providerStates: builder.providerStates, custody: builder.custody },
  };
}

function keysOf(...lists: readonly (readonly Observation[])[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list.map(({ subject }) => subject.key)))].sort();
}

const OPEN: Way = { truth: 'holds', needs: [] };
const UNTOLD: Way = { truth: 'unknown', needs: [] };

/** A provider outlives the loss, or is restored from a snapshot that does and then unsealed. */
function addProvider(builder: Builder, id: string): void {
  const node = providerNode(id);
  if (builder.ways.has(node)) return;
  const { facts, context } = builder;
  const domains = aboutSubject(facts.allProviderDomains, id);
  const outlives = survives(
    domains.map(({ value }) => value),
    context.policy.loss,
  );
  builder.ends.set(node, {
    unknown: `it is not known whether ${id} outlives the loss or can be restored`,
    never: `${id} is lost, and nothing that outlives the loss brings it back`,
  });
  if (outlives === 'holds') {
    builder.ways.set(node, [OPEN]);
    return;
  }
  const state = aboutSubject(facts.providerStates, id)[0];
  if (state === undefined) builder.providerStates.add(node);
  else builder.cites.set(node, [state]);
  builder.ways.set(node, [
    ...(outlives === 'unknown' ? [UNTOLD] : []),
    ...snapshotWays(builder, id),
    // Of other kinds than these nothing is known here of what brings them back, and of one that did not answer neither.
    ...(state?.value.kind === VAULT || state?.value.kind === AWS_KMS ? [] : [UNTOLD]),
  ]);
  addUnsealing(builder, id, state);
}

function snapshotWays({ facts, context }: Builder, id: string): readonly Way[] {
  const snapshots = judgeSnapshots(
    {
      snapshots: aboutSubject(facts.allSnapshots, id),
      providers: aboutSubject(facts.providerStates, id),
      providerDomains: aboutSubject(facts.allProviderDomains, id),
      locationDomains: facts.locationDomains,
    },
    context.policy.loss,
    context.asOf,
  ).filter(({ fromTheFuture }) => !fromTheFuture);
  const byLocation = Map.groupBy(snapshots, ({ observation }) => observation.value.location);
  return [...byLocation].map(([location, there]) => ({
    truth: anyOf(there.map(({ good, survives: outlives }) => allOf([good, outlives]))),
    needs: [
      { id: openedNode(location), text: `the snapshots of ${id} lie in ${location}` },
      { id: unsealNode(id), text: '' },
    ],
  }));
}

const unsealNode = (id: string) => `unseal:${id}`;

function addUnsealing(builder: Builder, id: string, state: Observation<'provider-state'> | undefined): void {
  const node = unsealNode(id);
  builder.keys.add(node);
  const custody = aboutSubject(builder.facts.providerCustody, id)[0];
  const holders = custody?.value.needs.flatMap(({ heldBy }) => heldBy) ?? [];
  if (custody === undefined && state?.value.sealType !== SHAMIR) builder.custody.add(node);
  // Of what kind a holder is decides whether such a seal can use it.
  const isUnseen = ({ kind, name }: Holder) =>
    kind === 'provider' && aboutSubject(builder.facts.providerStates, name).length === 0;
  if (state?.value.sealType !== SHAMIR && holders.some(isUnseen)) builder.providerStates.add(node);
  const { ways, unknown } = unsealing(id, state, custody, builder.facts.providerStates);
  builder.ways.set(node, ways);
  builder.ends.set(node, { unknown, never: unknown });
  builder.cites.set(node, [...(state === undefined ? [] : [state]), ...(custody === undefined ? [] : [custody])]);
  for (const holder of holders) addHolder(builder, holder);
}

/**
 * How a Vault is unsealed: by people with their shares, or by a key that somebody holds.
 *
 * @param states of all providers: the holder must be of a kind that such a seal can use
 */
export function unsealing(
  id: string,
  state: Observation<'provider-state'> | undefined,
  custody: Observation<'custody'> | undefined,
  states: readonly Observation<'provider-state'>[],
): { readonly ways: readonly Way[]; readonly unknown: string } {
  if (state !== undefined && state.value.kind !== VAULT) return { ways: [OPEN], unknown: '' };
  const seal = state?.value.sealType ?? null;
  if (seal === null) return { ways: [UNTOLD], unknown: `it is not known what seals ${id}` };
  if (seal === SHAMIR) return { ways: [OPEN], unknown: '' };
  const holders =
    custody?.value.needs.filter(({ what }) => what === 'unseal-key').flatMap(({ heldBy }) => heldBy) ?? [];
  if (holders.length === 0) {
    const unknown = `${id} unseals itself (seal ${seal}), and nothing tells who holds the key for it: state seal of provider ${id} in the configuration`;
    return { ways: [UNTOLD], unknown };
  }
  const strange = holders.find((holder) => !canHold(seal, holder, states));
  if (strange !== undefined) {
    const unknown = `${id} says that ${seal} unseals it, and ${strange.name}, which is named for it, is of another kind`;
    return { ways: [UNTOLD], unknown };
  }
  const ways = holders.map(
    (holder): Way => ({
      truth: 'holds',
      needs: [{ id: holderNode(holder), text: `${id} is unsealed by ${keyText(holder)}` }],
    }),
  );
  return { ways, unknown: '' };
}

/** Whether a holder is of a kind that a seal can use; one whose kind is not known may be. */
function canHold(seal: string, holder: Holder, states: readonly Observation<'provider-state'>[]): boolean {
  if (holder.kind === 'service') return seal === 'awskms';
  const kind = aboutSubject(states, holder.name)[0]?.value.kind;
  const wanted = SEAL_KINDS[seal];
  return kind === undefined || wanted === undefined || kind === wanted;
}

/** What lies in a location can be opened where every key and passphrase that it takes is there. */
function addLocation(builder: Builder, location: string): void {
  const node = openedNode(location);
  if (builder.ways.has(node)) return;
  const custody = aboutSubject(builder.facts.locationCustody, location)[0];
  const untold = `it is not known what opens what lies in ${location}`;
  builder.ends.set(node, { unknown: untold, never: untold });
  builder.keys.add(node);
  if (custody === undefined) {
    builder.custody.add(node);
    builder.ways.set(node, [UNTOLD]);
    return;
  }
  builder.cites.set(node, [custody]);
  addUnlocked(builder, location, custody.value);
  const needs = custody.value.needs.map(
    (need, index): GraphNeed => ({ id: addHeld(builder, location, need, index), text: '' }),
  );
  builder.ways.set(node, [{ truth: 'holds', needs }]);
}

/** Where a passphrase of the location is known of, it opens those files as well, and is asked for by the location itself. */
function addUnlocked(builder: Builder, location: string, { needs }: Custody): void {
  const node = unlockedNode(location);
  const isKnown = needs.some(({ what }) => what === 'passphrase') || isKeptOutside(builder);
  const unknown = `copies in ${location} are encrypted themselves, and nothing tells who holds the key that opens them: state passphraseKeptIn of that location in the configuration`;
  builder.keys.add(node);
  builder.ways.set(node, [isKnown ? OPEN : UNTOLD]);
  builder.ends.set(node, { unknown, never: unknown });
}

const WHAT: Readonly<Record<CustodyNeed['what'], string>> = {
  'unseal-key': 'key',
  'encryption-key': 'key',
  passphrase: 'passphrase',
};

/** One key or passphrase of a location. @returns its node */
function addHeld(builder: Builder, location: string, need: CustodyNeed, index: number): string {
  const node = `held:${location}#${index}`;
  const { what, heldBy, origin } = need;
  builder.keys.add(node);
  const named = heldBy.map((holder): Way => {
    addHolder(builder, holder);
    const text =
      what === 'passphrase'
        ? `the passphrase of ${location} is kept ${placeText(holder)}`
        : `what lies in ${location} is encrypted with ${keyText(holder)}`;
    return { truth: 'holds', needs: [{ id: holderNode(holder), text }] };
  });
  // A passphrase that was seen somewhere may be elsewhere as well; a key is where it is.
  const elsewhere = origin === 'observed' && (what === 'passphrase' || heldBy.length === 0);
  const attested = isKeptOutside(builder) && what === 'passphrase' ? OPEN : UNTOLD;
  builder.ways.set(node, elsewhere ? [...named, attested] : named);
  builder.ends.set(node, {
    unknown: `nothing tells who holds the ${WHAT[what]} that opens ${location}: state ${what === 'passphrase' ? 'passphraseKeptIn' : 'encryptedBy'} of that location in the configuration`,
    never: `nobody holds the ${WHAT[what]} that opens ${location}`,
  });
  return node;
}

/** Whether somebody attests that the passphrases are kept outside the install host, and that host is what is lost. */
function isKeptOutside({ facts, context }: Builder): boolean {
  const { level, name } = context.policy.loss;
  const isInstallHost = facts.hostDomains.some(({ subject }) => compareNames('host', subject.key, name) === 'same');
  return level === 'host' && isInstallHost && facts.credentials.length > 0;
}

export function holderNode({ kind, name, key, account, region }: Holder): string {
  if (kind === 'service') return `service:${name} ${account ?? ''} ${region ?? ''} ${account === null ? key : ''}`;
  return kind === 'outside' ? 'outside' : `${kind}:${name}`;
}

function keyText({ kind, name, key }: Holder): string {
  const by = kind === 'service' ? `${name}` : name;
  return key === null ? `a key of ${by}` : `key ${key} of ${by}`;
}

function placeText({ kind, name }: Holder): string {
  switch (kind) {
    case 'host':
      return `on host ${name}`;
    case 'location':
      return `in what is backed up in ${name}`;
    case 'outside':
      return `outside (${name})`;
    default:
      return `in ${name}`;
  }
}

function addHolder(builder: Builder, holder: Holder): void {
  const node = holderNode(holder);
  if (builder.ways.has(node)) return;
  const { kind, name, account, region } = holder;
  const lost = kind === 'host' ? `host ${name}` : name;
  builder.ends.set(node, {
    unknown:
      kind === 'host'
        ? `host ${name} is lost, and it is not known whether the copies of its files hold it`
        : `it is not known whether ${lost} outlives the loss: state its failure domain`,
    never: `${lost} is lost, and nothing that outlives the loss brings it back`,
  });
  switch (kind) {
    case 'outside':
      builder.ways.set(node, [OPEN]);
      return;
    case 'provider':
      addProvider(builder, name);
      return;
    case 'place':
      builder.ways.set(node, [{ truth: builder.locationSurvives(name), needs: [] }]);
      return;
    case 'location':
      builder.ways.set(node, [{ truth: builder.locationSurvives(name), needs: [{ id: openedNode(name), text: '' }] }]);
      addLocation(builder, name);
      return;
    case 'service': {
      const domain = { host: null, site: null, account, region, origin: 'observed' } as const;
      builder.ways.set(node, [{ truth: survives([domain], builder.context.policy.loss), needs: [] }]);
      return;
    }
    case 'host':
      builder.ways.set(node, hostWays(builder, name));
  }
}

/**
 * The install host outlives the loss, or its files come back from a backup set that does. Of the sets only the bootstrap
 * file and the state directory are known to be in them: whether what is kept on the host is, nobody looked.
 */
function hostWays({ facts, context }: Builder, host: string): readonly Way[] {
  const domain = { host, site: null, account: null, region: null, origin: 'stated' } as const;
  const stated = aboutSubject(facts.hostDomains, host).map(({ value }) => value);
  const outlives = survives(stated.length === 0 ? [domain] : stated, context.policy.loss);
  const copies = judgeFileCopies(
    aboutSubject(facts.hostCopies, host),
    facts.locationDomains,
    context.policy.loss,
    context.asOf,
  );
  const byLocation = Map.groupBy(copies, ({ observation }) => observation.value.location);
  return [
    { truth: outlives, needs: [] },
    ...[...byLocation].map(
      ([location, there]): Way => ({
        truth: anyOf(there.map(({ counts }) => counts)) === 'fails' ? 'fails' : 'unknown',
        needs: [{ id: openedNode(location), text: `the copies of host ${host} lie in ${location}` }],
      }),
    ),
  ];
}
