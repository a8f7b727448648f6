import type { Observation, Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { agedText, counted } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { canCount } from '../possible-copies.ts';

const STATEMENT: Statement = 'roles-in-code';
const ATTESTED = { leastGrade: 'declared', statements: [STATEMENT] } as const;
const GLOBALS_NEEDS = { globals: need('globals-copy', 'self', 'more-helps') } as const;
const PHYSICAL_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const ATTESTED_NEEDS = {
  own: need('declaration', 'self', 'more-helps', ATTESTED),
  ofInstall: need('declaration', 'install', 'more-helps', ATTESTED),
} as const;

/**
 * DB-17: what a dump of a single database leaves out is kept somewhere: roles with their passwords and memberships,
 * tablespaces and settings of the server. No path is named: what is said of a server stands in the reports of all
 * organizations on it.
 */
export const db17 = defineControl({
  id: 'DB-17',
  title: 'The roles and settings of the server are kept',
  failureTitle: 'The roles and settings of the server are not kept',
  severity: 'medium',
  bears: 'recovery',
  subject: 'cluster',
  rationale:
    'A dump of a database names the owners of its tables and who may read them, and holds none of these roles. Restored into a new server, it fails at its first owner, or leaves everything to one role.',
  remediation:
    'Dump them beside the databases: pg_dumpall --globals-only --file=roles.sql, into a location with purpose dumps that names the server (servers). Or keep a copy of the whole cluster. Or keep them as code, and attest it in attestations.yaml: statement roles-in-code, subject install.',
  limits: [],
  combine: 'any',
  parts: [
    part({
      name: 'dumped',
      needs: GLOBALS_NEEDS,
      judge({ globals }: Observed<typeof GLOBALS_NEEDS>, context) {
        const whole = newest(globals.filter(({ value }) => value.complete === true));
        if (whole !== undefined) {
          const { location, modifiedAt, moment, loginRoles } = whole.value;
          const at = agedText(moment?.notBefore ?? modifiedAt, context.asOf);
          return judged(
            'holds',
            `a dump of its roles and settings lies in ${location}, of ${at}${passwordText(loginRoles)}`,
            [whole],
          );
        }
        const open = newest(globals.filter(({ value }) => value.complete === null));
        if (open !== undefined) {
          const text = `whether the dump of its roles and settings in ${open.value.location} is whole is not proven`;
          return judged('unknown', text, [open]);
        }
        const damaged = newest(globals);
        if (damaged === undefined) return judged('fails', 'no dump of its roles and settings was found');
        return judged('fails', `the dump of its roles and settings in ${damaged.value.location} is cut off`, [damaged]);
      },
    }),
    part({
      name: 'in a copy of the whole cluster',
      needs: PHYSICAL_NEEDS,
      judge(observed: Observed<typeof PHYSICAL_NEEDS>, context) {
        const copies = observed.copies.filter((copy) => canCount(copy, context.asOf));
        const whole = copies.find(({ value }) => value.integrity === 'complete');
        if (whole !== undefined) {
          return judged('holds', `a copy of the whole cluster lies in ${whole.value.location}`, [whole]);
        }
        const [open] = copies;
        if (open === undefined) return judged('fails', 'no copy of the whole cluster was found');
        const text = `whether the copy of the whole cluster in ${open.value.location} is whole is not proven`;
        return judged('unknown', text, [open]);
      },
    }),
    part({
      name: 'kept as code',
      needs: ATTESTED_NEEDS,
      judge({ own, ofInstall }: Observed<typeof ATTESTED_NEEDS>) {
        const statement = own[0] ?? ofInstall[0];
        if (statement === undefined) return judged('fails', 'nobody attests that they are kept as code');
        const { owner, date } = statement.value;
        return judged('holds', `${owner} attested on ${date.slice(0, 10)} that they are kept as code`, [statement]);
      },
    }),
  ],
});

type Globals = Observation<'globals-copy'>;

/** A note: roles that log in by certificate, Kerberos or a directory need none. */
function passwordText(roles: Globals['value']['loginRoles']): string {
  if (roles === undefined || roles.withPassword > 0) return '';
  const who =
    roles.total === 1
      ? 'the role in it that may log in has'
      : `none of the ${counted(roles.total, 'role')} in it that may log in has`;
  return `; ${who} ${roles.total === 1 ? 'no password' : 'a password'}, as with --no-role-passwords: unless they log in by other means, passwords must be set anew after a restore`;
}

function newest(globals: readonly Globals[]): Globals | undefined {
  return globals.toSorted((a, b) => b.value.modifiedAt.localeCompare(a.value.modifiedAt))[0];
}
