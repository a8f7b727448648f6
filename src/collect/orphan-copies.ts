import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { isOfServer } from './database-list-evidence.ts';
import { problemBlindSpot } from './dataset-answers.ts';
import { ABSENT, type Collection, type Estate, type OpenLocation } from './estate.ts';

type OrphanCopy = Facts['orphan-copy'];

/** Databases of one location that are told by name. */
const MOST_NAMES = 1000;

interface Named extends Pick<OrphanCopy, 'path' | 'modifiedAt' | 'inside'> {
  readonly name: string | null;
}

/**
 * Copies in one location whose database the install database does not record, told by the name inside: dumps, and
 * databases in copies of whole clusters of the install's own servers. Copies of other servers are listed as unmatched.
 */
export function orphanCopyEvidence(
  { asker }: Pick<Collection, 'asker'>,
  estate: Estate,
  { config, subject, tree, aws }: OpenLocation,
): AnyEvidence {
  const dumps = estate.dumps.filter(({ location }) => location.name === config.name);
  const physical = estate.physical.filter(({ location }) => location.name === config.name);
  const unknownNames = namesUnknown(asker, estate);
  const blindSpot =
    unknownNames ??
    [...dumps, ...physical.map(({ location }) => location.contents)]
      .map((one) => one.blindSpot)
      .find((one) => one !== null) ??
    null;
  const named = unknownNames === null ? [...inDumps(dumps), ...inClusterCopies(physical)] : [];
  const orphans = named.flatMap((one) => {
    const { name, ...copy } = one;
    return name === null || estate.databaseServers.has(name) || isOfServer(name) ? [] : [{ name, ...copy }];
  });
  const locator = tree?.locator ?? aws?.locator ?? config.name;
  return asker.record(
    { kind: 'orphan-copy', subject, source: `location ${config.name}`, operation: 'names inside copies', locator },
    { items: byName(orphans), blindSpot },
  );
}

function inDumps(dumps: Estate['dumps']): readonly Named[] {
  return dumps.flatMap(({ artifacts, globals }) => {
    const single = artifacts.filter(({ readInFullAt }) => readInFullAt === undefined);
    const parts = artifacts.filter(({ readInFullAt }) => readInFullAt !== undefined);
    const read = new Set(parts.map(({ path }) => path));
    return [
      ...single.map(({ reading, path, modifiedAt }) => named(reading.databaseName, path, modifiedAt, 'dump')),
      // Of an output of pg_dumpall the names are known where it was read whole.
      ...parts.map(({ reading, path, modifiedAt }) => named(reading.databaseName, path, modifiedAt, 'cluster-copy')),
      ...globals
        .filter(({ path }) => !read.has(path))
        .flatMap(({ reading, path, modifiedAt }) =>
          reading.databases.map(({ name }) => named(name, path, modifiedAt, 'cluster-copy')),
        ),
    ];
  });
}

function named(name: string | null, path: string, modifiedAt: string, inside: Named['inside']): Named {
  return { name, path, modifiedAt, inside };
}

function inClusterCopies(physical: Estate['physical']): readonly Named[] {
  return physical.flatMap(({ copies }) =>
    copies
      .filter(({ servers, settled }) => servers.length > 0 && settled.kind !== 'continuous')
      .flatMap(({ settled: { copy, path } }) =>
        (copy.databases ?? []).map(({ name }) => ({
          name,
          path,
          modifiedAt: copy.modifiedAt,
          inside: 'cluster-copy' as const,
        })),
      ),
  );
}

function byName(orphans: readonly (Named & { readonly name: string })[]): readonly OrphanCopy[] {
  const groups = Map.groupBy(orphans, ({ name, inside }) => `${inside}\0${name}`);
  const facts = [...groups.values()].flatMap((group): readonly OrphanCopy[] => {
    const [newest] = group.toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt) || (a.path < b.path ? -1 : 1));
    if (newest === undefined) return [];
    const { name: databaseName, path, modifiedAt, inside } = newest;
    return [{ databaseName, copies: group.length, path, modifiedAt, inside }];
  });
  return facts.sort((a, b) => (a.databaseName < b.databaseName ? -1 : 1)).slice(0, MOST_NAMES);
}

/** Where not all rows were read, a name that none of them has may be recorded all the same. */
function namesUnknown(asker: Collection['asker'], { reading }: Pick<Estate, 'reading'>): BlindSpot | null {
  const dataset = reading.datasets.tenant_databases;
  if (dataset.status === 'absent') return ABSENT('tenant_databases');
  if (dataset.status === 'blind') return asker.blindSpotOf(dataset.error, 'dataset tenant_databases');
  return problemBlindSpot('tenant_databases', dataset.problems);
}
