import { parseAzureKeyReference } from '../model/azure-key-reference.ts';
import type { ComparedPart, OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { comparisonAbout } from './comparison-evidence.ts';
import { AWS_KMS, AZURE, VAULT } from './key-needs.ts';

/** Folds the wrapping keys that organizations are recorded with, so that shared ones can be told. */
export interface KeySurvey {
  /** @param owner number of the organization, counted in the order of the parts */
  add(part: ComparedPart, owner: number): void;
  /** Ends the folding. */
  finish(): ComparedKeys;
}

/** Keys that more than one organization has, and of how many organizations they are not all known. Plain data. */
export interface ComparedKeys {
  readonly shared: ReadonlySet<string>;
  /** Organizations whose keyrings are not known. */
  readonly unread: number;
  /** Organizations with a key of which the provider did not tell what it is beyond its name. */
  readonly unidentified: number;
}

export function createKeySurvey(): KeySurvey {
  const owners = new Map<string, number>();
  const shared = new Set<string>();
  let unread = 0;
  let unidentified = 0;
  return {
    add(part, owner) {
      const keys = keysOf(part);
      if (keys === null) {
        unread += 1;
        return;
      }
      if (keys.some(isUnidentified)) unidentified += 1;
      for (const key of keys.flatMap(namesOf)) {
        const first = owners.get(key);
        if (first === undefined) owners.set(key, owner);
        else if (first !== owner) shared.add(key);
      }
    },
    finish() {
      owners.clear();
      return { shared, unread, unidentified };
    },
  };
}

/** Says which of an organization's keys another organization uses, too. */
export function keySharingOf(
  { shared, unread, unidentified }: ComparedKeys,
  part: OrganizationPart,
  asOf: Instant,
): AnyEvidence {
  const keys = keysOf(part);
  const own = keys ?? [];
  const items = own.filter((key) => namesOf(key).some((name) => shared.has(name)));
  return comparisonAbout(part, {
    kind: 'key-overlap',
    of: 'keyring',
    source: 'comparison of all keyrings',
    asOf,
    items: items.map(({ keyring }) => ({ keyringId: keyring.keyringId })),
    blindSpot: blindSpotFor(keys, unread, unidentified),
  });
}

/** A key is not told from another one by its name alone where the provider lets one key have several names. */
function blindSpotFor(keys: readonly Key[] | null, unread: number, unidentified: number): BlindSpot | null {
  if (keys === null) return OWN_UNKNOWN;
  if (unread > 0) return OTHERS_UNKNOWN;
  const aliased = keys.filter(mayHaveAliases);
  if (aliased.some(isUnidentified)) return OWN_UNIDENTIFIED;
  return aliased.length > 0 && unidentified > 0 ? OTHERS_UNIDENTIFIED : null;
}

interface Key {
  readonly keyring: Facts['keyring'];
  /** What the provider calls the key whatever name it was asked by; null where it did not tell. */
  readonly identity: string | null;
}

/** The keys of an organization; null where its keyrings are not known. */
function keysOf(part: ComparedPart): readonly Key[] | null {
  const keyrings = part.evidence.filter((record) => record.kind === 'keyring');
  if (keyrings.length === 0 || keyrings.some(({ blindSpot }) => blindSpot !== null)) return null;
  const identities = new Map<string, string>();
  for (const record of part.evidence) {
    if (record.kind !== 'key-state') continue;
    for (const { identity } of record.items) if (identity !== null) identities.set(record.subject.key, identity);
  }
  // The same row is told of the organization and of the keyring itself.
  const rows = new Map(keyrings.flatMap(({ items }) => items).map((row) => [row.keyringId, row]));
  return [...rows.values()].map((keyring) => ({ keyring, identity: identities.get(keyring.keyringId) ?? null }));
}

/** What two keyrings with the same key have in common: its name in its provider, or what it is whatever its name. */
function namesOf({ keyring, identity }: Key): readonly string[] {
  const { providerId, providerKind, keyRef } = keyring;
  // In Azure, deleting a key takes all its versions.
  const key = providerKind === AZURE ? (parseAzureKeyReference(keyRef)?.name ?? keyRef) : keyRef;
  const name = `name ${providerId} ${key}`;
  const told = identity ?? (providerKind === AWS_KMS && !isAlias(keyRef) ? keyRef : null);
  return told === null ? [name] : [name, `identity ${told.replace(KEY_ARN, '')}`];
}

/** AWS KMS Developer Guide, "Key identifiers": an ARN ends in the key id, which replicas in other regions share. */
const KEY_ARN = /^arn:[^/]*:key\//;

function isAlias(keyRef: string): boolean {
  return /^(?:arn:[^/]*:)?alias\//.test(keyRef);
}

/** Vault Transit and Azure have no aliases: a key is its name (Vault documentation, Transit API, "Read key"; Azure, "Object identifiers"). */
function mayHaveAliases({ keyring }: Key): boolean {
  if (keyring.providerKind === AZURE) return false;
  return keyring.providerKind !== VAULT && !(keyring.providerKind === AWS_KMS && !isAlias(keyring.keyRef));
}

function isUnidentified(key: Key): boolean {
  return mayHaveAliases(key) && key.identity === null;
}

const OWN_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'its keyrings are not all known, so its keys cannot be compared with those of others',
  remedy: 'Read the blind spots of dataset keyrings.',
};

const OTHERS_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'the keyrings of other organizations are not all known, and one of them may use the same key',
  remedy: 'Read the blind spots of dataset keyrings.',
};

const OWN_UNIDENTIFIED: BlindSpot = {
  reason: 'not-asked',
  detail: 'its provider did not tell which key is behind the name, and another name may lead to the same key',
  remedy: 'Let the provider show the key, with the rights that recoverage permissions prints.',
};

const OTHERS_UNIDENTIFIED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the provider did not tell of every organization which key is behind its name, and one may be this key',
  remedy: 'Read the blind spots of the keyrings of other organizations.',
};
