import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { activeVersions } from '../judge-versions.ts';
import { KEYRINGS, ownKeyring, recordsFor } from '../key-needs.ts';
import { isProofOf, proofText, proofVersionText } from '../key-proofs.ts';
import { keyUses, type NeededVersion } from '../keys.ts';
import { notExpectedYet, OWNER } from '../still-provisioned.ts';

const ASKED_NEEDS = { organizations: OWNER, keyrings: KEYRINGS } as const;
const REFUSED_NEEDS = { proofs: need('unwrap-proof', 'self', 'more-hurts') } as const;
const PROVEN_NEEDS = {
  keyrings: KEYRINGS,
  records: need('key-version', 'organization', 'either'),
  proofs: need('unwrap-proof', 'self', 'more-helps'),
} as const;

const NOT_ASKED = 'it was not asked for: keys are used with --prove-keys only';

/** KEY-11: what a key wrapped unwraps, as its provider itself shows. Asked for run by run. */
export const key11 = defineControl({
  id: 'KEY-11',
  title: 'A wrapped sample of every key version in use unwraps',
  failureTitle: 'A wrapped sample does not unwrap',
  severity: 'high',
  bears: 'recovery',
  subject: 'keyring',
  rationale:
    'A key that is there and enabled may still not be the one that wrapped the data. Only unwrapping shows it; that the product can use what is unwrapped, only a restore does.',
  remediation:
    'Find out which key wrapped the data before anything is rotated or restored: compare key and version with those of the newest copy, and enable or restore what the finding names. A sample that is damaged is data that is damaged.',
  remediationUnknown:
    'Give the audit what it lacks: samples in the mapping, how they were wrapped where the provider cannot tell (PKCS#11, Azure), and the rights that recoverage permissions --prove-keys prints. Then run: recoverage scan --prove-keys.',
  limits: ['provisioningHours'],
  applies: [
    part({
      name: 'it was asked for',
      needs: ASKED_NEEDS,
      judge({ organizations, keyrings }: Observed<typeof ASKED_NEEDS>, context) {
        if (!context.policy.proveKeys) return regardless(judged('fails', NOT_ASKED), ...Object.keys(ASKED_NEEDS));
        const own = ownKeyring(keyrings, context);
        if (own !== undefined) return judged('holds', 'it has a keyring', [own]);
        return notExpectedYet(organizations, 'keyring', context) ?? judged('holds', 'a keyring is expected');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'no sample is refused',
      needs: REFUSED_NEEDS,
      judge({ proofs }: Observed<typeof REFUSED_NEEDS>) {
        const refused = proofs.filter(({ value }) => value.outcome === 'refused');
        if (refused.length === 0) return judged('holds', 'no sample was refused', proofs);
        return judged('fails', refused.slice(0, NAMED).map(proofText).join('; '), refused);
      },
    }),
    part({
      name: 'a sample of every version in use unwraps',
      needs: PROVEN_NEEDS,
      judge({ keyrings, records, proofs }: Observed<typeof PROVEN_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        if (keyring === undefined) return judged('unknown', 'no keyring record names its key');
        const versions = activeVersions(keyUses(keyring, recordsFor(records, context)));
        if (versions.length === 0) {
          return judged('unknown', 'no key-version record in use names the key, so nothing tells which versions are');
        }
        const of = (one: NeededVersion) => proofs.filter(({ value }) => isProofOf(one, value));
        const isProven = (one: NeededVersion) => of(one).some(({ value }) => value.outcome === 'unwrapped');
        const first = versions.find((one) => !isProven(one));
        if (first === undefined) {
          const shown = proofs.filter(
            ({ value }) => value.outcome === 'unwrapped' && versions.some((one) => isProofOf(one, value)),
          );
          return judged(
            'holds',
            `${shown.slice(0, NAMED).map(proofText).join('; ')}; that the product can use it is not shown`,
            shown,
          );
        }
        const tried = of(first)[0];
        const text = proofVersionText(first.version, first.use.named?.name);
        return judged(
          'unknown',
          tried === undefined ? `no sample of ${text} was unwrapped` : proofText(tried),
          of(first),
        );
      },
    }),
  ],
});

/** How many versions one sentence names. */
const NAMED = 3;
