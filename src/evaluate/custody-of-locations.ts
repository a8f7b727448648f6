import type { Facts } from '../model/facts.ts';
import { compareNames } from '../model/failure-domain.ts';
import type { Instant } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import type { CustodyBuilder } from './custody-builder.ts';
import { keyOfLocations } from './custody-key-ages.ts';
import {
  beforeNode,
  holderNode,
  keyText,
  OPEN,
  olderNode,
  openedNode,
  placeText,
  UNTOLD,
  unlockedNode,
} from './custody-nodes.ts';
import { byAlias, keyLacking, keyOfHolder, withKey } from './custody-of-keys.ts';
import { peerWays } from './custody-of-peers.ts';
import { rotationsOf, withKeyInside } from './custody-of-snapshots.ts';
import { citesOfKey } from './leaned-on-keys.ts';
import type { GraphNeed, Way } from './recovery-graph.ts';
import { aboutSubject } from './remembered.ts';

type Custody = Facts['custody'];
type CustodyNeed = Custody['needs'][number];

/** What lies in a location can be opened where every key and passphrase that it takes is there. */
export function addLocation(builder: CustodyBuilder, location: string): void {
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
  addOlder(builder, location, custody.value, needs);
  addBefore(builder, location, custody.value, needs);
}

/** What was written before a rotation of the key needs no version from after it, which a snapshot of its Vault may lack. */
function addBefore(builder: CustodyBuilder, location: string, { needs }: Custody, nodes: readonly GraphNeed[]): void {
  const keys = needs.filter(
    ({ what, origin, perObject }) => what === 'encryption-key' && origin === 'stated' && perObject,
  );
  const holders = keys.flatMap(({ heldBy }) => heldBy);
  const rotations = [...new Set(holders.flatMap((holder) => rotationsOf(builder, holder)))].sort();
  builder.rotations.set(location, rotations);
  for (const rotated of rotations) {
    const node = beforeNode(location, rotated);
    const older = needs.map(
      (need, index): GraphNeed =>
        keys.includes(need)
          ? { id: addHeld(builder, location, need, index, rotated), text: '' }
          : (nodes[index] ?? { id: openedNode(location), text: '' }),
    );
    builder.keys.add(node);
    builder.ways.set(node, [{ truth: 'holds', needs: older }]);
  }
}

/** What is older than the key that is stated needs another key of which nothing tells, and the rest as everything there. */
function addOlder(builder: CustodyBuilder, location: string, { needs }: Custody, nodes: readonly GraphNeed[]): void {
  const key = keyOfLocations(builder.facts).get(location);
  if (key === undefined) return;
  const node = olderNode(location);
  const others = nodes.filter((_, index) => needs[index]?.what !== 'encryption-key');
  const before = `what lies in ${location} from before ${instantText(key.since)}`;
  const text =
    key.isPointed === true
      ? `${before} may need another key than the one to which ${keyText(key.holder)}, with which it is stated to be encrypted, points since then`
      : `${before} is older than all that there is of ${keyText(key.holder)}, with which it is stated to be encrypted, and may need another key`;
  builder.keys.add(node);
  builder.ways.set(node, [{ truth: 'unknown', needs: others }]);
  builder.ends.set(node, { unknown: text, never: text });
}

/** Where a passphrase of the location is known of, it opens those files as well, and is asked for by the location itself. */
function addUnlocked(builder: CustodyBuilder, location: string, { needs }: Custody): void {
  const node = unlockedNode(location);
  const isKnown = needs.some(({ what }) => what === 'passphrase') || isKeptOutside(builder);
  const unknown = `copies in ${location} are encrypted themselves, and nothing tells who holds the key that opens them: state passphraseKeptIn of that location in the configuration`;
  builder.keys.add(node);
  builder.ways.set(node, [isKnown ? OPEN : UNTOLD]);
  builder.ends.set(node, { unknown, never: unknown });
}

const CONTRADICTED: Way = { truth: 'fails', undone: 'unknown', needs: [] };

