import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { instantText } from '../../model/text.ts';
import { isReadable } from '../attributes-text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { judgeDestroyers } from '../key-destroyers.ts';
import { grantsText } from '../key-grants.ts';
import { KEYRINGS, ownKeyring, PKCS11 } from '../key-needs.ts';
import { NOT_ASKED_OF } from '../not-asked-of.ts';
import { rotationText } from '../rotation-text.ts';
import { notExpectedYet, OWNER } from '../still-provisioned.ts';

const APPLIES_NEEDS = {
  organizations: OWNER,
  keyrings: KEYRINGS,
  states: need('key-state', 'self', 'either'),
} as const;
const NEEDS = {
  settings: need('key-settings', 'self', 'either'),
  states: need('key-state', 'self', 'either'),
  /** How it is rotated is told, and decides nothing. */
  rotations: need('key-rotation', 'self', 'either'),
} as const;

/** KEY-9: nobody can destroy the key, or copy it out in clear, but those who are meant to. */
export const key9 = defineControl({
  id: 'KEY-9',
  title: 'The wrapping key is protected from destruction',
  failureTitle: 'The wrapping key could be destroyed or copied out',
  severity: 'high',
  bears: 'protection',
  subject: 'keyring',
  rationale:
    'One command deletes a key where its settings allow that, and every backup encrypted under it with it. A plaintext backup of a key opens all of them to whoever holds it.',
  remediation:
    'Vault: vault write MOUNT/keys/KEY/config deletion_allowed=false; allow_plaintext_backup can never be taken back, so rotate to a new key where it is set. AWS KMS: take kms:ScheduleKeyDeletion, kms:DisableKey and kms:PutKeyPolicy from whoever is not meant to have them (aws kms put-key-policy), or name who is under policy.mayDeleteKeys.',
  remediationUnknown:
    'State under policy.mayDeleteKeys who may delete keys, and let the audit read the key with the rights that recoverage permissions prints. By hand: vault read MOUNT/keys/KEY, aws kms get-key-policy --key-id KEY.',
  limits: ['provisioningHours'],
  applies: [
    part({
      name: 'its key has settings that destroy',
      needs: APPLIES_NEEDS,
      judge(observed: Observed<typeof APPLIES_NEEDS>, context) {
        return judgeApplies(observed, context);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'destructive settings are off',
      needs: NEEDS,
      judge({ settings, states, rotations }: Observed<typeof NEEDS>, context) {
        const [key] = states;
        if (key !== undefined && isReadable(key.value)) {
          return regardless({ ...judged('fails', READABLE, [key]), remedy: NOT_READABLE }, 'settings', 'rotations');
        }
        const [known] = settings;
        if (known === undefined)
          return regardless(judged('unknown', 'the provider did not show its settings'), 'states', 'rotations');
        // Whether it is about to be deleted is KEY-2's to judge; here its date is stated.
        const judgement = withRotation(judgeSettings(known, context), rotations[0]);
        return regardless(withDate(judgement, key), 'states', 'rotations');
      },
    }),
  ],
});

const READABLE =
  'by its attributes it is extractable and not sensitive, so whoever logs in to the token can read it in clear';
const NOT_READABLE =
  'Make a new key in the token with CKA_SENSITIVE true and CKA_EXTRACTABLE false, wrap the data with it anew, and keep the old one for the copies that need it: setting its attributes now takes back no copy of it.';

function judgeApplies(
  { organizations, keyrings, states }: Observed<typeof APPLIES_NEEDS>,
  context: JudgeContext,
): Judgement {
  const keyring = ownKeyring(keyrings, context);
  const awaited = keyring === undefined ? notExpectedYet(organizations, 'keyring', context) : null;
  if (awaited !== null) return awaited;
  const kind = keyring?.value.providerKind ?? null;
  if (keyring === undefined || kind === null) {
    return judged('unknown', 'no record tells which kind of provider holds the key');
  }
  const why = NOT_ASKED_OF[kind];
  const [key] = states;
  if (kind === PKCS11 && key !== undefined && isReadable(key.value)) {
    return judged('holds', 'the key can be read in clear', [keyring, key]);
  }
  if (why !== undefined) {
    // Of a key in an HSM its attributes are asked for.
    return regardless(judged('fails', why, [keyring]), ...(kind === PKCS11 ? [] : ['states']));
  }
  if (key?.value.state === 'missing') return judged('fails', 'the key does not exist in the provider', [keyring, key]);
  return judged('holds', `the key is held by ${kind}`, [keyring]);
}

function judgeSettings(known: Observation<'key-settings'>, { policy }: JudgeContext): Judgement {
  const { deletionAllowed, plaintextBackupAllowed, exportable, account, destroyers, grants } = known.value;
  if (destroyers !== null) {
    const { truth, because } = judgeDestroyers(destroyers, account, policy.mayDeleteKeys);
    return judged(truth, `${because}${grantsText(grants)}`, [known]);
  }
  const on = [
    ...(deletionAllowed === true ? ['deletion_allowed'] : []),
    ...(plaintextBackupAllowed === true ? ['allow_plaintext_backup'] : []),
  ];
  const copied = exportable === true ? '; it is exportable, so whoever has the right to export it can copy it' : '';
  if (on.length > 0)
    return judged('fails', `${on.join(' and ')} ${on.length === 1 ? 'is' : 'are'} on${copied}`, [known]);
  if (deletionAllowed === null || plaintextBackupAllowed === null) {
    return judged('unknown', 'the provider does not tell who may delete it', [known]);
  }
  return judged('holds', `neither deletion nor plaintext backup is allowed${copied}`, [known]);
}

function withRotation(judgement: Judgement, rotation: Observation<'key-rotation'> | undefined): Judgement {
  const text = rotation === undefined ? '' : rotationText(rotation.value);
  if (rotation === undefined || text === '') return judgement;
  return { ...judgement, because: `${judgement.because}; ${text}`, cites: [...judgement.cites, rotation] };
}

function withDate(judgement: Judgement, key: Observation<'key-state'> | undefined): Judgement {
  if (key?.value.state !== 'pending-deletion') return judgement;
  const { deletionDate } = key.value;
  const when =
    deletionDate === null ? 'it is scheduled for deletion' : `it will be deleted on ${instantText(deletionDate)}`;
  return { ...judgement, because: `${when}; ${judgement.because}`, cites: [...judgement.cites, key] };
}
