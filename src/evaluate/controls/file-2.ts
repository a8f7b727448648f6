import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { BINDINGS, BUNDLED } from '../store-needs.ts';

const BINDING_NEEDS = { bindings: BINDINGS } as const;
const OVERLAP_NEEDS = { overlaps: need('store-overlap', 'organization', 'more-hurts') } as const;

/** No names and no counts: an organization's own report must not tell about others. */
const RELATIONS = {
  same: 'its files lie in the same place as those of another organization',
  inside: 'its files lie inside the place of another organization',
  around: 'inside the place of its files lie those of another organization',
} as const;

/** FILE-2: no other organization's files lie in, around or at the same place. */
export const file2 = defineControl({
  id: 'FILE-2',
  title: 'The file store is not shared with another organization',
  failureTitle: 'The file store is shared with another organization',
  severity: 'high',
  bears: 'protection',
  subject: 'organization',
  rationale: 'Where places overlap, restoring or erasing the files of one organization destroys those of another.',
  remediation: 'Give the organization a bucket, prefix or directory of its own, and move its files there.',
  remediationUnknown:
    'Let the audit read the storage bindings of every organization; move nothing until an overlap is known.',
  limits: [],
  applies: [
    part({
      name: 'it has a store of its own',
      needs: BINDING_NEEDS,
      judge({ bindings }: Observed<typeof BINDING_NEEDS>) {
        const active = bindings.filter(({ value }) => value.state === 'active');
        if (active.length === 0) return judged('fails', 'it has no active storage binding', bindings);
        const own = active.filter(({ value }) => value.kind !== BUNDLED);
        if (own.length === 0) return judged('fails', 'bundled storage is shared by design', active);
        return judged('holds', 'it has a store of its own', own);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'no overlap',
      needs: OVERLAP_NEEDS,
      judge({ overlaps }: Observed<typeof OVERLAP_NEEDS>) {
        if (overlaps.length === 0) return judged('holds', 'no other organization uses its place');
        const texts = [...new Set(overlaps.map(({ value }) => RELATIONS[value.relation]))];
        return judged('fails', texts.join('; '), overlaps);
      },
    }),
  ],
});
