import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { MINUTE } from '../../model/instant.ts';
import { allOf } from '../conclude.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { SNAPSHOT_NEED_NAMES, SNAPSHOTS_OF_KEY } from '../deleted-keys.ts';
import { offersCreationTimes, type SameKey, sameKey, sameTarget, shownByProof } from '../key-identity.ts';
import { KEYRINGS, ownKeyring, recordsFor } from '../key-needs.ts';
import { anotherKeyText, proofOfAnotherKey } from '../key-proofs.ts';
import { judgeSnapshots } from '../key-snapshots.ts';
import { type KeyUse, keyUses, versionText } from '../keys.ts';
import { originalInSnapshots, originalKeyRemedy, originalKeyText } from '../replaced-keys.ts';
import { keyringExpected } from '../still-provisioned.ts';

const KNOWN_NEEDS = { keyrings: KEYRINGS, records: need('key-version', 'organization', 'more-helps') } as const;
const SAME_NEEDS = {
  keyrings: KEYRINGS,
  records: need('key-version', 'organization', 'more-hurts'),
  states: need('key-state', 'self', 'either'),
  /** What was unwrapped shows the key where its provider or the records keep no time, or the key was imported. */
  proofs: need('unwrap-proof', 'self', 'more-helps', { absentIsNone: true }),
} as const;
const VERSION_NEEDS = { ...SAME_NEEDS, ...SNAPSHOTS_OF_KEY } as const;

/** What was tried without an answer may hide that another key wrapped it; what nobody tried does not. */
const OTHER_NEEDS = {
  proofs: need('unwrap-proof', 'self', 'more-hurts', { absentIsNone: true, untriedIsNone: true }),
} as const;

/** KEY-13: the key behind the name is the one that the records were made with. */
export const key13 = defineControl({
  id: 'KEY-13',
  title: 'It is still the same key',
  failureTitle: 'Another key stands under the same name',
  severity: 'critical',
  bears: 'recovery',
  subject: 'keyring',
  rationale:
    'A key that was deleted and made anew bears the old name and opens nothing that the old one closed. Everything looks healthy until a restore.',
  remediation:
    'Encrypt nothing more with it, and delete or overwrite nothing: what it has wrapped opens with it alone. Restore the provider snapshot from before the key was replaced into a provider of its own, unwrap there what the old key wrapped and wrap it anew; or point the alias back to the key that the records were made with.',
  remediationUnknown:
    'Compare when each version of the key was made (vault read MOUNT/keys/KEY, aws kms describe-key --key-id KEY, of an alias aws kms list-aliases, az keyvault key list-versions --id KEY) with when the records first used it, and let the audit see both. Of the key of a keyring without such records, column rotated_at of dataset keyrings tells since when its version is used. Of an alias that was moved, and of a key that was imported, --prove-keys shows whether its key opens the data. A token of an HSM keeps no such time: have it unwrap samples, recoverage scan --prove-keys. Nothing is known to have replaced it.',
  limits: ['clockToleranceMinutes', 'provisioningHours'],
  applies: keyringExpected,
  combine: 'all',
  parts: [
    part({
      name: 'uses are recorded',
      needs: KNOWN_NEEDS,
      judge({ keyrings, records }: Observed<typeof KNOWN_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        const uses = keyring === undefined ? [] : existing(keyUses(keyring, recordsFor(records, context)));
        if (uses.length === 0) return judged('unknown', 'no record tells since when the key is used');
        return judged(
          'holds',
          RECORDED,
          uses.map((use) => use.observation),
        );
      },
    }),
    part({
      name: 'no version is younger than its use',
      needs: VERSION_NEEDS,
      judge(observed: Observed<typeof VERSION_NEEDS>, context) {
        return regardless(judgeAges(observed, context), ...SNAPSHOT_NEED_NAMES);
      },
    }),
    part({
      name: 'no sample is of another key',
      needs: OTHER_NEEDS,
      judge({ proofs }: Observed<typeof OTHER_NEEDS>) {
        const other = proofOfAnotherKey(proofs);
        if (other !== undefined) return judged('fails', anotherKeyText(other), [other]);
        // Of nothing that was tried there is nothing to say beside the first part.
        return judged(
          'holds',
          proofs.length === 0 ? RECORDED : 'its provider says of no sample that another key wrapped it',
        );
      },
    }),
    part({
      name: 'an alias points to the same key still',
      needs: SAME_NEEDS,
      judge({ keyrings, records, states, proofs }: Observed<typeof SAME_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const limit = context.limit('clockToleranceMinutes');
        const uses = existing(keyUses(keyring, recordsFor(records, context)));
        const open = uses
          .map((use) => ({
            use,
            target: sameTarget(keyring.value, states[0]?.value, use, limit.value * MINUTE, context.asOf),
          }))
          .filter(({ target }) => target.truth !== 'holds');
        const unproven = open.find(({ use }) => !proofs.some(({ value }) => isProven(value, use)));
        if (unproven !== undefined) {
          const cites = [...states.slice(0, 1), unproven.use.observation];
          return judged('unknown', `${unproven.target.because}; ${UNWRAPPING_TELLS}`, cites, limit);
        }
        if (open.length > 0) return judged('holds', 'a sample of each use of it was unwrapped', proofs);
        return regardless(judged('holds', 'it is the key that the records name', [keyring]), 'proofs');
      },
    }),
  ],
});

