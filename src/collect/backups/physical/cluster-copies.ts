import type { Facts } from '../../../model/facts.ts';
import type { Instant } from '../../../model/instant.ts';
import { isSegmentName } from '../../formats/wal-segments.ts';
import type { KnownServer } from '../../servers.ts';
import { belongsTo } from './held-wal.ts';
import { contradictions, type PlacedCopy } from './order-in-log.ts';
import { otherHistories } from './other-histories.ts';
import type { ClusterIdentity, PhysicalContents, WalArchive } from './physical-copy.ts';
import type { SettledCopy } from './settle-copies.ts';
import { type ReadCopies, type VerifiedCopy, verifiedCopies } from './verified-copies.ts';

/** What one place that holds copies of whole clusters held. */
export interface PhysicalLocation {
  /** Configured name. */
  readonly name: string;
  /** What the configuration says lies there. */
  readonly purpose: string;
  /** Where it is, safe to print. */
  readonly locator: string;
  /** Servers whose copies lie here; null for all. */
  readonly servers: readonly string[] | null;
  readonly contents: PhysicalContents;
}

/** The copies of one place, each with the servers it is of: none, where it is no copy of a server of the install. */
export interface MatchedCopies {
  readonly location: PhysicalLocation;
  readonly copies: readonly MatchedCopy[];
}

type Contradiction = NonNullable<NonNullable<Facts['copy']['physical']>['contradicts']>;

/** A copy with the names of the servers that it may be of. */
export interface MatchedCopy extends VerifiedCopy {
  readonly servers: readonly string[];
  /** What only another server can have written if this one was written by the server. */
  readonly contradicts?: Contradiction;
}

/**
 * Joins copies with the WAL archives of all places and says whose they are.
 *
 * @param readIn what full readings found in a place
 * @param failedIn what could not be read in full there, see {@link verifiedCopies}
 */
export function matchCopies(
  locations: readonly PhysicalLocation[],
  known: ReadonlyMap<string, KnownServer>,
  readIn: (location: PhysicalLocation) => ReadCopies = () => new Map(),
  failedIn: (location: PhysicalLocation) => ReadonlySet<string> = () => new Set(),
): readonly MatchedCopies[] {
  const matched = locations.map((location): MatchedCopies => {
    const elsewhere = locations.filter((other) => other !== location).flatMap((other) => other.contents.archives);
    return {
      location,
      copies: verifiedCopies(location.contents, elsewhere, readIn(location), failedIn(location)).map((one) => ({
        ...one,
        servers: serversOf(one.settled.copy.cluster, location.servers, known),
      })),
    };
  });
  const placed = ({ location }: MatchedCopies, one: MatchedCopy) => ({ ...one, location: location.name });
  const all = matched.flatMap((place) => place.copies.map((one) => placed(place, one)));
  const contradicted = contradictions(all);
  const archives = locations.flatMap(({ name, servers, contents }) =>
    contents.archives.map((archive) => ({
      archive,
      location: name,
      servers: serversOf(archive.cluster, servers, known),
    })),
  );
  const otherHistory = otherHistories(all, archives);
  return matched.map((place) => ({
    ...place,
    copies: place.copies.map((one): MatchedCopy => {
      const contradicts =
        byOrder(contradicted(placed(place, one))) ?? otherHistory(placed(place, one)) ?? byOwnWal(place, one);
      return contradicts === null ? one : { ...one, contradicts };
    }),
  }));
}

function byOrder(other: PlacedCopy | null): Contradiction | null {
  return other === null ? null : { label: other.settled.label, location: other.location };
}

/** What is restored with another archive is of the base copy all the same. */
function byOwnWal({ location }: MatchedCopies, { settled: { copy } }: MatchedCopy): Contradiction | null {
  const [other] = copy.otherWal ?? [];
  if (other === undefined) return null;
  return { label: `the WAL in ${other.archive}`, location: location.name, by: 'wal', what: other.segment };
}

/**
 * Names of the servers that a copy may be of: those whose identifier, or address and port it bears, and the one that the
 * configuration names. The last stays in even where what is inside contradicts it: a control says so.
 */
export function serversOf(
  cluster: ClusterIdentity,
  possible: readonly string[] | null,
  known: ReadonlyMap<string, KnownServer>,
): readonly string[] {
  const found = [...known.values()].filter((one) => {
    const { server } = one;
    if (cluster.declaredServer !== null) return cluster.declaredServer === server.name;
    if (possible !== null && !possible.includes(server.name)) return false;
    const address = server.host.toLowerCase();
    return (
      (cluster.systemIdentifier !== null && identifiersOf(one).includes(cluster.systemIdentifier)) ||
      (cluster.endpoints.includes(address) && (cluster.port ?? server.port) === server.port)
    );
  });
  return found.map(({ server }) => server.name);
}

/** Every identifier that the cluster has, where its server told it, or had. */
function identifiersOf({ server, catalogue }: KnownServer): readonly string[] {
  const present = catalogue?.server.systemIdentifier ?? null;
  const former = server.formerIdentifiers.map(({ systemIdentifier }) => systemIdentifier);
  return present === null ? former : [present, ...former];
}

