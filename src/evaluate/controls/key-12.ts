import type { Statement } from '../../model/statements.ts';
import { attested } from '../attested.ts';
import { defineControl } from '../define-control.ts';

const STATEMENT: Statement = 'key-policy-in-code';

/** KEY-12: the keys and who may use them can be made again. No provider tells how its settings came about, so declared passes. */
export const key12 = defineControl({
  id: 'KEY-12',
  title: 'Keys and their policies can be made again from code',
  failureTitle: 'Nobody attests that keys and their policies can be made again from code',
  severity: 'low',
  bears: 'protection',
  subject: 'provider',
  rationale:
    'A provider that comes back without the policies of its keys locks the product out, or lets in more than it should.',
  remediation: `Keep mounts, keys and policies as code (Terraform, for example), and let its owner record that in attestations.yaml as ${STATEMENT}.`,
  limits: [],
  combine: 'all',
  parts: [attested(STATEMENT)],
});
