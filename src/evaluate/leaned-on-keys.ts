import type { Observation, Truth } from '../model/control.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { kmsAliasName } from '../model/kms-alias.ts';
import { instantText } from '../model/text.ts';
import { type Holder, keyText } from './custody-nodes.ts';
import { MATERIAL_KEPT, withKeptMaterial, withoutMaterial } from './imported-material.ts';
import { customersCustody } from './kms-custody.ts';
import { aboutSubject } from './remembered.ts';

/** Whether a key by which something is opened is there and can be used. */
export interface KeyThere {
  readonly truth: Truth;
  /** A clause of its own, e.g. `key unseal of vault-2 does not exist`; empty where it is there. */
  readonly because: string;
  /** Undefined where nobody asked about it. */
  readonly observation: Observation<'key-state'> | undefined;
  /** What is attested of its material, and counts. Absent where nothing is. */
  readonly statement?: Observation<'declaration'>;
  /** Of one whose imported material is gone: whether anything can bring that back. Absent elsewhere. */
  readonly material?: Exclude<Truth, 'holds'>;
}

type Attested = readonly Observation<'declaration'>[];

/** The key that a holder is named for, as its provider shows it; undefined where nobody asked about it. */
export function leanedOnKey(
  holder: Holder,
  keys: readonly Observation<'key-state'>[],
): Observation<'key-state'> | undefined {
  if (holder.key === null) return undefined;
  return aboutSubject(keys, holder.name).find(({ value: { keyRef } }) => keyRef === holder.key);
}

/**
 * What the provider that is named for a key shows of it.
 *
 * @param keys states of keys that seals and locations lean on, of all providers
 * @param attested what is attested of the material of the provider's keys; null where that is not asked about
 */
export function keyThere(
  holder: Holder,
  keys: readonly Observation<'key-state'>[],
  asOf: Instant,
  attested: Attested | null = null,
): KeyThere {
  const observation = leanedOnKey(holder, keys);
  if (observation === undefined) {
    const because =
      holder.key === null
        ? `it is not known whether the key that opens it is there: state which key of ${holder.name} it is`
        : `it is not known whether ${keyText(holder)} is there: its provider did not show it`;
    return { truth: 'unknown', because, observation };
  }
  const told = keyAsTold(holder, observation, asOf, attested);
  return attested === null || told.truth !== 'holds' ? told : withCustody(told, holder, observation, attested);
}

/**
 * What a provider said of one key.
 *
 * @param attested as of {@link keyThere}
 */
export function keyAsTold(
  holder: Holder,
  observation: Observation<'key-state'>,
  asOf: Instant,
  attested: Attested | null = null,
): KeyThere {
  const { state, canDecrypt, deletionDate, isBeingMade, isOtherVersionThere, replicas, identity, keyType } =
    observation.value;
  const isAlias = kmsAliasName(holder.key ?? '') !== null;
  const pointsTo = isAlias && identity !== null ? ` (${identity})` : '';
  const told = (truth: Truth, what: string): KeyThere => ({
    truth,
    because: what === '' ? '' : `${keyText(holder)}${pointsTo} ${what}`,
    observation,
  });
  const lacks = lackingMaterial(observation, asOf);
  if (lacks !== null) {
    // Where nobody asks who kept it, as of live stores, nothing brings it back that is known.
    if (attested === null) return { ...told('fails', lacks), material: 'fails' };
    const kept = attested.filter(({ value }) => value.statement === MATERIAL_KEPT);
    const live = withKeptMaterial(withoutMaterial(lacks, replicas ?? null), kept);
    const material = live.state === 'lost' ? 'fails' : 'unknown';
    return { ...told('fails', live.because), material, ...(kept[0] === undefined ? {} : { statement: kept[0] }) };
  }
  switch (state) {
    case 'missing':
      return told('fails', isOtherVersionThere === true ? 'has no such version' : 'does not exist');
    case 'disabled':
      return told('fails', 'is disabled');
    case 'pending-deletion':
      return told('fails', `will be deleted${deletionDate === null ? '' : ` on ${instantText(deletionDate)}`}`);
    case 'pending-import':
      return told('fails', 'has no key material');
    case 'unavailable':
      return told('fails', isBeingMade === true ? 'is still being made' : 'cannot be used by its provider');
    case 'enabled':
      if (canDecrypt !== false) {
        const dates = outOfDates(observation, asOf);
        return dates === null ? told('holds', '') : told('fails', dates);
      }
      return told('fails', keyType == null ? 'cannot decrypt' : `is of type ${keyType}, which cannot decrypt`);
  }
}