/** Translates one copy into the vocabulary, seen from one server that it may be of. */
export function physicalCopyFact(
  location: string,
  { settled: { copy, ...settled }, vouching, contradicts }: VerifiedCopy & Pick<MatchedCopy, 'contradicts'>,
  server: KnownServer,
  sameIdentifierClusters: number,
): Facts['copy'] {
  const isWhole = vouching?.isWhole === true;
  return {
    location,
    path: settled.path,
    method: copy.method,
    format: copy.format,
    bytes: copy.bytes,
    modifiedAt: copy.modifiedAt,
    foundName: null,
    claimedName: null,
    // That an identifier agrees proves nothing yet, as clones share it; that it does not proves another cluster.
    nameAgrees: isOfAnother(copy.cluster, server) ? false : null,
    sameNameDatabases: 0,
    databaseOid: null,
    tableOids: null,
    tableNames: null,
    tablesComplete: false,
    tablesWithoutRows: [],
    scope: 'full',
    moment: settled.moment,
    serverVersion: copy.serverVersion,
    toolVersion: copy.toolVersion,
    integrity: settled.integrity,
    integrityBecause: settled.integrityBecause,
    readToEnd: isWhole || (settled.integrity === 'incomplete' && copy.readToEnd),
    verifiedAt: isWhole ? vouching.at : null,
    ...(vouching === null || isWhole ? {} : { restsOnReadingAt: vouching.at }),
    ...(vouching === null ? {} : { byStructure: { ...vouching.byStructure } }),
    sha256: null,
    encrypted: copy.encrypted,
    ...(copy.domain === null ? {} : { kept: keptWith(copy.domain, copy.keys) }),
    physical: {
      kind: settled.kind,
      label: settled.label,
      builtOn: [...settled.builtOn],
      startedAt: copy.startedAt,
      ...(copy.beingTaken === true && settled.integrity === 'incomplete' ? { beingTaken: true } : {}),
      systemIdentifier: copy.cluster.systemIdentifier,
      timeline: settled.timeline,
      ...(settled.lastWal !== null && isSegmentName(settled.lastWal) ? { lastWal: settled.lastWal } : {}),
      ...(settled.kind !== 'continuous' && copy.wal?.stopLsn != null ? { stopLsn: copy.wal.stopLsn } : {}),
      ...(contradicts === undefined ? {} : { contradicts: { ...contradicts } }),
      ...(settled.followed === null ? {} : { followed: { ...settled.followed } }),
      endpoints: [...copy.cluster.endpoints],
      ...(copy.cluster.port == null ? {} : { endpointPort: copy.cluster.port }),
      declaredServer: copy.cluster.declaredServer !== null,
      sameIdentifierClusters,
      databaseOids: oidsOf(copy.databases),
      lockedUntil: copy.lockedUntil,
    },
  };
}

function keptWith(
  domain: NonNullable<SettledCopy['copy']['domain']>,
  keys: SettledCopy['copy']['keys'],
): NonNullable<Facts['copy']['kept']> {
  return { ...domain, ...(keys === undefined ? {} : { keys: keys.map((key) => ({ ...key })) }) };
}

function isOfAnother({ systemIdentifier }: ClusterIdentity, server: KnownServer): boolean {
  if (systemIdentifier === null || (server.catalogue?.server.systemIdentifier ?? null) === null) return false;
  return !identifiersOf(server).includes(systemIdentifier);
}

/** Object ids of all databases; null where one of them is not told, as a list with holes proves no absence. */
function oidsOf(databases: SettledCopy['copy']['databases']): number[] | null {
  if (databases === null) return null;
  const oids = databases.flatMap(({ oid }) => (oid === null ? [] : [oid]));
  return oids.length === databases.length ? oids.sort((a, b) => a - b) : null;
}

/** How many servers of the install bear the identifier inside, or bore it once, and may have copies in that place. */
export function sameIdentifierClusters(
  cluster: ClusterIdentity,
  possible: readonly string[] | null,
  known: ReadonlyMap<string, KnownServer>,
): number {
  const { systemIdentifier } = cluster;
  if (systemIdentifier === null) return 0;
  return [...known.values()].filter(
    (one) => (possible === null || possible.includes(one.server.name)) && identifiersOf(one).includes(systemIdentifier),
  ).length;
}

/** When the last segment was archived; where its storage time cannot tell, what is in it does. */
function endOf({ isRetimed = false, lastWrittenAt, lastArchivedAt }: WalArchive['timelines'][number]): Instant {
  return isRetimed && lastWrittenAt !== undefined ? lastWrittenAt : lastArchivedAt;
}

/** One fact for each timeline of an archive, or for the range that a service promises. */
export function archiveFacts(
  location: string,
  archive: WalArchive,
  copies: readonly SettledCopy[],
): readonly Facts['wal-archive'][] {
  const own = copies.filter(
    ({ copy, integrity, kind }) =>
      kind !== 'continuous' &&
      integrity !== 'incomplete' &&
      copy.cluster.systemIdentifier === archive.cluster.systemIdentifier &&
      belongsTo(archive, copy),
  );
  const oldest = own.flatMap(({ moment }) => (moment === null ? [] : [moment.notAfter])).sort()[0] ?? null;
  const common = { location, path: archive.path, method: archive.method };
  if (archive.window !== null) {
    const { from, to } = archive.window;
    const none = { timeline: null, firstSegment: null, lastSegment: null, gaps: [], missing: 0 };
    return [{ ...common, ...none, restorableFrom: from, restorableTo: to }];
  }
  return archive.timelines.map((line) => ({
    ...common,
    timeline: line.timeline,
    firstSegment: line.firstSegment,
    lastSegment: line.lastSegment,
    gaps: line.gaps.map(({ first, last }) => ({ first, last })),
    missing: line.missing,
    restorableFrom: oldest,
    restorableTo: oldest === null || line.missing > 0 ? null : endOf(line),
  }));
}
