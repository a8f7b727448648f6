import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part } from '../define-control.ts';

const KEYRING_NEEDS = { keyrings: need('keyring', 'self', 'more-helps') } as const;
const OVERLAP_NEEDS = { overlaps: need('key-overlap', 'self', 'more-hurts') } as const;

/** KEY-10: no other organization's secrets are wrapped by the same key. Never says whose: reports go to organizations. */
export const key10 = defineControl({
  id: 'KEY-10',
  title: 'The wrapping key is used by no other organization',
  failureTitle: 'The wrapping key is shared with another organization',
  severity: 'medium',
  bears: 'protection',
  subject: 'organization',
  rationale:
    'Where two organizations share a key, destroying or losing it for one takes the data of the other with it, and so does whoever may use it.',
  remediation:
    'Give the organization a key of its own, let the product wrap its secrets anew with it, and keep the shared one as long as any copy from before is kept.',
  remediationUnknown:
    'Let the audit read the keyrings of every organization and the state of their keys; change no key until sharing is known.',
  limits: [],
  applies: [
    part({
      name: 'it has a keyring',
      needs: KEYRING_NEEDS,
      judge({ keyrings }: Observed<typeof KEYRING_NEEDS>) {
        if (keyrings.length === 0) return judged('fails', 'it has no keyring of its own');
        return judged('holds', 'it has a keyring', keyrings);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'no sharing',
      needs: OVERLAP_NEEDS,
      judge({ overlaps }: Observed<typeof OVERLAP_NEEDS>) {
        if (overlaps.length === 0) return judged('holds', 'no other organization uses its key');
        const names = overlaps.map(({ value }) => value.keyringId).join(', ');
        return judged('fails', `the key of keyring ${names} is used by another organization as well`, overlaps);
      },
    }),
  ],
});
