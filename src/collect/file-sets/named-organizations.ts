import type { OrganizationRow } from '../organizations/dataset-contracts.ts';
import type { InstallReading } from '../organizations/install-database.ts';
import { readSpool } from '../organizations/spool.ts';

/** Tells of a pattern of file names whether it names an organization by the id or slug that its directory bears. */
export interface NamedOrganizations {
  /** Whether it names other organizations and not this one, so that it is of no use to it and must not be shown to it. */
  readonly othersAlone: (pattern: string, organizationId: string | null) => boolean;
}

/** By the organizations that the install lists; where they could not be read, nobody can be named. */
export function namedOrganizations(reading: Pick<InstallReading, 'datasets'>): Promise<NamedOrganizations> {
  const known = REMEMBERED.get(reading);
  if (known !== undefined) return known;
  const found = readNames(reading).then(recognizing);
  REMEMBERED.set(reading, found);
  return found;
}

const REMEMBERED = new WeakMap<object, Promise<NamedOrganizations>>();

/** Id by each name that a directory of its may bear. */
type Names = ReadonlyMap<string, string>;

async function readNames({ datasets }: Pick<InstallReading, 'datasets'>): Promise<Names> {
  const names = new Map<string, string>();
  if (datasets.organizations.status !== 'read') return names;
  for await (const record of readSpool<OrganizationRow>(datasets.organizations.file)) {
    if (!record.ok) continue;
    for (const name of [record.row.organizationId, record.row.slug]) names.set(name, record.row.organizationId);
  }
  return names;
}

function recognizing(names: Names): NamedOrganizations {
  // One pattern is asked about for every organization.
  const owners = new Map<string, ReadonlySet<string>>();
  return {
    othersAlone(pattern, organizationId) {
      const known = owners.get(pattern) ?? ownersOf(pattern, names);
      owners.set(pattern, known);
      return known.size > 0 && (organizationId === null || !known.has(organizationId));
    },
  };
}

/** Those of which a segment of the pattern is, or matches, a name, and those whose id stands anywhere in it. */
function ownersOf(pattern: string, names: Names): ReadonlySet<string> {
  const segments = pattern.split('/');
  const literal = segments.flatMap((segment) => names.get(segment) ?? []);
  const globs = segments.filter((segment) => /[*?]/.test(segment) && /[^*?]/.test(segment)).map(expressionOf);
  const matched = [...names].flatMap(([name, id]) =>
    pattern.includes(id) || globs.some((glob) => glob.test(name)) ? [id] : [],
  );
  return new Set([...literal, ...matched]);
}

function expressionOf(glob: string): RegExp {
  const pieces = glob.replace(/\*+/g, '*').split(/([*?])/);
  const source = pieces.map((piece) =>
    piece === '*' ? '.*' : piece === '?' ? '.' : piece.replace(/[\\^$.+()[\]{}|-]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, 's');
}
