import type { Statement } from '../../model/statements.ts';
import { attested } from '../attested.ts';
import { defineControl } from '../define-control.ts';

const STATEMENT: Statement = 'infrastructure-credentials-outside-host';

/** HOST-5: what a recovery must know besides the backups is kept elsewhere. No tool can see it; people declare it. */
export const host5 = defineControl({
  id: 'HOST-5',
  title: 'The credentials of recovery are kept outside the host',
  failureTitle: 'Nobody attests that the credentials of recovery are kept outside the host',
  severity: 'high',
  bears: 'recovery',
  subject: 'install',
  rationale:
    'Connection strings, provider credentials, TLS keys and passphrases of backup repositories that exist only on the lost host leave every backup locked.',
  remediation: `Keep them in a safe or password store that does not depend on the host, and let its owner record that in attestations.yaml as ${STATEMENT}.`,
  limits: [],
  combine: 'all',
  parts: [attested(STATEMENT)],
});
