import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import type { CopyFacts } from '../copies.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { SNAPSHOT_NEED_NAMES, SNAPSHOTS_OF_KEY, snapshotOfDeletedKey } from '../deleted-keys.ts';
import { KEPT_MATERIAL, KEPT_MATERIAL_NEED_NAMES } from '../imported-material.ts';
import { toldByText } from '../inside-versions.ts';
import { judgeLiveVersions, judgeVersionsBesideOthers } from '../judge-versions.ts';
import { ANY_PROTECTED_COPY, KEYRINGS, OWN_UNWRAPPED, ownKeyring, PROTECTED_COPIES, recordsFor } from '../key-needs.ts';
import { exceptProofs } from '../key-proofs.ts';
import { type KeyUse, keyUses } from '../keys.ts';
import { neededByText } from '../needed-by.ts';
import {
  copiesAskedFor,
  copyBeforeRecords,
  judgeCopyNeedsKey,
  regardlessOfRecords,
  versionsNeededByCopies,
} from '../protected-copies.ts';
import { INSTALLED, ORGANIZATION } from '../recovery-needs.ts';

const APPLIES_NEEDS = {
  ...ANY_PROTECTED_COPY,
  keyrings: KEYRINGS,
  organizations: ORGANIZATION,
  ...INSTALLED,
  records: need('key-version', 'organization', 'either'),
  keyStates: need('key-state', 'self', 'either'),
} as const;
const NEEDS = {
  ...PROTECTED_COPIES,
  keyrings: KEYRINGS,
  organizations: ORGANIZATION,
  ...INSTALLED,
  records: need('key-version', 'organization', 'more-hurts'),
  others: need('key-version', 'organization', 'either'),
  keyStates: need('key-state', 'self', 'either'),
  ...SNAPSHOTS_OF_KEY,
  ...KEPT_MATERIAL,
  ...OWN_UNWRAPPED,
} as const;

/** KEY-4: the provider can still use every key version that the copies on hand need, retired ones included. */
export const key4 = defineControl({
  id: 'KEY-4',
  title: 'The key versions that old copies need are usable',
  failureTitle: 'A key version that an old copy needs cannot be used',
  severity: 'critical',
  bears: 'recovery',
  subject: 'keyring',
  rationale:
    'A backup is opened with the key versions of its own day. Once those are gone, the backup is there and cannot be read.',
  remediation:
    'Keep every version until the last copy that needs it has expired. Blocked versions: vault write MOUNT/keys/KEY/config min_decryption_version=N. Lost versions: restore the provider snapshot that holds them, or discard the copies and take new ones.',
  remediationUnknown:
    'Keep every version and every copy until it is known which need each other: let dataset key-versions tell since when each version is used, and the provider show the key (vault read MOUNT/keys/KEY).',
  limits: [],
  applies: [
    part({
      name: 'a copy needs the key',
      needs: APPLIES_NEEDS,
      judge(observed: Observed<typeof APPLIES_NEEDS>, context) {
        const judgement = judgeCopyNeedsKey(observed, context);
        return judgement.truth === 'unknown' ? withToldBy(judgement, observed, context) : judgement;
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'each can decrypt',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const keyring = ownKeyring(observed.keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const needed = versionsNeededByCopies(observed, context);
        const all = () => keyUses(keyring, recordsFor(observed.others, context));
        const [key] = observed.keyStates;
        const snapshot = snapshotOfDeletedKey(observed, key, context);
        const back = { snapshot, material: observed.material, proofs: observed.proofs };
        const judge = (uses: readonly KeyUse[]) =>
          judgeLiveVersions(
            needed,
            key,
            context.asOf,
            back,
            uses,
            (one) => `; ${neededByText(one, observed, context)}`,
          );
        const ofVersions = judgeVersionsBesideOthers(judge, key, all, 'others');
        // What all records tell, as one more may show what an old copy needs.
        const old = copyBeforeRecords({ ...observed, records: observed.others }, context);
        const judgement =
          old === null || ofVersions.truth === 'fails'
            ? ofVersions
            : judged('unknown', old.because, [...ofVersions.cites, old.copy]);
        const told = regardlessOfRecords(withToldBy(judgement, observed, context), observed, context);
        return exceptProofs(regardless(told, ...SNAPSHOT_NEED_NAMES, ...KEPT_MATERIAL_NEED_NAMES), key);
      },
    }),
  ],
});

/** The same judgement, which tells of how many copies the rows inside were read, and why not of the others. */
function withToldBy(judgement: Judgement, facts: CopyFacts, context: JudgeContext): Judgement {
  const toldBy = toldByText(copiesAskedFor(facts, context));
  return toldBy === '' ? judgement : { ...judgement, because: `${judgement.because}; ${toldBy}` };
}
