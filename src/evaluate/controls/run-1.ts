import type { Observed } from '../../model/control.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';

/** Kinds of key provider whose API tells what a credential may do without a further right. */
const TELLS_RIGHTS: ReadonlySet<string> = new Set(['vault-transit']);

const PROVIDER_NEEDS = { providers: need('provider-state', 'self', 'either') } as const;
const SERVER_NEEDS = { rights: need('access-rights', 'cluster', 'more-hurts') } as const;
const READ_NEEDS = { rights: need('access-rights', 'self', 'more-helps') } as const;
const WRITE_NEEDS = { rights: need('access-rights', 'self', 'more-hurts') } as const;

/** RUN-1: the credentials the audit uses cannot write to what it audits. */
export const run1 = defineControl({
  id: 'RUN-1',
  title: 'The auditor cannot write',
  failureTitle: 'The auditor could write',
  severity: 'high',
  bears: 'audit',
  subject: ['cluster', 'provider', 'database'],
  rationale: 'Evidence is worth more where whoever collects it could not have changed what it is about.',
  remediation:
    'Give the audit a role or token of its own with the rights that recoverage permissions prints, and no others.',
  remediationUnknown:
    'Let the audit read its own rights, as recoverage permissions prints, and run recoverage doctor to see what each source tells.',
  limits: [],
  applies: [
    part({
      name: 'its rights can be read',
      onlyFor: 'provider',
      needs: PROVIDER_NEEDS,
      judge(observed: Observed<typeof PROVIDER_NEEDS>) {
        const provider = observed.providers[0];
        if (provider === undefined) return judged('unknown', 'the provider did not say of what kind it is');
        const { kind } = provider.value;
        if (TELLS_RIGHTS.has(kind)) return judged('holds', `a provider of kind ${kind} tells rights`, [provider]);
        const text = `a provider of kind ${kind} does not tell what the credentials may do without further rights`;
        return judged('fails', text, [provider]);
      },
    }),
    part({
      name: 'its rights are its own',
      onlyFor: 'database',
      needs: SERVER_NEEDS,
      judge({ rights }: Observed<typeof SERVER_NEEDS>, { subject }) {
        if (subject.organizationId !== null) {
          return regardless(judged('holds', 'rights are granted database by database'), 'rights');
        }
        if (rights.length === 0) return judged('unknown', 'nobody said what the credentials may do on its server');
        return judged('fails', 'the rights in it are judged with those on its server', rights.slice(0, 1));
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'its rights were read',
      needs: READ_NEEDS,
      judge(observed: Observed<typeof READ_NEEDS>) {
        const [first] = observed.rights;
        if (first === undefined) return judged('unknown', 'nobody said what the credentials may do');
        return judged('holds', first.value.because, [first]);
      },
    }),
    part({
      name: 'it may not write',
      needs: WRITE_NEEDS,
      judge(observed: Observed<typeof WRITE_NEEDS>) {
        const writer = observed.rights.find((one) => one.value.canWrite);
        if (writer !== undefined) return judged('fails', writer.value.because, [writer]);
        const because = [...new Set(observed.rights.map((one) => one.value.because))].slice(0, 3).join('; ');
        return judged('holds', because === '' ? 'no right to write was seen' : because, observed.rights);
      },
    }),
  ],
});
