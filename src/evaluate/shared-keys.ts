import { parseAzureKeyReference } from '../model/azure-key-reference.ts';
import type { ComparedPart, OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { kmsAliasName } from '../model/kms-alias.ts';
import { comparisonAbout } from './comparison-evidence.ts';
import { AWS_KMS, AZURE, PKCS11, VAULT } from './key-needs.ts';

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
  /** Check values that keys of several organizations show: they may be one key, and at random some are alike. */
  readonly alike: ReadonlySet<string>;
  /** Organizations whose keyrings are not known. */
  readonly unread: number;
  /** Organizations with a key of which the provider did not tell what it is beyond its name. */
  readonly unidentified: number;
}

export function createKeySurvey(): KeySurvey {
  const owners = new Map<string, number>();
  const shared = new Set<string>();
  const likenesses = new Map<string, number>();
  const alike = new Set<string>();
  const note = (name: string, owner: number, first: Map<string, number>, several: Set<string>): void => {
    const known = first.get(name);
    if (known === undefined) first.set(name, owner);
    else if (known !== owner) several.add(name);
  };
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
      for (const name of keys.flatMap(namesOf)) note(name, owner, owners, shared);
      for (const likeness of keys.flatMap(likenessOf)) note(likeness, owner, likenesses, alike);
    },
    finish() {
      owners.clear();
      likenesses.clear();
      return { shared, alike, unread, unidentified };
    },
  };
}

/** Says which of an organization's keys another organization uses, too. */
export function keySharingOf(
  { shared, alike, unread, unidentified }: ComparedKeys,
  part: OrganizationPart,
  asOf: Instant,
): AnyEvidence {
  const keys = keysOf(part);
  const own = keys ?? [];
  const isAlike = (key: Key) => likenessOf(key).some((likeness) => alike.has(likeness));
  const items = own.filter((key) => namesOf(key).some((name) => shared.has(name)));
  return comparisonAbout(part, {
    kind: 'key-overlap',
    of: 'keyring',
    source: 'comparison of all keyrings',
    asOf,
    items: items.map(({ keyring }) => ({ keyringId: keyring.keyringId })),
    blindSpot: blindSpotFor(keys, unread, unidentified) ?? (items.length === 0 ? doubtOf(own, isAlike) : null),
  });
}

/** What speaks against a key being nobody else's where no name of it is. That its provider shows it is no proof, and the least. */
function doubtOf(keys: readonly Key[], isAlike: (key: Key) => boolean): BlindSpot | null {
  if (keys.some(({ isShown }) => !isShown)) return OWN_UNSEEN;
  return keys.some(isAlike) ? ALIKE : null;
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
  /** True where the provider has no such key, which then is nobody else's either. */
  readonly isMissing: boolean;
  /** False where its provider did not answer, so that all there is to it is a name in the install database. */
  readonly isShown: boolean;
  readonly attributes: Facts['key-state']['attributes'];
}

/** The keys of an organization; null where its keyrings are not known. */
function keysOf(part: ComparedPart): readonly Key[] | null {
  const keyrings = part.evidence.filter((record) => record.kind === 'keyring');
  if (keyrings.length === 0 || keyrings.some(({ blindSpot }) => blindSpot !== null)) return null;
  const states = new Map<string, Facts['key-state']>();
  for (const record of part.evidence) {
    if (record.kind !== 'key-state') continue;
    for (const state of record.items) states.set(record.subject.key, state);
  }
  // The same row is told of the organization and of the keyring itself.
  const rows = new Map(keyrings.flatMap(({ items }) => items).map((row) => [row.keyringId, row]));
  return [...rows.values()].map((keyring) => {
    const state = states.get(keyring.keyringId);
    return {
      keyring,
      identity: state?.identity ?? null,
      isMissing: state?.state === 'missing',
      isShown: state !== undefined,
      attributes: state?.attributes,
    };
  });
}

/** What two keyrings with the same key have in common: its name in its provider, or what it is whatever its name. */
function namesOf(key: Key): readonly string[] {
  const { keyring, identity, attributes } = key;
  const { providerId, providerKind, keyRef } = keyring;
  // In Azure, deleting a key takes all its versions.
  const named = providerKind === AZURE ? (parseAzureKeyReference(keyRef)?.name ?? keyRef) : keyRef;
  const name = `name ${providerId} ${named}`;
  const told = identity ?? (providerKind === AWS_KMS && !isAlias(keyRef) ? keyRef : null);
  const names = told === null ? [name] : [name, `identity ${told.replace(KEY_ARN, '')}`];
  // The same key on two tokens bears the same id there.
  const id = attributes?.id ?? null;
  return id === null ? names : [...names, ...likenessOf(key).map((likeness) => `${likeness} ${id}`)];
}

/** What two copies of one key in HSMs have in common: three bytes, which at random other keys show, too. */
function likenessOf({ attributes }: Key): readonly string[] {
  const { checkValue = null, keyType = null } = attributes ?? {};
  return checkValue === null ? [] : [`check value ${keyType} ${checkValue}`];
}

/** AWS KMS Developer Guide, "Key identifiers": an ARN ends in the key id, which replicas in other regions share. */
const KEY_ARN = /^arn:[^/]*:key\//;

function isAlias(keyRef: string): boolean {
  return kmsAliasName(keyRef) !== null;
}

/** Vault Transit and Azure have no aliases: a key is its name (Vault documentation, Transit API, "Read key"; Azure, "Object identifiers"). */
function mayHaveAliases({ keyring }: Key): boolean {
  if (keyring.providerKind === AZURE) return false;
  return keyring.providerKind !== VAULT && !(keyring.providerKind === AWS_KMS && !isAlias(keyring.keyRef));
}

function isUnidentified(key: Key): boolean {
  // An alias of KMS that leads nowhere may have led to a key that others use; a label of an HSM is the key's own.
  const isNobodys = key.isMissing && key.keyring.providerKind === PKCS11;
  return mayHaveAliases(key) && key.identity === null && !isNobodys;
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

const OWN_UNSEEN: BlindSpot = {
  reason: 'not-asked',
  detail: 'its provider did not show its key, so nobody saw which key stands behind the recorded name',
  remedy:
    'Read the blind spots of its key provider, and let that show the key, with the rights that recoverage permissions prints.',
};

const ALIKE: BlindSpot = {
  reason: 'not-asked',
  detail: 'a key of another organization shows the same check value under another id: it may be a copy of this key',
  remedy: 'Ask whoever made the keys whether one was copied from the other; give each organization a key of its own.',
};

const OTHERS_UNIDENTIFIED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the provider did not tell of every organization which key is behind its name, and one may be this key',
  remedy: 'Read the blind spots of the keyrings of other organizations.',
};
