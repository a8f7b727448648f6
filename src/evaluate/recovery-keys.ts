import type { JudgeContext, Observation, Truth } from '../model/control.ts';
import type { Moment } from '../model/facts.ts';
import { MINUTE } from '../model/instant.ts';
import { MAY_NEED_ANOTHER, MAY_PRECEDE_RECORDS, mayNeedAnotherKey, mayPrecedeRecords } from './before-records.ts';
import { allOf, anyOf } from './conclude.ts';
import { type HeldKey, heldKey } from './held-key.ts';
import { withKeptMaterial } from './imported-material.ts';
import { neededInside, rowsInside } from './inside-versions.ts';
import { liveOf } from './judge-versions.ts';
import { newMap, ofKey } from './kept-by-key.ts';
import { sameKey, sameTarget } from './key-identity.ts';
import { anotherKeyText, asProven, awaitedProof, proofOfAnotherKey, withProof } from './key-proofs.ts';
import { type NeededVersion, neededVersions, versionText } from './keys.ts';
import { reachFirstVersion } from './named-versions.ts';
import { joined, type KeyFacts, type Reasoned } from './recovery-key-facts.ts';
import { remembered } from './remembered.ts';
import { originalInSnapshots, originalKeyText } from './replaced-keys.ts';
import { fromSnapshot, hasSnapshots, nothingKept, perhapsRestored } from './restored-keys.ts';
import { asStated, neededAsStated, nothingInUse } from './stated-version.ts';
import { strangeKeys } from './strange-keys.ts';
import { unrecordedText, unrecordedVersions } from './unrecorded-versions.ts';

/**
 * Whether every key version that a copy of some moment needs could be used after the loss: by a provider that outlives
 * it, by a peer that does, or by restoring the provider from a snapshot that does. A *blocked* key leaves it so, a *lost* one does not.
 * A copy whose own key-version rows were read needs what these name, whatever its moment.
 */
export type KeyOpener = (moment: Moment | null, copy?: Observation<'copy'> | null) => Reasoned;

/** What tells it of every moment. Copies share moments and key versions, so each of these is looked at once. */
export const keyOpener: (facts: KeyFacts, context: JudgeContext) => KeyOpener = remembered(
  (facts, { policy, asOf, limit }) => [
    facts.keyrings,
    facts.records,
    facts.createdAt,
    facts.keyStates,
    facts.snapshotKeys,
    facts.providers,
    facts.providerDomains,
    facts.snapshots,
    facts.keyPeers,
    facts.peers,
    facts.backups,
    facts.material,
    facts.exports,
    facts.locationDomains,
    facts.proofs,
    policy,
    asOf,
    limit('clockToleranceMinutes').value,
  ],
  openerOf,
);

function openerOf(facts: KeyFacts, context: JudgeContext): KeyOpener {
  if (facts.keyrings.length === 0) return () => ({ truth: 'unknown', because: 'no keyring is known', cites: [] });
  const keys = facts.keyrings.map((keyring) => heldKey(facts, keyring, context));
  const strange = strangeKeys(facts.keyrings, facts.records ?? [], 'key-version records use');
  const uses = keys.flatMap((key) => key.uses);
  const byMoment = new Map<string, Reasoned>();
  const byCopy = new Map<Observation<'copy'>, Reasoned>();
  return (moment, copy = null) => {
    const rows = copy === null ? null : rowsInside(copy);
    if (copy !== null && rows !== null) return ofKey(byCopy, copy, () => copyOpens(facts, keys, rows, context));
    if (strange !== null) return strange;
    if (nothingInUse(uses, moment)) return { truth: 'unknown', because: NOTHING_IN_USE, cites: facts.keyrings };
    return ofKey(byMoment, moment === null ? '' : `${moment.notBefore} ${moment.notAfter}`, () =>
      joined(keys.map((key) => ofKeyring(keyringOpens(key, moment, context), key.keyring))),
    );
  };
}

const NOTHING_IN_USE =
  'no key-version record in use names a key, so nothing tells which version wrapped what the copy holds';

