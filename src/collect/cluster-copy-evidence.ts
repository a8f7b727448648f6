import { type AnyEvidence, NO_PLACE, UNREAD_METHOD } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import { statedServerCopies } from './backups/inventory/stated-copies.ts';
import {
  archiveFacts,
  type MatchedCopies,
  physicalCopyFact,
  sameIdentifierClusters,
  serversOf,
} from './backups/physical/cluster-copies.ts';
import { isOtherPurpose } from './backups/physical/read-other-copies.ts';
import type { Collection, Estate } from './estate.ts';
import type { KnownServer } from './servers.ts';

/** Every copy of one server's whole cluster, and the WAL kept of it: one answer each for every location that may hold some. */
export function clusterCopyEvidence(
  { asker }: Pick<Collection, 'asker'>,
  { physical, known }: Pick<Estate, 'physical' | 'known'>,
  knownServer: KnownServer,
): readonly AnyEvidence[] {
  const { server, subject } = knownServer;
  const places = physical.filter(({ location }) => location.servers === null || location.servers.includes(server.name));
  const keepsWal = places.some(({ location }) => !isOtherPurpose(location.purpose));
  const evidence = places.flatMap(({ location, copies }): readonly AnyEvidence[] => {
    const { name, purpose, locator, contents } = location;
    const own = copies.filter((copy) => copy.servers.includes(server.name));
    const question = { subject, source: `location ${name}`, operation: `read as ${purpose}`, locator };
    const items = own.map((one) =>
      physicalCopyFact(
        name,
        one,
        knownServer,
        sameIdentifierClusters(one.settled.copy.cluster, location.servers, known),
      ),
    );
    if (isOtherPurpose(purpose)) {
      // What could not be looked into says nothing about the copies that were read, and holds no archive of WAL.
      const blind = { items: [], blindSpot: contents.blindSpot };
      return [
        // An inventory shows no copy, nor that there is none: what it states of a server is told apart.
        ...(purpose === 'inventory' ? [] : [asker.record({ kind: 'copy', ...question }, { items })]),
        ...(contents.blindSpot === null
          ? []
          : [asker.record({ kind: 'copy', ...question, operation: UNREAD_METHOD }, blind)]),
      ];
    }
    const settled = own.map((one) => one.settled);
    const archives = contents.archives.filter(({ cluster }) =>
      serversOf(cluster, location.servers, known).includes(server.name),
    );
    return [
      asker.record({ kind: 'copy', ...question }, { items, blindSpot: contents.blindSpot }),
      asker.record(
        { kind: 'wal-archive', ...question },
        { items: archives.flatMap((archive) => archiveFacts(name, archive, settled)), blindSpot: contents.blindSpot },
      ),
    ];
  });
  const stated = statedServerCopies({ asker }, { physical }, subject, server.name);
  return [
    ...(keepsWal ? [] : [nowhereKept(asker, subject, 'wal-archive')]),
    ...(places.length === 0 ? [nowhereKept(asker, subject, 'copy')] : []),
    ...evidence,
    ...stated,
  ];
}

/** Copies and WAL are looked for in configured places: where there are none for a server, none was found. */
function nowhereKept<K extends 'copy' | 'wal-archive'>(asker: Collection['asker'], subject: Subject, kind: K) {
  return asker.record(
    { kind, subject, source: 'configuration', operation: NO_PLACE, locator: 'configuration file' },
    { items: [] },
  );
}

/** What lies in a place for copies of clusters and is of no server of the install, or is no copy at all. */
export function unmatchedPhysical({ location, copies }: MatchedCopies): readonly Facts['unmatched-artifact'][] {
  const foreign = copies
    .filter(
      ({ servers, settled }) =>
        servers.length === 0 && (settled.kind !== 'continuous' || settled.copy.kind === 'snapshot'),
    )
    .map(({ settled: { copy } }) => ({
      path: copy.path,
      bytes: copy.bytes,
      modifiedAt: copy.modifiedAt,
      what:
        copy.cluster.systemIdentifier === null && copy.cluster.endpoints.length === 0
          ? 'copy of a cluster that does not tell which'
          : 'copy of a cluster that the install does not have',
      foundName: null,
    }));
  return [...location.contents.unmatched, ...foreign];
}
