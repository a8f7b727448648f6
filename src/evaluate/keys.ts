import { parseAzureKeyReference, sameAzureKey } from '../model/azure-key-reference.ts';
import type { Observation, Truth } from '../model/control.ts';
import type { Facts, Moment } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';

/** Provider kind of the key_providers dataset that numbers the versions of a key, from 1 on (Vault API documentation, Transit). */
export const VAULT = 'vault-transit';
/** Provider kind of the key_providers dataset whose versions have names. */
export const AZURE = 'azure-key-vault';

/**
 * Which versions of a wrapping key are in use, which of them a copy needs, and whether the live key can still decrypt
 * them. Everything is about one keyring.
 */

/** One use of a key version. `version` null: the provider has no versions, the key as a whole is used. */
export interface KeyUse {
  readonly version: number | null;
  readonly state: Facts['key-version']['state'];
  /** When the record that uses it was made, so the version existed by then; null where nothing records it. */
  readonly since: Instant | null;
  /** When the use ended; null while active, and where nothing records it. */
  readonly until: Instant | null;
  /** Of a provider whose versions have names: the one that the reference to the key states, if it does. Absent elsewhere. */
  readonly named?: { readonly name: string | null };
  /** Of a provider that numbers versions, each one more than the last. Absent elsewhere, where numbers mean nothing to it. */
  readonly isNumbered?: true;
  readonly observation: Observation;
}

/**
 * The uses of one keyring's key, by the records of its organization's tenant database that name the key. The install
 * keyring has no such records: its keyring row tells the current version and since when.
 *
 * @param records every key-version record of the organization; null for the install keyring
 */
export function keyUses(
  keyring: Observation<'keyring'>,
  records: readonly Observation<'key-version'>[] | null,
): readonly KeyUse[] {
  if (records === null) {
    const { currentVersion, rotatedAt } = keyring.value;
    const use = { version: currentVersion, state: 'active', since: rotatedAt, until: null } as const;
    return [{ ...use, ...ofKind(keyring.value, keyring.value.keyRef), observation: keyring }];
  }
  return records
    .filter(({ value }) => meansKeyOf(keyring.value, value.keyRef))
    .map((observation) => {
      const { version, state, createdAt, retiredAt } = observation.value;
      const use = { version, state, since: createdAt, until: state === 'active' ? null : retiredAt };
      return { ...use, ...ofKind(keyring.value, observation.value.keyRef), observation };
    });
}

/** Whether a reference means the keyring's key; of a version that has a name, the key alone counts. */
function meansKeyOf({ providerKind, keyRef }: Facts['keyring'], other: string): boolean {
  return keyRef === other || (providerKind === AZURE && sameAzureKey(keyRef, other));
}

function ofKind({ providerKind }: Facts['keyring'], keyRef: string): Pick<KeyUse, 'named' | 'isNumbered'> {
  if (providerKind === VAULT) return { isNumbered: true };
  return providerKind === AZURE ? { named: { name: parseAzureKeyReference(keyRef)?.version ?? null } } : {};
}

/** Key references that records use and no keyring names: nothing tells where these keys are. */
export function unknownKeyRefs(
  keyrings: readonly Observation<'keyring'>[],
  records: readonly Observation<'key-version'>[],
): readonly string[] {
  const named = new Set(keyrings.map(({ value }) => value.keyRef));
  return [...new Set(records.map(({ value }) => value.keyRef))]
    .filter((keyRef) => !named.has(keyRef) && !keyrings.some(({ value }) => meansKeyOf(value, keyRef)))
    .sort();
}

/** A version that opening a copy takes; `certainty` unknown where the times known leave it open. */
export interface NeededVersion {
  readonly version: number | null;
  readonly certainty: Exclude<Truth, 'fails'>;
  /** That it was used is on no record: it is between two that are. Absent elsewhere. */
  readonly isUnrecorded?: true;
  readonly use: KeyUse;
}

