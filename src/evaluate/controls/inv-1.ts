import type { Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';

const COUNT_NEEDS = { lists: need('organization-list', 'self', 'either') } as const;
const ID_NEEDS = { lists: need('organization-list', 'self', 'more-hurts') } as const;

/**
 * Datasets whose rows are of organizations that exist: each has a database, keys and files of its own. Runs and tests of
 * restores are history, which outlives the organizations that were deleted.
 */
const PRESENT = new Set(['tenant_databases', 'keyrings', 'storage_bindings']);

/** INV-1: the organizations read are all there are, and their ids tell them apart. */
export const inv1 = defineControl({
  id: 'INV-1',
  title: 'Every organization is accounted for',
  failureTitle: 'Not every organization is accounted for',
  severity: 'critical',
  bears: 'audit',
  subject: 'install',
  rationale:
    'An audit that overlooks an organization says nothing about it. The count is taken in the transaction that reads the list, so that a list cut short shows. A statement that leaves organizations out changes both alike; it shows in databases, keys and storage of organizations that the list does not have.',
  remediation:
    'Run the audit again; if the numbers still differ, compare the statement of dataset organizations with the table (recoverage doctor): it must neither filter nor limit them. Give organizations whose ids differ only in case ids of their own.',
  limits: [],
  combine: 'all',
  parts: [
    part({
      name: 'all organizations were read',
      needs: COUNT_NEEDS,
      judge(observed: Observed<typeof COUNT_NEEDS>) {
        const list = observed.lists[0];
        if (list === undefined) return judged('unknown', 'the organizations were not listed');
        const { counted: there, streamed } = list.value;
        if (there !== streamed) {
          return judged('fails', `the install database counts ${there} organizations, ${streamed} were read`, [list]);
        }
        if (there === 0) {
          return judged('unknown', 'the install database lists no organization, so nothing was audited', [list]);
        }
        return judged('holds', `${counted(there, 'organization')} counted, and as many read in one transaction`, [
          list,
        ]);
      },
    }),
    part({
      name: 'no other dataset names more organizations',
      needs: COUNT_NEEDS,
      judge(observed: Observed<typeof COUNT_NEEDS>) {
        const list = observed.lists[0];
        const unlisted = (list?.value.rowsUnlisted ?? []).filter(({ dataset }) => PRESENT.has(dataset));
        if (list === undefined || unlisted.length === 0) {
          return judged('holds', 'no other dataset names an organization that is not listed', observed.lists);
        }
        const rows = unlisted.map((one) => `${counted(one.rows, 'row')} of dataset ${one.dataset}`).join(', ');
        const text = `organizations may be missing from the list, for example because its statement leaves some out: ${rows} belong to none that is listed`;
        return judged('unknown', text, [list]);
      },
    }),
    part({
      name: 'ids are unique without case',
      needs: ID_NEEDS,
      judge(observed: Observed<typeof ID_NEEDS>) {
        const differing = observed.lists.find((list) => list.value.idsDifferingInCase.length > 0);
        if (differing === undefined) return judged('holds', 'their ids are unique', observed.lists);
        const count = counted(differing.value.idsDifferingInCase.length, 'organization id');
        return judged('fails', `${count} stand twice in the list, differing only in upper and lower case`, [differing]);
      },
    }),
  ],
});