const WHAT: Readonly<Record<CustodyNeed['what'], string>> = {
  'unseal-key': 'key',
  'encryption-key': 'key',
  passphrase: 'passphrase',
};

/**
 * One key or passphrase of a location.
 *
 * @param before of the key only the versions made before then are needed; null: all
 * @returns its node
 */
function addHeld(
  builder: CustodyBuilder,
  location: string,
  need: CustodyNeed,
  index: number,
  before: Instant | null = null,
): string {
  const node = `held:${location}#${index}${before === null ? '' : ` before ${before}`}`;
  const { what, heldBy, origin } = need;
  builder.keys.add(node);
  // A passphrase is a thing kept somewhere, and no key that its holder could be asked about.
  const keys = heldBy.map((holder) =>
    what === 'passphrase' ? null : byAlias(holder, keyOfHolder(builder, node, holder)),
  );
  const named = heldBy.map((holder, at): Way => {
    builder.holders.push(holder);
    const text =
      what === 'passphrase'
        ? `the passphrase of ${location} is kept ${placeText(holder)}`
        : `what lies in ${location} is encrypted with ${keyText(holder)}`;
    const inside = what === 'passphrase' ? [] : withKeyInside(builder, holder, before);
    const way = withKey({ truth: 'holds', needs: [{ id: holderNode(holder), text }, ...inside] }, keys[at]);
    // The default of a bucket tells nothing of objects from before it was set.
    return origin === 'observed' && way.undone === 'fails' ? { ...way, undone: 'unknown' } : way;
  });
  // A passphrase is kept somewhere, and a key of an HSM may be in its peer, too.
  const onPeers = what === 'passphrase' ? [] : heldBy.flatMap((holder) => peerWays(builder, node, holder));
  builder.cites.set(node, [
    ...keys.flatMap((key) => (key === null ? [] : citesOfKey(key))),
    ...onPeers.flatMap(({ cites }) => cites),
  ]);
  // A passphrase that was seen somewhere may be elsewhere as well; a key is where it is.
  const elsewhere = origin === 'observed' && (what === 'passphrase' || heldBy.length === 0);
  const attested = isKeptOutside(builder) && what === 'passphrase' ? OPEN : UNTOLD;
  const all = [...named, ...onPeers.map(({ way }) => way)];
  // Where it is stated to be kept is all there is; that somebody attests otherwise takes the certainty from that.
  const contradicted = !elsewhere && attested === OPEN ? [CONTRADICTED] : [];
  const owner = builder.facts.credentials[0]?.value.owner ?? 'somebody';
  if (contradicted.length > 0) {
    const todo = `state that place in passphraseKeptIn of ${location}, or correct the attestation`;
    builder.contradicted.set(node, `${owner} attests that the passphrases are kept outside the install host: ${todo}`);
  }
  builder.ways.set(node, elsewhere ? [...all, attested] : [...all, ...contradicted]);
  const lacking = keyLacking(keys);
  if (lacking !== null) {
    const encrypted = `what lies in ${location} is encrypted with a key that`;
    builder.ends.set(node, {
      unknown: `${encrypted} is not shown to be there: ${lacking}`,
      never: `${encrypted} cannot be used: ${lacking}`,
    });
    return node;
  }
  builder.ends.set(node, {
    unknown: `nothing tells who holds the ${WHAT[what]} that opens ${location}: state ${what === 'passphrase' ? 'passphraseKeptIn' : 'encryptedBy'} of that location in the configuration`,
    never: `nobody holds the ${WHAT[what]} that opens ${location}`,
  });
  return node;
}

/** Whether somebody attests that the passphrases are kept outside the install host, and that host is what is lost. */
function isKeptOutside({ facts, context }: CustodyBuilder): boolean {
  const { level, name } = context.policy.loss;
  const isInstallHost = facts.hostDomains.some(({ subject }) => compareNames('host', subject.key, name) === 'same');
  return level === 'host' && isInstallHost && facts.credentials.length > 0;
}
