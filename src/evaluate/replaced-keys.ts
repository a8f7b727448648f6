import type { JudgeContext, Observation } from '../model/control.ts';
import { MINUTE } from '../model/instant.ts';
import { onlyVersion } from './judge-versions.ts';
import { boundingUses, type CreationBound, versionCreationBound } from './key-identity.ts';
import { type JudgedSnapshot, snapshotText } from './key-snapshots.ts';
import type { KeyUse } from './keys.ts';
import { gapText, type Serving, servingSnapshots } from './served-keys.ts';

/**
 * A key that was deleted and made anew under its name is lost in the provider. A snapshot from between its first use and
 * the making of the new one holds it still. It changes no judgement, as nobody has brought it back: it says how.
 */

export interface ReplacedKey {
  readonly state: Observation<'key-state'> | undefined;
  /** Every known use of the key. */
  readonly uses: readonly KeyUse[];
  readonly snapshots: readonly JudgedSnapshot[];
  readonly snapshotKeys: readonly Observation<'snapshot-key'>[];
}

/** Whether a snapshot that outlives the loss holds the key that a use wrapped something with, and which one. */
export function originalInSnapshots(key: ReplacedKey, use: KeyUse, context: JudgeContext): Serving {
  const tolerance = context.limit('clockToleranceMinutes').value * MINUTE;
  const state = key.state?.value;
  const version = use.version ?? onlyVersion(state);
  const bound: CreationBound =
    version === null
      ? { earliest: null, latest: null }
      : versionCreationBound(version, state, boundingUses(key.uses, use), tolerance);
  return servingSnapshots(bound, key.snapshots, key.snapshotKeys, (snapshot) => snapshot.survives);
}

/** The way back in a sentence about a key that was replaced, after what shows that; empty where there is none. */
export function originalKeyText(serving: Serving): string {
  const { truth, snapshot } = serving;
  if (snapshot === null) return '';
  return truth === 'holds'
    ? `; the key of before is lost in the provider, and recoverable from ${snapshotText(snapshot)}, which holds it`
    : `; the key of before is lost in the provider, and whether ${snapshotText(snapshot)} holds it cannot be told${gapText(serving)}`;
}

/** What to do, with what the new key wrapped in mind; null where no snapshot holds the old one, as far as is known. */
export function originalKeyRemedy({ snapshot }: Serving): string | null {
  if (snapshot === null) return null;
  return `Restore ${snapshotText(snapshot)} into a Vault of its own, and not over the live one: that would overwrite the new key of the same name, and what the new key has wrapped since would be lost. Unwrap there what the old key wrapped, and have it wrapped anew.`;
}
