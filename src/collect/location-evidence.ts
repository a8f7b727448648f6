import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Subject } from '../model/subject.ts';
import { isClusterDump } from './backups/cluster-dumps.ts';
import { locationCustody } from './custody.ts';
import { declarationsAbout } from './declarations.ts';
import { locationDomains, observedDomain, sharedPlace } from './domains.ts';
import type { Collection, Estate, OpenLocation } from './estate.ts';
import { unmatchedGlobals } from './globals-evidence.ts';
import { locationLockEvidence } from './location-locks.ts';
import { orphanCopyEvidence } from './orphan-copies.ts';
import { sharedFiles } from './shared-files.ts';
import { unmatchedElsewhere } from './unmatched-elsewhere.ts';

/** Every location: where it stands, what it is for, what protects it, and what lies there that matched nothing. */
export async function locationEvidence(collection: Collection, estate: Estate): Promise<readonly AnyEvidence[]> {
  const locks = await Promise.all(
    estate.locations.map((location) => locationLockEvidence(collection, location, blindSpotIn(estate, location))),
  );
  const shared = sharedFiles(estate);
  return estate.locations.flatMap((location, index) => {
    const { config, subject } = location;
    const locator = location.tree?.locator ?? location.aws?.locator ?? config.name;
    const offset = location.clockOffsetMillis();
    return [
      ...locationDomains(collection, location),
      ...observedPlace(collection, estate, location),
      ...(shared.get(config.name) ?? []).map((other) => sharedPlace(collection, subject, other, locator)),
      ...declarationsAbout(collection, subject),
      ...(locks[index] ?? []),
      locationCustody(
        collection,
        estate,
        location,
        locks[index]?.find(({ kind }) => kind === 'store-encryption'),
      ),
      collection.asker.record(
        { kind: 'location', subject, source: 'configuration', operation: 'locations', locator, grade: 'declared' },
        { items: [{ kind: config.kind, purposes: [...config.purposes], timezone: config.timeZone ?? null }] },
      ),
      unmatchedEvidence(collection, estate, location.subject, locator),
      orphanCopyEvidence(collection, estate, location),
      ...(offset === null
        ? []
        : [
            collection.asker.record(
              { kind: 'clock', subject, source: `location ${config.name}`, operation: 'Date header', locator },
              { items: [{ offsetMillis: offset, uncertaintyMillis: 1000 }] },
            ),
          ]),
    ];
  });
}

/** What hides copies of whole clusters, and with them their own locks. */
function blindSpotIn(estate: Estate, { config, blindSpot }: OpenLocation): BlindSpot | null {
  const read = estate.physical.find(({ location }) => location.name === config.name);
  return blindSpot ?? read?.location.contents.blindSpot ?? null;
}

/** Where a service itself says that its copies stand, if all stand in one place. */
function observedPlace(collection: Collection, estate: Estate, location: OpenLocation): readonly AnyEvidence[] {
  const { config, subject, aws } = location;
  if (aws === undefined) return [];
  const copies = estate.physical
    .filter((one) => one.location.name === config.name)
    .flatMap((one) => one.location.contents.copies);
  const points = estate.physical
    .filter((one) => one.location.name === config.name)
    .flatMap((one) => one.location.contents.bucketPoints ?? []);
  const places = new Map(
    [...copies, ...points].flatMap(({ domain }) => (domain === null ? [] : [[JSON.stringify(domain), domain]])),
  );
  const [place, ...others] = places.values();
  if (place === undefined || others.length > 0) return [];
  const fact = { host: null, site: null, ...place, origin: 'observed' } as const;
  return [observedDomain(collection, subject, fact, `location ${config.name}`, aws.locator)];
}

function unmatchedEvidence(collection: Collection, estate: Estate, subject: Subject, locator: string): AnyEvidence {
  const dumps = estate.dumps.find((contents) => contents.location.name === subject.key);
  const matched = (path: string) =>
    [...(dumps?.insideClusters.get(path)?.databases.keys() ?? [])].some((name) => isKnown(estate, name));
  const foreign = (dumps?.artifacts ?? [])
    .filter(({ reading, claimedName }) => !isKnown(estate, reading.databaseName) && !isKnown(estate, claimedName))
    // A file that holds many databases matches with one of them; the server's own are in each.
    .filter((artifact) => !(isClusterDump(artifact) && matched(artifact.path)))
    .filter(
      ({ reading, readInFullAt }) => !(readInFullAt !== undefined && OWN_DATABASES.has(reading.databaseName ?? '')),
    )
    .map(({ path, bytes, modifiedAt, reading }) => ({
      path,
      bytes,
      modifiedAt,
      what:
        reading.databaseName === null
          ? `${reading.format} that names no database`
          : 'copy of a database that the install does not have',
      foundName: reading.databaseName,
    }));
  const snapshots = [...estate.providers.values()]
    .flatMap((provider) => provider.snapshots)
    .filter((one) => one.location.subject.key === subject.key);
  const files = estate.fileCopies.find((one) => one.location.subject.key === subject.key);
  const physical = estate.physical.filter(({ location }) => location.name === subject.key);
  const lists = [
    ...(dumps === undefined
      ? []
      : [
          [
            ...dumps.unmatched.filter(({ path }) => !dumps.closed.namedByRun(path)),
            ...unmatchedGlobals(dumps, estate),
            ...foreign,
          ],
        ]),
    ...unmatchedElsewhere(estate, subject.key),
  ];
  const [first, ...others] = lists;
  const items = (first ?? []).filter((item) => others.every((list) => list.some((other) => other.path === item.path)));
  return collection.asker.record(
    { kind: 'unmatched-artifact', subject, source: `location ${subject.key}`, operation: 'list', locator },
    {
      items: [...items].sort((a, b) => (a.path < b.path ? -1 : 1)),
      blindSpot:
        dumps?.blindSpot ??
        snapshots[0]?.found.blindSpot ??
        (files?.copies === null ? files.blindSpot : null) ??
        physical[0]?.location.contents.blindSpot ??
        null,
    },
  );
}

/** Databases that every server has (documentation of initdb). */
const OWN_DATABASES = new Set(['postgres', 'template0', 'template1']);

function isKnown(estate: Estate, name: string | null): boolean {
  return name !== null && estate.databaseServers.has(name);
}
