import { type AnyEvidence, UNOPENED_FILES } from '../model/evidence.ts';
import { counted } from '../model/text.ts';
import type { ClosedArtifact } from './backups/closed-artifacts.ts';
import type { CopiedDatabase } from './backups/copied-database.ts';
import { placesOf } from './backups/database-copies.ts';
import { isOtherPurpose } from './backups/physical/read-other-copies.ts';
import { unopenedSnapshots } from './backups/repositories/unopened-snapshots.ts';
import type { Collection, Estate, OpenLocation } from './estate.ts';
import { unmatchedElsewhere } from './unmatched-elsewhere.ts';

type Places = Pick<Estate, 'dumps' | 'locations' | 'physical' | 'providers' | 'fileCopies'>;

/**
 * Of a database without any copy that was found: one answer for each place with files, or snapshots, that nobody can or does
 * look into and that nothing ties to any database, such as the encrypted dump of a whole cluster. Any of them may hold a copy,
 * so that nobody may say that there is none. A copy that was found, whole or not, is judged without them.
 *
 * @param copies what was found of the database alone
 */
export function unopenedFiles(
  { asker }: Pick<Collection, 'asker'>,
  estate: Places,
  database: CopiedDatabase,
  copies: readonly AnyEvidence[],
): readonly AnyEvidence[] {
  const { subject, server } = database;
  if (copies.some(({ kind, items }) => kind === 'copy' && items.length > 0)) return [];
  if (estate.physical.some((place) => place.copies.some(({ servers }) => server !== null && servers.includes(server))))
    return [];
  const dumps = placesOf(estate, database).map(({ location: { name, tree }, closed }) => {
    const place = { name, locator: tree.locator };
    return { ...place, what: closedFiles(countOnce(closed, estate, place, () => closed.unclaimed())) };
  });
  const areDumps = new Set(estate.dumps.map(({ location }) => location.name));
  const physical = estate.physical
    .filter(({ location: { servers } }) => servers === null || server === null || servers.includes(server))
    .map(({ location: { name, locator, contents } }) => {
      const { mayHoldAny = [] } = contents;
      const files = () => mayHoldAny.filter(({ snapshot }) => snapshot === null);
      // A place of dumps opens its files itself, and knows by their names whose they are.
      const count = areDumps.has(name) ? 0 : countOnce(contents, estate, { name, locator }, files);
      return { name, locator, what: unopenedSnapshots(mayHoldAny) ?? closedFiles(count) };
    });
  const places = Map.groupBy([...dumps, ...physical], ({ name }) => name);
  return [...places].flatMap(([name, found]) => {
    const what = found.flatMap((one) => one.what ?? []);
    const [first] = found;
    if (first === undefined || what.length === 0) return [];
    return asker.record(
      { kind: 'copy', subject, source: `location ${name}`, operation: UNOPENED_FILES, locator: first.locator },
      {
        items: [],
        blindSpot: {
          reason: 'unsupported',
          // Names are left to the list of unmatched files: no organization is told of another's.
          detail: `location ${name}: no copy of it was found, and ${what.join('; ')}`,
          remedy:
            'Look into what is listed as unmatched. What holds a copy of one database alone: begin its file name with the name of the database, or let the run record name it. Move what holds none to another directory. Best keep a pg_dump of each database as it is written, in a location that is encrypted itself.',
        },
      },
    );
  });
}

function closedFiles(count: number): string | null {
  if (count === 0) return null;
  const [are, them] = count === 1 ? ['is', 'it'] : ['are', 'them'];
  return `${counted(count, 'file')} there that ${are} encrypted or packed may hold one; the list of unmatched files names ${them}`;
}

type Path = Pick<ClosedArtifact, 'path'>;

const known = new WeakMap<object, number>();

/** How many files of a place may hold a copy. The same for every database of it, so looked for once. */
function countOnce(key: object, estate: Places, place: Place, files: () => readonly Path[]): number {
  const count = known.get(key) ?? withoutWhatOthersKnow(estate, place, files()).length;
  known.set(key, count);
  return count;
}

interface Place {
  readonly name: string;
  readonly locator: string;
}

function withoutWhatOthersKnow(estate: Places, { name, locator }: Place, files: readonly Path[]): readonly Path[] {
  if (files.length === 0) return [];
  const keepsInstallers = estate.locations.some(
    ({ config }) => config.name === name && config.purposes.includes('installers'),
  );
  const physical = estate.physical.filter((place) => !isOtherPurpose(place.location.purpose));
  const lists = unmatchedElsewhere({ ...estate, physical }, name).map((list) => new Set(list.map(({ path }) => path)));
  const inside = estate.locations.flatMap((other) => placeInside(locator, other) ?? []);
  return files
    .filter(({ path }) => lists.every((list) => list.has(path)))
    .filter(({ path }) => !inside.some((place) => path.startsWith(place)))
    .filter(({ path }) => !(keepsInstallers && INSTALLER.test(path)));
}

/** An image of a release as `docker save` writes it, named by its version. */
const INSTALLER = /\d+\.\d+[^/]*\.(tar(\.[^/.]+)?|t[gbxz][^/.]*)$/i;

/** Where another location lies in this one, as the beginning of paths; null elsewhere. What lies there is of its purposes. */
function placeInside(root: string, { config, tree }: OpenLocation): string | null {
  if (tree === null || config.purposes.includes('dumps')) return null;
  const place = tree.locator.replace(/\/*$/, '/');
  const start = root.replace(/\/*$/, '/');
  return place.startsWith(start) && place !== start ? place.slice(start.length) : null;
}
