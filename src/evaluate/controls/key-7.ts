import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import { MINUTE } from '../../model/instant.ts';
import { instantText } from '../../model/text.ts';
import { allOf } from '../conclude.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { liveOf, onlyVersion } from '../judge-versions.ts';
import { boundingUses, type CreationBound, sameKey, versionCreationBound } from '../key-identity.ts';
import {
  ANY_PROTECTED_COPY,
  KEYRINGS,
  OWN_UNWRAPPED,
  ownKeyring,
  PROTECTED_COPIES,
  recordsFor,
  VAULT,
} from '../key-needs.ts';
import { awaitedProof, exceptProofs } from '../key-proofs.ts';
import { type JudgedSnapshot, judgeSnapshots, snapshotText } from '../key-snapshots.ts';
import { type KeyUse, keyUses, type NeededVersion, versionText } from '../keys.ts';
import { copyBeforeRecords, judgeCopyNeedsKey, versionsNeededByCopies } from '../protected-copies.ts';
import { INSTALLED, ORGANIZATION } from '../recovery-needs.ts';
import { exceptGaps, gapText, keyFileText, type Serving, servingSnapshots } from '../served-keys.ts';

const RECORDS = need('key-version', 'organization', 'either');
const APPLIES_NEEDS = {
  ...ANY_PROTECTED_COPY,
  keyrings: KEYRINGS,
  organizations: ORGANIZATION,
  ...INSTALLED,
  records: RECORDS,
  keyStates: need('key-state', 'self', 'either'),
} as const;
const NEEDS = {
  ...PROTECTED_COPIES,
  keyrings: KEYRINGS,
  organizations: ORGANIZATION,
  ...INSTALLED,
  records: RECORDS,
  keyStates: need('key-state', 'self', 'either'),
  providers: need('provider-state', 'provider', 'either'),
  // One without the key leaves open which key a later one holds, where the live Vault does not have it.
  snapshots: need('provider-snapshot', 'provider', 'either'),
  snapshotKeys: need('snapshot-key', 'self', 'either'),
  providerDomains: need('failure-domain', 'provider', 'either', { context: true }),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
  ...OWN_UNWRAPPED,
} as const;

