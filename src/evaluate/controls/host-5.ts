import type { Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';

const STATEMENT: Statement = 'infrastructure-credentials-outside-host';
const NEEDS = {
  attested: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [STATEMENT] }),
} as const;

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
  parts: [
    part({
      name: 'attested',
      needs: NEEDS,
      judge({ attested }: Observed<typeof NEEDS>) {
        const statement = attested[0];
        if (statement === undefined) return judged('fails', 'no attestation says so');
        const { owner, date } = statement.value;
        return judged('holds', `${owner} attested it on ${instantText(date).slice(0, 10)}`, [statement]);
      },
    }),
  ],
});
