import { resolve } from 'node:path';
import type { Mistake } from '../config/configuration-error.ts';
import type { LocationConfig } from '../config/location-schema.ts';
import type { FileSystemPlace } from './hosts/file-system-place.ts';
import { hostProbe } from './hosts/probe/host-probe.ts';

interface Place extends FileSystemPlace {
  readonly index: number;
  readonly config: LocationConfig;
}

/**
 * Locations in which the same files would be found twice, as two copies: one directory under two names (a symbolic link or
 * a bind mount of it or of a part included), or one inside the other. Two entries for different purposes, servers or listings share a
 * directory rightly.
 *
 * @param locations in the order of the configuration; null for one that is read on another host
 */
export async function samePlaceMistakes(locations: readonly (LocationConfig | null)[]): Promise<readonly Mistake[]> {
  const found = await Promise.all(
    locations.map(
      async (config, index): Promise<Place | null> =>
        config === null ? null : { index, config, ...(await placeOf(config)) },
    ),
  );
  const places = found.filter((place) => place !== null);
  return places.flatMap((place) =>
    places
      .filter(({ index }) => index < place.index)
      .flatMap((earlier) => {
        const relation = relationOf(place, earlier);
        return relation === null || !findTheSame(place.config, earlier.config, relation)
          ? []
          : mistake(place, earlier, relation);
      }),
  );
}

type Relation = 'the same place as' | 'inside' | 'around';

function relationOf(one: Place, other: Place): Relation | null {
  if (meet(one.self, other.self)) return 'the same place as';
  if (meet(one.above, other.self)) return 'inside';
  if (meet(other.above, one.self) || mounts(one, other)) return 'around';
  return mounts(other, one) ? 'inside' : null;
}

/** Whether a part of the other place, or what it is a part of, is mounted below the one. */
function mounts({ mounted }: Place, other: Place): boolean {
  return mounted.some((chain) => meet(chain, other.self) || meet(chain.slice(0, 1), other.above));
}

function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.includes(one));
}

function mistake({ index, config }: Place, earlier: Place, relation: Relation): readonly Mistake[] {
  return [
    {
      path: `locations[${index}].${config.kind === 's3' ? 'prefix' : 'path'}`,
      problem: `location ${config.name} is ${relation} location ${earlier.config.name}: what lies there would count as two copies`,
      hint: 'Name the second place, mount what shall be mounted there, or remove one of the two; one location may have several purposes.',
    },
  ];
}

/** Whether both would read the same files for the same purpose and the same servers. */
function findTheSame(one: LocationConfig, other: LocationConfig, relation: Relation): boolean {
  const servers = one.servers;
  const ofOthers = servers !== undefined && other.servers?.every((server) => !servers.includes(server)) === true;
  return (
    !ofOthers && readings(one).some((reading) => readings(other).some((theirs) => isSame(reading, theirs, relation)))
  );
}

/** What a location is read for; of a listing also which file that is. */
interface Reading {
  readonly purpose: string;
  readonly listing: string | null;
}

function readings({ purposes, filesystemSnapshots, inventory, pgbackrest }: LocationConfig): readonly Reading[] {
  const listings: Readonly<Record<string, string | undefined>> = {
    'filesystem-snapshots': filesystemSnapshots?.listing,
    inventory: inventory?.file,
    pgbackrest: pgbackrest?.info,
  };
  return purposes.map((purpose) => ({ purpose, listing: listings[purpose] ?? null }));
}

function isSame(one: Reading, other: Reading, relation: Relation): boolean {
  if (one.purpose !== other.purpose || one.listing !== other.listing) return false;
  // Listings are files of their own: one of the same name deeper inside is another.
  return one.listing === null || relation === 'the same place as';
}

const NOWHERE: FileSystemPlace = { self: [], above: [], mounted: [] };

async function placeOf(config: LocationConfig): Promise<FileSystemPlace> {
  if (config.kind === 'aws') return NOWHERE;
  if (config.kind === 's3') {
    // Without an endpoint the name of a bucket is one for all regions.
    const [self = '', ...above] = prefixes(`s3 ${serviceAt(config.endpoint)} ${config.bucket}/`, config.prefix);
    return { ...NOWHERE, self: [self], above };
  }
  try {
    // Of a share that hangs nothing is told here, and reading it is a blind spot later.
    return await hostProbe.ask({ ask: 'place', path: resolve(config.path) }, new AbortController().signal);
  } catch {
    // Whatever cannot be looked at is a blind spot of its own.
    return NOWHERE;
  }
}

/** The service at an endpoint, however its address is spelled. */
function serviceAt(endpoint: string | undefined): string {
  if (endpoint === undefined || !URL.canParse(endpoint)) return endpoint ?? 'aws';
  // Host names are one in any case, and a port that is the usual one is left out (WHATWG URL).
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const host = hostname.replace(/\.$/, '');
  return `${protocol}//${LOOPBACK.has(host) ? 'localhost' : host}:${port}${pathname.replace(/\/+$/, '')}`;
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A prefix and all that begin it: a bucket has no directories. */
function prefixes(bucket: string, prefix: string): readonly string[] {
  return Array.from({ length: prefix.length + 1 }, (_, cut) => bucket + prefix.slice(0, prefix.length - cut));
}
