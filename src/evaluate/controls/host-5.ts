import type { Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { namesText } from '../names-text.ts';

const STATEMENT: Statement = 'infrastructure-credentials-outside-host';
const NEEDS = {
  attested: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [STATEMENT] }),
  sources: need('secret-source', 'self', 'either', { context: true }),
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
      judge({ attested: [first], sources }: Observed<typeof NEEDS>) {
        // Where the configuration takes secrets from says that they are there, and not that they are nowhere else.
        const onHost = sources.filter(({ value }) => value.onInstallHost && value.path !== null);
        const files = [...new Set(onHost.map(({ value }) => value.path ?? ''))].sort();
        const known =
          files.length === 0
            ? ''
            : `; the audit itself takes ${counted(files.length, 'secret')} from files of the install host, which go with it: ${namesText(files)}`;
        const own = onHost.slice(0, 1);
        if (first === undefined) return regardless(judged('fails', `no attestation says so${known}`, own), 'sources');
        const { owner, date } = first.value;
        const said = `${owner} attested it on ${instantText(date).slice(0, 10)}${known}`;
        return regardless(judged('holds', said, [first, ...own]), 'sources');
      },
    }),
  ],
});