const RECORDED = 'its uses are recorded';
/** By when versions were created. Where another key took the place, a snapshot that holds the one of before is named. */
function judgeAges(observed: Observed<typeof VERSION_NEEDS>, context: JudgeContext): Judgement {
  const { keyrings, records, states, proofs } = observed;
  const limit = context.limit('clockToleranceMinutes');
  const keyring = ownKeyring(keyrings, context);
  if (keyring === undefined) return judged('unknown', 'no keyring record names its key', [], limit);
  const key = states[0];
  const uses = existing(keyUses(keyring, recordsFor(records, context)));
  const keepsTimes = key === undefined || offersCreationTimes(key.value);
  if (!keepsTimes) return judgeWithoutTimes(key, uses, proofs);
  const compared = uses.map((use) => {
    const same = sameKey(key?.value, use, limit.value * MINUTE, context.asOf);
    const proof = PROVABLE.has(same.missing) ? shownByProof(use, proofs) : null;
    return { use, proof, same: proof === null ? same : { ...same, truth: 'holds' as const, because: UNWRAPPED } };
  });
  const truth = allOf(compared.map(({ same }) => same.truth));
  const shown = truth === 'holds' ? compared.filter(({ proof }) => proof !== null) : [];
  const decisive = compared.find(({ same }) => same.truth === truth);
  const cites = [...(key === undefined ? [] : [key]), ...(decisive === undefined ? [] : [decisive.use.observation])];
  const because =
    truth === 'holds'
      ? (shown[0]?.same.because ?? 'no version is younger than the first record that uses it')
      : `${decisive?.same.because ?? 'no record tells since when the key is used'}${tellingText(decisive?.same)}`;
  const found = judged(truth, because, [...cites, ...shown.flatMap(({ proof }) => proof ?? [])], limit);
  const awaitsProof = truth === 'unknown' && compared.some(({ same }) => PROVABLE.has(same.missing));
  const judgement = awaitsProof || shown.length > 0 ? found : regardless(found, 'proofs');
  return truth === 'fails' && decisive !== undefined
    ? withOriginal(judgement, decisive.use, uses, observed, context)
    : judgement;
}

/** Why an unknown is one that unwrapping what was wrapped ends. */
const PROVABLE: ReadonlySet<SameKey['missing']> = new Set(['no-record-time', 'imported-since']);
const UNWRAPPED =
  'no version is shown to be younger than its use, and the key unwrapped a sample of every version of which the times do not tell that it is the same';

function tellingText(same: SameKey | undefined): string {
  return same !== undefined && PROVABLE.has(same.missing) ? '; --prove-keys tells' : '';
}

function withOriginal(
  judgement: Judgement,
  use: KeyUse,
  uses: readonly KeyUse[],
  observed: Observed<typeof VERSION_NEEDS>,
  context: JudgeContext,
): Judgement {
  const snapshots = judgeSnapshots(observed, context.policy.loss, context.asOf);
  const replaced = { state: observed.states[0], uses, snapshots, snapshotKeys: observed.snapshotKeys };
  const original = originalInSnapshots(replaced, use, context);
  const remedy = originalKeyRemedy(original);
  const cites = original.snapshot === null ? [] : [original.snapshot.observation];
  return {
    ...judgement,
    because: `${judgement.because}${originalKeyText(original)}`,
    cites: [...judgement.cites, ...cites],
    ...(remedy === null ? {} : { remedy }),
  };
}

const UNWRAPPING_TELLS = 'whether the key opens what was wrapped then, --prove-keys tells';

/** Whether the key has unwrapped what a use of it wrapped. */
function isProven(proof: Facts['unwrap-proof'], { version, named }: KeyUse): boolean {
  const isSameName = (proof.versionName ?? null) === (named?.name ?? null);
  return proof.outcome === 'unwrapped' && proof.version === version && isSameName;
}

/** Destroyed versions protect nothing any more. */
function existing(uses: readonly KeyUse[]): readonly KeyUse[] {
  return uses.filter((use) => use.state !== 'destroyed');
}

/** By what was unwrapped alone: a token shows no time at which a key came into it, nor that it took the place of another. */
function judgeWithoutTimes(
  key: Observation<'key-state'>,
  uses: readonly KeyUse[],
  proofs: readonly Observation<'unwrap-proof'>[],
): Judgement {
  const shown = uses.map((use) => ({ use, proof: shownByProof(use, proofs) }));
  const open = shown.find(({ proof }) => proof === null);
  if (open === undefined) {
    const text = 'its provider keeps no time at which it was made, and unwrapped what every version in use wrapped';
    return judged('holds', text, [key, ...shown.flatMap(({ proof }) => proof ?? [])]);
  }
  const text = `its provider keeps no time at which it was made, so another key may stand under this name; nothing that ${versionText(open.use.version)} wrapped was unwrapped (--prove-keys)`;
  return judged('unknown', text, [key, open.use.observation]);
}