/**
 * What is encrypted by an alias, where that does not tell by which key: it points nowhere by now, which takes no key away, or
 * since when it points to its key is not told.
 *
 * @returns null where the key is named by itself, or the alias tells since when it points to it
 */
export function untoldByAlias(holder: Holder, { observation }: Pick<KeyThere, 'observation'>): string | null {
  if (observation === undefined || kmsAliasName(holder.key ?? '') === null) return null;
  const { state, aliasSetAt = null, identity } = observation.value;
  const todo = 'state the key by its ARN';
  if (state === 'missing') {
    return `${keyText(holder)} is an alias that points to no key, and which key it pointed to is not known: ${todo}`;
  }
  if (aliasSetAt !== null) return null;
  const key = identity === null ? 'its key' : identity;
  return `${keyText(holder)} is an alias, and since when it points to ${key} is not told (kms:ListAliases): before, it may have been another key; ${todo}`;
}

/** How a key lacks the material that was imported into it, as a clause; null where it does not. */
function lackingMaterial({ value }: Observation<'key-state'>, asOf: Instant): string | null {
  const { state, expiresAt, attributes, namedVersions } = value;
  if (state === 'pending-import') return 'has no key material';
  // Dates of keys in HSMs and in Azure can be set anew, and take no material away.
  if (state !== 'enabled' || expiresAt === null || attributes !== undefined || namedVersions !== undefined) return null;
  return toMillis(expiresAt) <= toMillis(asOf) ? `expired on ${instantText(expiresAt)}` : null;
}

/** That a key in an HSM may not be used by its dates, which can be set anew, as a clause; null where it may. */
export function outOfDates(
  { value: { expiresAt, attributes } }: Pick<Observation<'key-state'>, 'value'>,
  asOf: Instant,
): string | null {
  if (attributes === undefined) return null;
  if (expiresAt !== null && toMillis(expiresAt) <= toMillis(asOf)) return `expired on ${instantText(expiresAt)}`;
  const { startsAt } = attributes;
  return startsAt !== null && toMillis(startsAt) > toMillis(asOf)
    ? `may not be used before ${instantText(startsAt)}`
    : null;
}

/** A key that is there, whose material its service does not keep: nothing shows that it is kept, unless somebody attests it. */
function withCustody(
  there: KeyThere,
  holder: Holder,
  observation: Observation<'key-state'>,
  attested: Attested,
): KeyThere {
  const custody = customersCustody(observation.value);
  if (custody === null) return there;
  const statement = attested.find(({ value }) => value.statement === custody.statement);
  if (statement !== undefined) return { ...there, statement };
  const because = `${keyText(holder)}: ${custody.missing}: attest ${custody.statement} of provider ${holder.name}`;
  return { ...there, truth: 'unknown', because };
}

/** What a judgement about such a key rests on. */
export function citesOfKey({ observation, statement }: KeyThere): readonly Observation[] {
  return [...(observation === undefined ? [] : [observation]), ...(statement === undefined ? [] : [statement])];
}

/** Whether what is attested of a key's material could change what becomes of it. */
export function isAttestable(observation: Observation<'key-state'> | undefined, asOf: Instant): boolean {
  if (observation === undefined) return false;
  return lackingMaterial(observation, asOf) !== null || customersCustody(observation.value) !== null;
}