/** KEY-7: of every key version that copies need, some snapshot that outlives the loss can bring the key back. */
export const key7 = defineControl({
  id: 'KEY-7',
  title: 'A snapshot of the key provider serves the copies',
  failureTitle: 'No snapshot of the key provider serves the copies',
  severity: 'critical',
  bears: 'recovery',
  subject: 'keyring',
  rationale:
    'A snapshot from before a key version was made lacks it: restored together with a newer backup, it cannot open it.',
  remediation:
    'Take a snapshot now and after every rotation, and keep it away from Vault: vault operator raft snapshot save FILE.',
  limits: ['clockToleranceMinutes'],
  applies: [
    part({
      name: 'a copy needs the key of a Vault',
      needs: APPLIES_NEEDS,
      judge(observed: Observed<typeof APPLIES_NEEDS>, context) {
        const keyring = ownKeyring(observed.keyrings, context);
        const kind = keyring?.value.providerKind ?? null;
        if (keyring !== undefined && kind !== null && kind !== VAULT) {
          const others = Object.keys(APPLIES_NEEDS).filter((name) => name !== 'keyrings');
          return regardless(judged('fails', `a provider of kind ${kind} has no snapshots`, [keyring]), ...others);
        }
        const needed = judgeCopyNeedsKey(observed, context);
        if (needed.truth === 'holds' && kind === null) {
          return judged('unknown', 'no record tells which kind of provider holds the key', needed.cites);
        }
        return needed;
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'every version is served',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const keyring = ownKeyring(observed.keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const tolerance = context.limit('clockToleranceMinutes').value * MINUTE;
        const uses = keyUses(keyring, recordsFor(observed.records, context));
        const snapshots = judgeSnapshots(observed, context.policy.loss, context.asOf);
        const served = versionsNeededByCopies(observed, context).map((needed): Served => {
          const state = observed.keyStates[0]?.value;
          const version = needed.version ?? onlyVersion(state);
          const bound: CreationBound =
            version === null
              ? { earliest: null, latest: null }
              : versionCreationBound(version, state, boundingUses(uses, needed.use), tolerance);
          return { needed, bound, serving: servingSnapshots(bound, snapshots, observed.snapshotKeys) };
        });
        const isThere = served.every(({ bound }) => bound.isGone !== true);
        const judgedSo = judgeServed(served, snapshots, observed.snapshotKeys, context);
        const judgement = exceptGaps(judgedSo, isThere, 'snapshots', 'snapshotKeys');
        const old = copyBeforeRecords(observed, context);
        if (old !== null && judgement.truth !== 'fails') {
          const untold = judged('unknown', old.because, [...judgement.cites, old.copy], judgement.limit);
          return regardless(untold, 'proofs');
        }
        const awaited = served.flatMap(({ needed }) => awaitedOf(needed, observed, uses, context) ?? [])[0];
        const told =
          awaited === undefined || judgement.truth !== 'holds'
            ? judgement
            : judged('unknown', awaited, [...observed.keyStates, ...judgement.cites], judgement.limit);
        return exceptProofs(told, observed.keyStates[0]);
      },
    }),
  ],
});

const REPLACED =
  'A snapshot that is taken now holds the new key alone, and does not help what the one of before wrapped: look for a snapshot from before it was replaced, and see KEY-13.';

/** Why what snapshots hold of an imported key is not known to open what a version wrapped; null where it is, or must not be shown. */
function awaitedOf(
  needed: NeededVersion,
  { keyStates, proofs }: Pick<Observed<typeof NEEDS>, 'keyStates' | 'proofs'>,
  uses: readonly KeyUse[],
  context: JudgeContext,
): string | null {
  const state = keyStates[0]?.value;
  const tolerance = context.limit('clockToleranceMinutes').value * MINUTE;
  const identity = sameKey(state, needed.use, tolerance, context.asOf);
  return awaitedProof(liveOf(needed, state, context.asOf, uses), identity, needed, proofs);
}

interface Served {
  readonly needed: NeededVersion;
  readonly bound: CreationBound;
  readonly serving: Serving;
}

function judgeServed(
  served: readonly Served[],
  snapshots: readonly JudgedSnapshot[],
  keys: Observed<typeof NEEDS>['snapshotKeys'],
  context: JudgeContext,
): Judgement {
  const limit = context.limit('clockToleranceMinutes');
  const truthOfOne = ({ needed, serving }: Served) =>
    serving.truth === 'fails' && needed.certainty === 'unknown' ? 'unknown' : serving.truth;
  const truth = allOf(served.map(truthOfOne));
  const cites = served.flatMap(({ serving }) => (serving.snapshot === null ? [] : [serving.snapshot.observation]));
  const decisive = served.find((one) => truthOfOne(one) === truth);
  if (decisive === undefined) return judged('holds', 'no version is needed', [], limit);
  const { needed, bound, serving } = decisive;
  const what = versionText(needed.version);
  if (truth === 'holds') {
    const chosen = serving.snapshot === null ? 'a snapshot' : snapshotText(serving.snapshot);
    return judged(
      'holds',
      `every version needed is in a snapshot that outlives the loss, such as ${chosen}`,
      cites,
      limit,
    );
  }
  if (truth === 'fails') {
    const since = bound.earliest === null ? '' : `, created ${instantText(bound.earliest)}`;
    const why =
      snapshots.length === 0
        ? 'no snapshot of the provider was found'
        : `no snapshot that outlives the loss is good, holds the key and is young enough${keyFileText(snapshots, keys)}`;
    const { replaced } = bound;
    if (replaced !== undefined) {
      const text = `${what}: another key stood under its name on ${instantText(replaced.by)}, and no snapshot from before that which outlives the loss is good and holds it`;
      return { ...judged('fails', text, [needed.use.observation], limit), remedy: REPLACED };
    }
    return judged('fails', `${what}${since}: ${why}`, [needed.use.observation], limit);
  }
  const text =
    serving.truth === 'fails'
      ? `${what} may be needed, and no snapshot that outlives the loss brings it back`
      : bound.latest === null
        ? `nothing tells when ${what} was created, so no snapshot can be said to hold it`
        : `it cannot be told whether ${serving.snapshot === null ? 'a snapshot' : snapshotText(serving.snapshot)} brings ${what} back${gapText(serving, bound)}${keyFileText(snapshots, keys)}`;
  return judged('unknown', text, cites, limit);
}