/** A copy by its own key-version rows: every version that they have in use, of whichever key. */
function copyOpens(
  facts: KeyFacts,
  keys: readonly HeldKey[],
  rows: readonly Observation<'key-version'>[],
  context: JudgeContext,
): Reasoned {
  const strange = strangeKeys(facts.keyrings, rows, 'key-version rows inside the copy use');
  if (strange !== null) {
    // A copy of another organization alone opens nothing of this one.
    const isOfAnother = rows.every(({ value }) => value.ofAnotherOrganization === true);
    return { ...strange, truth: isOfAnother ? 'fails' : strange.truth, cites: strange.cites.slice(0, 1) };
  }
  const parts = keys.flatMap((key) => {
    const needed = neededInside(key.keyring, rows, context.policy);
    const opens = needed.map((one) => versionOpens({ ...key, uses: [...key.uses, one.use] }, one, context));
    // That no row inside names it is the answer only of a key that records name at all.
    if (needed.length === 0 && key.uses.length === 0) opens.push(noUseRecorded(key));
    return opens.length === 0 ? [] : [ofKeyring(joined(opens), key.keyring)];
  });
  if (parts.length > 0) return joined(parts);
  return { truth: 'holds', because: 'no key-version row inside the copy is in use', cites: rows.slice(0, 1) };
}

/** What keeps a key from opening a copy, with the key's name and its provider's. */
function ofKeyring(reasoned: Reasoned, keyring: Observation<'keyring'>): Reasoned {
  if (reasoned.truth === 'holds') return reasoned;
  const { keyRef, providerId } = keyring.value;
  const cites = reasoned.cites.includes(keyring) ? reasoned.cites : [keyring, ...reasoned.cites];
  return { ...reasoned, because: `key ${keyRef} of ${providerId}: ${reasoned.because}`, cites };
}

function noUseRecorded({ keyring }: HeldKey): Reasoned {
  return { truth: 'unknown', because: 'no record tells which version of its key is used', cites: [keyring] };
}

function keyringOpens(key: HeldKey, moment: Moment | null, context: JudgeContext): Reasoned {
  const { keyring, uses } = key;
  if (uses.length === 0) return noUseRecorded(key);
  const needed = [
    ...neededVersions(uses, moment, context.policy),
    ...unrecordedVersions(uses, moment, context.policy),
    ...neededAsStated(key.stated, moment),
  ];
  if (needed.length === 0) {
    if (!reachFirstVersion(key.state?.value, uses, context.asOf)) {
      const because = 'the copy is older than the records of key versions, which do not reach back to the first one';
      return { truth: 'unknown', because, cites: [keyring] };
    }
    if (mayNeedAnotherKey(key.createdAt, uses, moment)) {
      return { truth: 'unknown', because: `the copy ${MAY_NEED_ANOTHER}`, cites: [keyring] };
    }
    return { truth: 'holds', because: 'the copy is older than every use of the key', cites: [keyring] };
  }
  const opens = (one: NeededVersion): Reasoned =>
    ofKey(ofKey(key.opened, one.use, newMap<number | null, Reasoned>), one.version, () =>
      versionOpens(key, one, context),
    );
  const opened = joined(needed.map((one) => weigh(told(opens(one), one, key), one)));
  const isOpen = opened.truth === 'holds' && mayPrecedeRecords(uses, moment);
  if (!isOpen || reachFirstVersion(key.state?.value, uses, context.asOf)) return opened;
  return { truth: 'unknown', because: `the copy ${MAY_PRECEDE_RECORDS}`, cites: [keyring] };
}

