import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { SNAPSHOT_NEED_NAMES, SNAPSHOTS_OF_KEY, snapshotOfDeletedKey } from '../deleted-keys.ts';
import { KEPT_MATERIAL, KEPT_MATERIAL_NEED_NAMES } from '../imported-material.ts';
import { activeVersions, judgeLiveVersions, judgeVersionsBesideOthers } from '../judge-versions.ts';
import { KEYRINGS, OWN_UNWRAPPED, ownKeyring, recordsFor } from '../key-needs.ts';
import { exceptProofs } from '../key-proofs.ts';
import { type KeyUse, keyUses } from '../keys.ts';
import { keyringExpected } from '../still-provisioned.ts';
import { strangeKeys } from '../strange-keys.ts';

const KNOWN_NEEDS = { keyrings: KEYRINGS, records: need('key-version', 'organization', 'more-helps') } as const;
const USABLE_NEEDS = {
  keyrings: KEYRINGS,
  records: need('key-version', 'organization', 'more-hurts'),
  others: need('key-version', 'organization', 'either'),
  states: need('key-state', 'self', 'either'),
  ...SNAPSHOTS_OF_KEY,
  ...KEPT_MATERIAL,
  ...OWN_UNWRAPPED,
} as const;

const NAMED_NEEDS = { keyrings: KEYRINGS, records: need('key-version', 'organization', 'more-hurts') } as const;
const STATED_NEEDS = { keyrings: KEYRINGS, states: need('key-state', 'self', 'either') } as const;

/** KEY-3: the provider can still use every key version that live records use. */
export const key3 = defineControl({
  id: 'KEY-3',
  title: 'The key versions in use are usable',
  failureTitle: 'A key version in use cannot be used',
  severity: 'critical',
  bears: 'recovery',
  subject: 'keyring',
  rationale: 'Live data is wrapped by these versions: one that cannot decrypt leaves a part of it unreadable today.',
  remediation:
    'Blocked versions: lower the limit, vault write MOUNT/keys/KEY/config min_decryption_version=N, or enable the key (Azure: az keyvault key set-attributes --id KEY --enabled true). Lost versions: restore the provider snapshot that holds them.',
  remediationUnknown:
    'Find out which versions the records in use name and which of them the provider holds (vault read MOUNT/keys/KEY), and let the audit see both. Change nothing about the key until that is known.',
  limits: ['provisioningHours'],
  applies: keyringExpected,
  combine: 'all',
  parts: [
    part({
      name: 'the versions in use are known',
      needs: KNOWN_NEEDS,
      judge({ keyrings, records }: Observed<typeof KNOWN_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const active = activeVersions(keyUses(keyring, recordsFor(records, context)));
        if (active.length === 0) {
          return judged('unknown', 'no key-version record in use names the key, so nothing tells which versions are');
        }
        return judged(
          'holds',
          'the versions in use are recorded',
          active.map((one) => one.use.observation),
        );
      },
    }),
    part({
      name: 'no record in use names a key of which nothing is known',
      needs: NAMED_NEEDS,
      judge({ keyrings, records }: Observed<typeof NAMED_NEEDS>, context) {
        const active = (recordsFor(records, context) ?? []).filter(({ value }) => value.state === 'active');
        const strange = strangeKeys(keyrings, active, 'key-version records in use name');
        if (strange === null) return judged('holds', 'the versions in use are recorded', active);
        return judged('unknown', strange.because, strange.cites);
      },
    }),
    part({
      name: 'each can decrypt',
      needs: USABLE_NEEDS,
      judge(observed: Observed<typeof USABLE_NEEDS>, context) {
        const { keyrings, records, others, states } = observed;
        const keyring = ownKeyring(keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const active = activeVersions(keyUses(keyring, recordsFor(records, context)));
        const all = () => keyUses(keyring, recordsFor(others, context));
        const [key] = states;
        const snapshot = snapshotOfDeletedKey(observed, key, context);
        const back = { snapshot, material: observed.material, proofs: observed.proofs };
        const judge = (uses: readonly KeyUse[]) => judgeLiveVersions(active, key, context.asOf, back, uses);
        const judgement = judgeVersionsBesideOthers(judge, key, all, 'others');
        return exceptProofs(regardless(judgement, ...SNAPSHOT_NEED_NAMES, ...KEPT_MATERIAL_NEED_NAMES), key);
      },
    }),
    part({
      name: 'the provider has the version that the keyring states',
      needs: STATED_NEEDS,
      judge({ keyrings, states }: Observed<typeof STATED_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const stated = keyring.value.currentVersion;
        if (stated === null) return judged('holds', 'the keyring states no version', [keyring]);
        const [key] = states;
        if (key === undefined) return judged('unknown', 'the key was not shown by its provider');
        const { latestVersion, namedVersions } = key.value;
        if (latestVersion === null || namedVersions !== undefined) {
          return judged('holds', 'its provider does not number versions', [keyring, key]);
        }
        const newest = `the newest version in the provider is ${latestVersion}`;
        // An older one is that of a row which a rotation left as it was: what is in use, the records say.
        if (stated <= latestVersion) return judged('holds', newest, [keyring, key]);
        const text = `lost: version ${stated}, which the keyring states as current, does not exist: ${newest}`;
        return judged('fails', text, [keyring, key]);
      },
    }),
  ],
});
