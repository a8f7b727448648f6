import type { Observation } from '../model/control.ts';
import type { HeldKey } from './held-key.ts';
import { onlyVersion } from './judge-versions.ts';
import { boundingUses, type CreationBound, versionCreationBound } from './key-identity.ts';
import { PKCS11 } from './key-needs.ts';
import { snapshotText } from './key-snapshots.ts';
import { type NeededVersion, VAULT, versionText } from './keys.ts';
import type { Reasoned } from './recovery-key-facts.ts';
import { gapText, servingSnapshots } from './served-keys.ts';

/** Whether its provider is of a kind of which snapshots are taken, as far as is known. */
export function hasSnapshots({ value: { providerKind } }: Observation<'keyring'>): boolean {
  return providerKind === null || providerKind === VAULT;
}

/** That nothing brings a key back whose provider is lost and of a kind without snapshots. */
export function nothingKept({ keyring, onPeer, attested }: HeldKey, what: string): string {
  const isHsm = keyring.value.providerKind === PKCS11;
  const lacking = [...(isHsm ? [onPeer.because] : []), ...(attested.because === '' ? [] : [attested.because])];
  return lacking.length === 0 ? `nothing brings ${what} back` : lacking.join(', and ');
}

/** What snapshots do for a version that the live key has not, though the key itself is there: they may be from before. */
export function perhapsRestored(restored: Reasoned, lost: string, keyring: Observation<'keyring'>): Reasoned {
  if (!hasSnapshots(keyring)) return { ...restored, because: lost };
  if (restored.truth !== 'holds') return { ...restored, because: `${lost}; ${restored.because}` };
  return { ...restored, truth: 'unknown', because: `${lost}; whether a snapshot brings it back cannot be told` };
}

/** Which version is meant is not known, and so nothing tells which snapshots are from after its creation. */
const UNBOUNDED: CreationBound = { earliest: null, latest: null };

/** Whether a snapshot that outlives the loss brings the version back. */
export function fromSnapshot(
  { uses, state, snapshots, snapshotKeys }: HeldKey,
  needed: Pick<NeededVersion, 'version' | 'use'>,
  isNone: boolean,
  tolerance: number,
): Reasoned {
  const version = needed.version ?? onlyVersion(state?.value);
  const what = versionText(version);
  if (snapshots.length === 0) {
    return { truth: 'fails', because: `no snapshot brings ${what} back`, cites: [] };
  }
  const bound =
    version === null || isNone
      ? UNBOUNDED
      : versionCreationBound(version, state?.value, boundingUses(uses, needed.use), tolerance);
  const serving = servingSnapshots(bound, snapshots, snapshotKeys, (snapshot) => snapshot.survives);
  const named = serving.snapshot === null ? 'a snapshot' : snapshotText(serving.snapshot);
  const because =
    serving.truth === 'holds'
      ? `restoring ${named} brings ${what} back`
      : serving.truth === 'unknown'
        ? `it cannot be told whether restoring ${named} brings ${what} back${gapText(serving, bound)}`
        : `no snapshot that outlives the loss brings ${what} back`;
  return { truth: serving.truth, because, cites: serving.snapshot === null ? [] : [serving.snapshot.observation] };
}
