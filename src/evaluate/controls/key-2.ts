import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { attributesText } from '../attributes-text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import {
  peerOfDeletedKey,
  SNAPSHOT_NEED_NAMES,
  SNAPSHOTS_OF_KEY,
  snapshotOfDeletedKey,
  withPeer,
  withSnapshot,
} from '../deleted-keys.ts';
import { KEPT_MATERIAL, KEPT_MATERIAL_NEED_NAMES, withKeptMaterial } from '../imported-material.ts';
import { OWN_UNWRAPPED } from '../key-needs.ts';
import { exceptProofs, withProof } from '../key-proofs.ts';
import { liveVersion } from '../live-key.ts';
import { keyringExpected } from '../still-provisioned.ts';

const NEEDS = {
  states: need('key-state', 'self', 'either'),
  /** They say where the key may be had again, and never whether it is there. */
  peers: need('key-peer', 'self', 'more-helps'),
  ...SNAPSHOTS_OF_KEY,
  ...KEPT_MATERIAL,
  ...OWN_UNWRAPPED,
} as const;

/** KEY-2: the wrapping key exists and can be used. What can be undone is worded apart from what is lost. */
export const key2 = defineControl({
  id: 'KEY-2',
  title: 'The wrapping key is usable',
  failureTitle: 'The wrapping key is not usable',
  severity: 'critical',
  bears: 'recovery',
  subject: 'keyring',
  rationale:
    'Every secret of its owner is wrapped by this key: without it neither live data nor any backup can be read.',
  remediation:
    'Blocked: undo what blocks it before the date given. AWS KMS: aws kms cancel-key-deletion --key-id KEY, then aws kms enable-key --key-id KEY; an alias: aws kms create-alias --alias-name alias/NAME --target-key-id KEY, with the key that it pointed to (CloudTrail, DeleteAlias); imported material: aws kms import-key-material with the same material. Azure: az keyvault key recover --id KEY, or az keyvault key set-attributes --id KEY --enabled true with later --expires. HSM: set a later CKA_END_DATE on the same key. Lost: import the same key material if anybody has it after all; restore the newest provider snapshot that holds the key, or bring it back from the peer or the export of the HSM, and create no new key under its name.',
  remediationUnknown:
    'Let the provider show the key, with the rights that recoverage permissions prints, or look by hand: vault read MOUNT/keys/KEY, aws kms describe-key --key-id KEY, az keyvault key show --id KEY, pkcs11-tool --module MODULE --token-label TOKEN --login --list-objects. Change nothing about the key until its state is known.',
  limits: ['provisioningHours'],
  applies: keyringExpected,
  combine: 'all',
  parts: [
    part({
      name: 'the key is usable',
      needs: NEEDS,
      judge: (observed: Observed<typeof NEEDS>, context) =>
        exceptProofs(
          regardless(judgeKey(observed, context), 'peers', ...SNAPSHOT_NEED_NAMES, ...KEPT_MATERIAL_NEED_NAMES),
          observed.states[0],
        ),
    }),
  ],
});

const WRONG_TYPE =
  'Find the key that wraps the data: the record names one that cannot, as keys that only sign or authenticate (HMAC). Correct the reference of the keyring where it is misspelt; where a key of another type stood under this name, look for a snapshot of the provider from before it was replaced. Create no new key under its name.';

/** Whether a key that is there is of a type that cannot have wrapped anything. */
function isOfWrongType(key: Observation<'key-state'> | undefined): boolean {
  if (key === undefined || key.value.namedVersions !== undefined) return false;
  return key.value.state === 'enabled' && key.value.canDecrypt === false && key.value.attributes === undefined;
}

function judgeKey(observed: Observed<typeof NEEDS>, context: JudgeContext): Judgement {
  const key = observed.states[0];
  const held = snapshotOfDeletedKey(observed, key, context);
  const peer = peerOfDeletedKey(observed.peers, key);
  const live = withKeptMaterial(
    withPeer(withSnapshot(withProof(liveVersion(key?.value, null, context.asOf), null, observed.proofs), held), peer),
    observed.material,
  );
  const identity = key?.value.identity ?? null;
  const name = identity === null ? 'the key' : `the key ${identity}`;
  const cites = [
    ...(key === undefined ? [] : [key]),
    ...(held === null ? [] : [held.snapshot.observation]),
    ...(peer === undefined ? [] : [peer]),
  ];
  const said = key === undefined ? '' : attributesText(key.value);
  if (live.state === 'usable') return judged('holds', `${name} ${live.because}${said}`, cites);
  if (live.state === 'unknown') return judged('unknown', `${name} ${live.because}`, cites);
  const judgement = judged('fails', `${live.state}: ${name} ${live.because}${said}`, cites);
  return isOfWrongType(key) ? { ...judgement, remedy: WRONG_TYPE } : judgement;
}
