import type { Observation, Observed } from '../../model/control.ts';
import { counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';

const PLACE_NEEDS = {
  locations: need('location', 'all-locations', 'more-helps', { context: true }),
  // Where the install gave no answer, no location was opened, whatever is configured.
  install: need('install', 'self', 'more-helps', { context: true }),
} as const;
const NEEDS = {
  copies: need('orphan-copy', 'all-locations', 'more-hurts'),
  databases: need('database-list', 'self', 'either'),
} as const;

/** Purposes of locations that hold no copies of databases. */
const OTHER_PURPOSES = new Set(['files', 'vault-snapshots']);
/** Databases that the finding names. */
const NAMED = 20;

type OrphanCopy = Observation<'orphan-copy'>;

/**
 * INV-5: no copy is of a database that neither the install database records nor a server has. What does not tell its
 * database by a name inside is not judged here; it is listed as unmatched. It names databases that may have been of
 * other organizations, so its subject is the install.
 */
export const inv5 = defineControl({
  id: 'INV-5',
  title: 'No copies are left of databases that no longer exist',
  failureTitle: 'Copies are left of databases that no longer exist',
  severity: 'low',
  bears: 'audit',
  subject: 'install',
  rationale:
    'Who asks for erasure asks for copies too, and who must retain must know what is retained. Copies of a deleted database belong to no plan: nothing deletes them, and nobody remembers why they lie there.',
  remediation:
    'Decide for each whether it must be retained. If so, note why and until when, and move it out of the locations of live copies; else delete it and record the erasure.',
  remediationUnknown:
    'Find out which databases still exist (psql --list on every server). Delete no copy until it is known that its database is gone.',
  limits: [],
  applies: [
    part({
      name: 'copies are looked for',
      needs: PLACE_NEEDS,
      judge({ locations }: Observed<typeof PLACE_NEEDS>) {
        const place = locations.find(({ value }) => value.purposes.some((purpose) => !OTHER_PURPOSES.has(purpose)));
        if (place !== undefined) return judged('holds', `copies are looked for in ${place.subject.name}`, [place]);
        return judged('fails', 'no location of copies of databases is configured');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'none is left',
      needs: NEEDS,
      judge({ copies, databases }: Observed<typeof NEEDS>) {
        if (copies.length === 0) {
          const text = 'every copy that names its database is of one that the install database records';
          return regardless(judged('holds', text), 'databases');
        }
        const there = new Set(databases.flatMap(({ value }) => value.unrecorded.map(({ name }) => name)));
        const left = copies.filter(({ value }) => !there.has(value.databaseName));
        if (left.length === 0) {
          return judged('holds', 'copies of databases that are not recorded are of databases that are there', copies);
        }
        const names = new Set(left.map(({ value }) => value.databaseName));
        const listed = [...names].slice(0, NAMED).map((name) => copiesText(name, left));
        const text = `copies are left of ${counted(names.size, 'database')}: ${listed.join('; ')}`;
        const more = names.size > NAMED ? `; and ${names.size - NAMED} more databases` : '';
        const isCut = databases.some(({ value }) => value.orphans + value.possible > value.unrecorded.length);
        return judged(isCut ? 'unknown' : 'fails', text + more, left);
      },
    }),
  ],
});

function copiesText(name: string, left: readonly OrphanCopy[]): string {
  const own = left.filter(({ value }) => value.databaseName === name);
  const count = own.reduce((sum, { value }) => sum + value.copies, 0);
  const [newest] = own.toSorted((a, b) => b.value.modifiedAt.localeCompare(a.value.modifiedAt));
  if (newest === undefined) throw new Error('what is left was found');
  const { location, path, modifiedAt, inside } = { location: newest.subject.key, ...newest.value };
  const what = inside === 'dump' ? '' : 'inside a copy of a whole cluster, ';
  return `${name} (${counted(count, 'copy', 'copies')}, the newest ${what}${path} in ${location}, of ${instantText(modifiedAt)})`;
}