/** One version: the same key still, and usable where it is or where a snapshot brings it back. */
function versionOpens(key: HeldKey, needed: Pick<NeededVersion, 'version' | 'use'>, context: JudgeContext): Reasoned {
  const { keyring, state, provider, onPeer, otherOnPeer, attested } = key;
  const tolerance = context.limit('clockToleranceMinutes').value * MINUTE;
  const identity = sameKey(state?.value, needed.use, tolerance, context.asOf);
  const cites: readonly Observation[] = [needed.use.observation, ...(state === undefined ? [] : [state])];
  if (identity.truth === 'fails') {
    const original = originalInSnapshots(key, needed.use, context);
    const because = `${identity.because}${originalKeyText(original)}`;
    return {
      truth: 'fails',
      because,
      cites: [...cites, ...(original.snapshot === null ? [] : [original.snapshot.observation])],
    };
  }
  const other = proofOfAnotherKey(key.proofs, needed);
  if (other !== undefined) return { truth: 'fails', because: anotherKeyText(other), cites: [other, ...cites] };
  const target = sameTarget(keyring.value, state?.value, needed.use, tolerance, context.asOf);
  const shown = liveOf(needed, state?.value, context.asOf, key.uses);
  const live = withKeptMaterial(withProof(shown, needed, key.proofs), key.material);
  const what = versionText(needed.version);
  const isOther = otherOnPeer !== null && live.state !== 'lost';
  const isOpen = isOther || live.isUnseen === true || (live.state === 'unknown' && live.neverLost !== true);
  const usable: Truth = live.state === 'lost' ? 'fails' : isOpen ? 'unknown' : 'holds';
  const inPlaceText = usable === 'holds' && target.truth !== 'holds' ? target.because : `${what} ${live.because}`;
  const inPlace: Reasoned = {
    truth: allOf([provider, usable, target.truth]),
    because:
      provider === 'holds'
        ? isOther
          ? `one of two tokens does not hold the key that wrapped the data: ${otherOnPeer.value.peer}, the peer of key provider ${keyring.value.providerId}: ${otherOnPeer.value.because}`
          : inPlaceText
        : provider === 'fails'
          ? `the key provider ${keyring.value.providerId} is lost with the host`
          : `it is not known whether key provider ${keyring.value.providerId} outlives the loss: state its failure domain`,
    cites: isOther ? [...cites, otherOnPeer] : live.lacksMaterial === undefined ? cites : [...cites, ...key.material],
  };
  const restored = fromSnapshot(key, needed, shown.tellsNone === true, tolerance);
  // What was trimmed may be in a snapshot from before the trimming, whose time nobody records.
  const wasTrimmed = live.state === 'lost' && state?.value.state === 'enabled';
  // A key never changes its type, so the same key cannot decrypt in a snapshot, either.
  const neverDecrypts = wasTrimmed && state.value.canDecrypt === false && identity.truth === 'holds';
  const fromBefore = wasTrimmed ? perhapsRestored(restored, `${what} ${live.because}`, keyring) : restored;
  const ways = [
    inPlace,
    onPeer,
    ...(neverDecrypts ? [] : [fromBefore]),
    // It speaks of a provider that is lost, not of a key that the provider had lost before.
    ...(provider === 'holds' || usable === 'fails' ? [] : [attested]),
  ];
  const truth = anyOf(ways.map((way) => way.truth));
  // That its provider is lost is told of the provider; of the key, that nothing brings it back.
  const snapshotsText =
    neverDecrypts && restored.truth === 'holds' ? `${restored.because}, which ${live.because}` : fromBefore.because;
  const lostText =
    onPeer.cites.length > 0 ? onPeer.because : hasSnapshots(keyring) ? snapshotsText : nothingKept(key, what);
  const chosen = ways.find((way) => way.truth === truth) ?? inPlace;
  const failing = { ...inPlace, truth, because: provider === 'fails' ? lostText : inPlace.because };
  const opens = asProven(truth === 'fails' ? failing : chosen, needed, live, key.proofs);
  const awaited = awaitedProof(shown, identity, needed, key.proofs);
  const isDoubted = opens.truth === 'holds' || (shown.tellsNone === true && opens.truth === 'unknown');
  return awaited === null || !isDoubted ? opens : { truth: 'unknown', because: awaited, cites };
}

/** Of a version that the keyring alone states, or of which no record is left, that this is so. */
function told(reasoned: Reasoned, needed: NeededVersion, { stated }: HeldKey): Reasoned {
  const { use, version, isUnrecorded } = needed;
  if (reasoned.truth === 'holds') return reasoned;
  if (isUnrecorded) return { ...reasoned, because: `${unrecordedText(needed)}${reasoned.because}` };
  if (use !== stated) return reasoned;
  return { ...reasoned, because: `${asStated(version)}${reasoned.because}` };
}

/** A version that is only perhaps needed cannot make it fail for certain. */
function weigh(reasoned: Reasoned, needed: NeededVersion): Reasoned {
  return reasoned.truth === 'fails' && needed.certainty === 'unknown' ? { ...reasoned, truth: 'unknown' } : reasoned;
}