/**
 * Versions that opening a copy takes: all in use at or before its moment, retired or not. A destroyed one is needed
 * only by copies from before it ended; so is a retired one where policy says that retired means rewrapped.
 *
 * The install keyring tells only its current version: of a copy from before the last rotation the earlier versions
 * may be needed.
 *
 * @param moment null: the copy does not tell, so that any version may be needed
 */
export function neededVersions(
  uses: readonly KeyUse[],
  moment: Moment | null,
  policy: Pick<Policy, 'retiredMeansRewrapped'>,
): readonly NeededVersion[] {
  return strongest(uses.flatMap((use) => neededOf(use, moment, policy)));
}

/**
 * A number that nobody checked must not cost the run. The lowest stand for all: Vault trims and blocks versions from the
 * lowest on.
 */
const MOST_EARLIER_VERSIONS = 1000;

function neededOf(
  use: KeyUse,
  moment: Moment | null,
  policy: Pick<Policy, 'retiredMeansRewrapped'>,
): readonly NeededVersion[] {
  const started = startedBy(use.since, moment);
  const ends = use.state === 'destroyed' || (use.state === 'retired' && policy.retiredMeansRewrapped);
  const stillThere = ends ? notEndedBy(use.until, moment) : 'holds';
  const own: NeededVersion[] = [];
  if (started !== 'fails' && stillThere !== 'fails') {
    const certainty = started === 'holds' && stillThere === 'holds' ? 'holds' : 'unknown';
    own.push({ version: use.version, certainty, use });
  }
  const isKeyring = use.observation.subject.kind === 'install';
  if (!isKeyring || started === 'holds') return own;
  // Without a number, any version that was there before may be meant.
  if (use.version === null && use.named !== undefined) {
    return [...own, { version: null, certainty: 'unknown', use: { ...use, named: { name: null } } }];
  }
  if (use.version === null) return own;
  const length = Math.min(MOST_EARLIER_VERSIONS, Math.max(0, use.version - 1));
  const earlier = Array.from({ length }, (_, index) => index + 1);
  return [...own, ...earlier.map((version) => ({ version, certainty: 'unknown' as const, use }))];
}

/** Whether what is used since an instant was used at the moment of a copy. */
export function startedBy(since: Instant | null, moment: Moment | null): Truth {
  if (since === null || moment === null) return 'unknown';
  if (since <= moment.notBefore) return 'holds';
  return since <= moment.notAfter ? 'unknown' : 'fails';
}

/** Whether a use that ended at an instant had not by the moment of a copy. */
export function notEndedBy(until: Instant | null, moment: Moment | null): Truth {
  if (until === null || moment === null) return 'unknown';
  if (until > moment.notAfter) return 'holds';
  return until > moment.notBefore ? 'unknown' : 'fails';
}

/** One entry per version, the most certain; ascending. */
export function strongest(needed: readonly NeededVersion[]): readonly NeededVersion[] {
  const best = new Map<number | string | null, NeededVersion>();
  for (const one of needed) {
    const meant = whatIsMeant(one);
    const known = best.get(meant);
    if (known === undefined || isStronger(one, known)) best.set(meant, one);
  }
  return [...best.values()].sort((a, b) => (a.version ?? 0) - (b.version ?? 0));
}

/** The certain one; of two alike the one since when it is used later, which bounds the creation of the version less. */
function isStronger(one: NeededVersion, known: NeededVersion): boolean {
  if (one.certainty !== known.certainty) return one.certainty === 'holds';
  return (one.use.since ?? '') > (known.use.since ?? '');
}

/**
 * Where versions have names, the name, or what else tells which may be meant: the number, and since when it is used. A
 * destroyed version may be of a key that another one of its name has replaced, which counts from the same number on.
 */
export function whatIsMeant({ version, use }: NeededVersion): number | string | null {
  if (use.named === undefined) return use.state === 'destroyed' ? `${version} destroyed, of ${use.since}` : version;
  return use.named.name ?? `${version} ${use.since}`;
}

/** A version in a sentence. */
export function versionText(version: number | null): string {
  return version === null ? 'the key' : `version ${version} of the key`;
}
