import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part, regardless, unseen } from '../define-control.ts';
import { diskText } from '../disk-text.ts';
import { judgeEmpty, REGISTERED } from '../empty-store.ts';
import { storeExpected } from '../still-provisioned.ts';
import { BINDING_KINDS, BINDINGS } from '../store-needs.ts';

const BINDING_NEEDS = { bindings: BINDINGS } as const;
const ANSWER_NEEDS = {
  bindings: BINDINGS,
  states: need('store-state', 'organization-stores', 'either'),
  registered: REGISTERED,
} as const;

/** FILE-1: one place is in use for the organization's files, and it is there. */
export const file1 = defineControl({
  id: 'FILE-1',
  title: 'The organization has one file store, and it answers',
  failureTitle: 'The organization does not have one working file store',
  severity: 'critical',
  bears: 'recovery',
  subject: 'organization',
  rationale: 'Nobody can back up files whose place is not certain, or that are not there.',
  remediation:
    'Leave exactly one storage binding of the organization active, of kind bundled, s3 or local_filesystem_dedicated, and make its bucket or directory exist. Where organizations without a binding use bundled storage, state that default in the policy.',
  remediationUnknown:
    'Let the audit ask the store and count the artifacts of the tenant database. Where the directory is empty, check whether what belongs there is mounted (findmnt --target PATH) before anything is written into it. Where the bucket is empty, compare it with the one that the application writes to, and look for old versions of its objects (aws s3api list-object-versions --bucket BUCKET).',
  limits: ['provisioningHours'],
  applies: storeExpected,
  combine: 'all',
  parts: [
    part({
      name: 'one active binding of a known kind',
      needs: BINDING_NEEDS,
      judge({ bindings }: Observed<typeof BINDING_NEEDS>) {
        const active = bindings.filter(({ value }) => value.state === 'active');
        const [first, second] = active;
        if (first === undefined) return judged('fails', 'no storage binding is active', bindings);
        if (second !== undefined)
          return judged('fails', `${active.length} storage bindings are active at once`, active);
        if (!BINDING_KINDS.includes(first.value.kind)) {
          return judged('fails', `its storage binding is of a kind that is not known: ${first.value.kind}`, active);
        }
        return judged('holds', `one storage binding is active, of kind ${first.value.kind}`, active);
      },
    }),
    part({
      name: 'the store is there',
      needs: ANSWER_NEEDS,
      judge({ bindings, states, registered }: Observed<typeof ANSWER_NEEDS>) {
        const active = bindings.filter(({ value }) => value.state === 'active').map(({ value }) => value.bindingId);
        const own = states.filter(({ subject }) => active.includes(subject.key));
        const missing = own.find(({ value }) => !value.exists);
        if (missing !== undefined) {
          return regardless(
            judged('fails', `the store is not there: ${missing.value.detail}`, [missing]),
            'registered',
          );
        }
        const there = own[0];
        if (there === undefined) return unseen('whether its store is there is not known');
        const empty = own.find(({ value }) => value.empty === true);
        if (empty !== undefined) return judgeEmpty(empty, registered);
        const text = `the store is there: ${there.value.detail}${diskText(there.value.disk)}`;
        return regardless(judged('holds', text, [there]), 'registered');
      },
    }),
  ],
});
