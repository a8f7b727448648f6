import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { GlobalsDump, LocationContents } from './backups/artifact-index.ts';
import { dumpMoment } from './backups/dump-moment.ts';
import { listingTime } from './backups/listing-time.ts';
import { isOld, type VerificationAges, verificationAges } from './backups/verification/ages.ts';
import { verifiedNow } from './backups/verification/verification-memory.ts';
import type { Collection, Estate } from './estate.ts';
import type { KnownServer } from './servers.ts';

type Known = Pick<Estate, 'known' | 'databaseServers'>;

/**
 * Dumps of the roles and settings of one server: an answer for each location of dumps that may hold some. Such a dump
 * does not say which server it is of: the location's servers tell, or the databases beside the roles. Where several are
 * left, it is a blind spot of each of them.
 */
export function globalsEvidence(
  { asker, policy }: Pick<Collection, 'asker' | 'policy'>,
  estate: Known & Pick<Estate, 'dumps'>,
  { server, subject }: KnownServer,
): readonly AnyEvidence[] {
  const ages = verificationAges(policy, subject, undefined, verifiedNow());
  const places = estate.dumps.filter(({ location: { servers } }) => servers === null || servers.includes(server.name));
  if (places.length === 0) {
    const question = { kind: 'globals-copy', subject, source: 'configuration', locator: 'configuration file' } as const;
    return [asker.record({ ...question, operation: 'locations with purpose dumps: none' }, { items: [] })];
  }
  return places.map((contents) => {
    const { name, tree } = contents.location;
    const globals = contents.globals.map((dump) => asReadInFull(dump, contents, ages));
    const possible = globals.map((dump) => ({ dump, servers: serversOf(dump, contents, estate) }));
    const own = possible.filter(({ servers }) => servers.includes(server.name));
    const certain = own.filter(({ servers }) => isOneCluster(servers, estate)).map(({ dump }) => fact(contents, dump));
    const isOpen = certain.length === 0 && own.length > 0;
    const closed = certain.length === 0 && contents.closed.mayHoldRoles ? cannotBeRead(name) : null;
    return asker.record(
      { kind: 'globals-copy', subject, source: `location ${name}`, operation: 'list', locator: tree.locator },
      { items: certain, blindSpot: contents.blindSpot ?? (isOpen ? ofWhich(name) : closed) },
    );
  });
}

/** Roles and settings that lie in a location and are not told to be of one server: listed, as nobody is told of them. */
export function unmatchedGlobals(contents: LocationContents, estate: Known): readonly Facts['unmatched-artifact'][] {
  return contents.globals
    .filter((dump) => dump.isGlobalsOnly && !isOneCluster(serversOf(dump, contents, estate), estate))
    .map(({ path, bytes, modifiedAt }) => ({ path, bytes, modifiedAt, what: GLOBALS, foundName: null }));
}

/**
 * Of a file that is too large to be read with the listing, its beginning is known; what it is as a whole, where it was read
 * in its turn, in this run or before.
 */
function asReadInFull(dump: GlobalsDump, { insideClusters }: LocationContents, ages: VerificationAges): GlobalsDump {
  const inside = insideClusters.get(dump.path);
  if (inside === undefined || isOld({ verifiedAt: inside.readAt, isNew: inside.isNew }, ages)) return dump;
  return { ...dump, reading: inside.whole };
}

const GLOBALS = 'roles and settings of a server (pg_dumpall --globals-only) that do not tell which';

/** Names of the servers that it may be of. */
function serversOf(dump: GlobalsDump, { location }: LocationContents, { known, databaseServers }: Known): string[] {
  const possible = [...known.keys()].filter((name) => location.servers === null || location.servers.includes(name));
  const named = new Set(dump.reading.databases.flatMap(({ name }) => [...(databaseServers.get(name) ?? [])]));
  const telling = possible.filter((name) => named.has(name));
  return telling.length > 0 ? telling : possible;
}

/** Whether all are one cluster under several configured names. */
function isOneCluster(servers: readonly string[], { known }: Known): boolean {
  const clusters = servers.map((name) => {
    const found = known.get(name);
    return found?.catalogue?.server.systemIdentifier ?? `${found?.server.host.toLowerCase()}:${found?.server.port}`;
  });
  return new Set(clusters).size === 1;
}

function fact({ location }: LocationContents, dump: GlobalsDump): Facts['globals-copy'] {
  const { path, bytes, modifiedAt, reading } = dump;
  const { startedLocal, startedAt, integrity, loginRoles } = reading;
  const moment = dumpMoment({
    startedLocal,
    startedAt,
    modifiedAt,
    timeZone: location.timeZone,
    recordedStart: null,
    listedAt: listingTime(location),
  });
  const complete = { complete: true, incomplete: false, unproven: null }[integrity.state];
  return {
    location: location.name,
    path,
    bytes,
    modifiedAt,
    moment,
    complete,
    // Only all of it tells that there is no other.
    ...(complete === true && loginRoles !== undefined ? { loginRoles } : {}),
  };
}

function ofWhich(location: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: a dump of roles and settings in it does not tell which of several servers it is of`,
    remedy:
      'Put the dumps of each server into a location of its own, and name that server under servers of the location.',
  };
}

function cannotBeRead(location: string): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `location ${location}: a file in it that is called a dump of roles cannot be looked into`,
    remedy: 'Dump the roles unencrypted into an encrypted place, or attest roles-in-code.',
  };
}
