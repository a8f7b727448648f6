import type { Observation, Observed } from '../../model/control.ts';
import { defineControl, judged, need, part, regardless, unseen } from '../define-control.ts';

const NEEDS = { files: need('host-file', 'self', 'either') } as const;

/** Rights of users that neither own a file nor belong to its group (POSIX.1-2017, sys/stat.h: S_IRWXO). */
const RIGHTS_OF_OTHERS = 0o007;

/** HOST-3: what starts the install, and may hold its first secrets, is closed to other users of the host. */
export const host3 = defineControl({
  id: 'HOST-3',
  title: 'The configuration on the host is closed to other users',
  failureTitle: 'Other users of the host can use its configuration',
  severity: 'low',
  bears: 'audit',
  subject: 'host',
  rationale:
    'The bootstrap configuration and the state directory hold what opens everything else; who reads them needs no backup.',
  remediation:
    'Take the rights of others away: chmod o-rwx PATH for the bootstrap configuration and the state directory.',
  limits: [],
  applies: [
    part({
      name: 'something is there',
      needs: NEEDS,
      judge({ files }: Observed<typeof NEEDS>) {
        const present = files.filter(({ value }) => value.exists);
        if (present.length > 0) return judged('holds', 'it is there', present);
        if (files.length > 0) return judged('fails', 'none of it is there, which HOST-1 and HOST-2 speak of', files);
        return unseen('its files were not seen');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'closed to others',
      needs: NEEDS,
      judge({ files }: Observed<typeof NEEDS>) {
        const present = files.filter(({ value }) => value.exists);
        const open = present.filter((file) => rightsOfOthers(file) !== 0 && rightsOfOthers(file) !== null);
        // Whatever another file would show.
        if (open.length > 0) return regardless(judged('fails', `others have rights to ${named(open)}`, open), 'files');
        const unknown = present.filter((file) => rightsOfOthers(file) === null);
        if (unknown.length > 0) return judged('unknown', `the rights to ${named(unknown)} are not known`, unknown);
        if (present.length === 0) return unseen('its files were not seen');
        return judged('holds', `only owner and group have rights to ${named(present)}`, present);
      },
    }),
  ],
});

/** Null where the mode was not told. */
function rightsOfOthers({ value }: Observation<'host-file'>): number | null {
  return value.mode === null ? null : Number.parseInt(value.mode, 8) & RIGHTS_OF_OTHERS;
}

function named(files: readonly Observation<'host-file'>[]): string {
  return files.map(({ value }) => (value.mode === null ? value.path : `${value.path} (mode ${value.mode})`)).join(', ');
}
