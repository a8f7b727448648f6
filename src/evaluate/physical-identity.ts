import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { isOffLine, timelineAncestry } from './timeline-ancestry.ts';

type Physical = NonNullable<Facts['copy']['physical']>;
type Server = NonNullable<Facts['database-state']['server']>;
type Identity = readonly [Truth, string];

/** Methods whose artifacts nobody can look into: only the configuration says whose they are. */
const CLOSED_METHODS: ReadonlySet<string> = new Set(['filesystem-snapshot', 'ebs-snapshot', 'restic', 'borg']);

/**
 * Whether a copy of a whole cluster is of the judged database: of its cluster, by what is inside and where it lies, and
 * from after the database was made. Clones and restored servers share an identifier, so it proves a cluster only where
 * no other server of the install that may have copies there bears it.
 */
export function physicalIdentity(
  copy: Facts['copy'],
  physical: Physical,
  state: Facts['database-state'] | undefined,
): Identity {
  const cluster = clusterIdentity(copy, physical, state?.server);
  if (cluster[0] !== 'holds') return cluster;
  const [inside, because] = holdsDatabase(copy, physical, state);
  return inside === 'holds' ? ['holds', `${cluster[1]}, ${because}`] : [inside, because];
}

/**
 * True where what is inside shows another cluster than the judged database's: not merely an earlier time, nor a past that
 * its server may have given up.
 */
export function isOfAnotherCluster(copy: Facts['copy'], state: Facts['database-state'] | undefined): boolean {
  if (copy.physical === undefined || clusterIdentity(copy, copy.physical, state?.server)[0] !== 'fails') return false;
  return !isOffLine(copy, state);
}

function clusterIdentity(copy: Facts['copy'], physical: Physical, live: Server | undefined): Identity {
  const { systemIdentifier, endpoints, endpointPort } = physical;
  if (copy.nameAgrees === false) return ANOTHER_CLUSTER;
  if (live === undefined) return ['unknown', 'the live server did not tell which cluster it is'];
  if (systemIdentifier === null) {
    if (endpoints.length > 0) {
      if (!endpoints.includes(live.host.toLowerCase()))
        return ['fails', 'it was taken of an instance at another address'];
      const isAtPort = (endpointPort ?? live.port) === (live.port ?? endpointPort);
      return isAtPort
        ? ['holds', 'it was taken of the instance at the address of the live server']
        : ['fails', 'it was taken of an instance at another port of that address'];
    }
    if (physical.declaredServer && CLOSED_METHODS.has(copy.method)) {
      return ['holds', 'the configuration says that snapshots of this server lie there'];
    }
    return ['unknown', 'it does not tell which cluster it is of'];
  }
  if (live.systemIdentifier === null) return ['unknown', 'the live server did not tell its system identifier'];
  const own =
    systemIdentifier === live.systemIdentifier
      ? timelineAncestry(copy, physical, live)
      : formerIdentity(copy, systemIdentifier, live);
  if (own !== ANOTHER_CLUSTER && physical.sameIdentifierClusters > 1 && !physical.declaredServer) {
    return [
      'unknown',
      `${physical.sameIdentifierClusters} servers of the install bear its system identifier or bore it`,
    ];
  }
  return own;
}

const ANOTHER_CLUSTER: Identity = ['fails', 'it bears the system identifier of another cluster'];

/** pg_upgrade gives a cluster a new identifier: copies from before it bear the former one, if that was stated. */
function formerIdentity(copy: Facts['copy'], systemIdentifier: string, live: Server): Identity {
  const former = live.formerIdentifiers.find((one) => one.systemIdentifier === systemIdentifier);
  if (former === undefined) return ANOTHER_CLUSTER;
  if (copy.moment === null) return ['unknown', 'it bears a former system identifier and tells no time'];
  if (copy.moment.notAfter <= former.until) {
    return ['holds', 'it bears the system identifier that the cluster had then'];
  }
  return copy.moment.notBefore <= former.until
    ? ['unknown', 'it bears a former system identifier and is from about the time of the change']
    : ['fails', 'it bears a former system identifier and is from after the change'];
}

function holdsDatabase(
  copy: Facts['copy'],
  { databaseOids, kind, startedAt }: Physical,
  state: Facts['database-state'] | undefined,
): Identity {
  const createdAt = state?.createdAt ?? null;
  // The list is that of the base copy: WAL after it may have brought more databases.
  if (databaseOids !== null && state?.databaseOid != null) {
    if (databaseOids.includes(state.databaseOid)) return ['holds', 'the object id of the database is inside'];
    if (kind !== 'continuous') return ['fails', 'it was taken before the database was made'];
    // A row that is older than the base copy is of the tenant and not of this database, as after a move to this server.
    if (createdAt !== null && !(startedAt != null && createdAt > startedAt)) return MADE_AFTER_BASE;
  }
  if (createdAt === null) return ['unknown', 'it is not known whether the database was there when it was taken'];
  if (copy.moment === null) return ['unknown', 'it does not tell when it was taken'];
  if (createdAt <= copy.moment.notBefore) return ['holds', 'it was taken after the database was made'];
  return createdAt <= copy.moment.notAfter
    ? ['unknown', 'it was taken at about the time the database was made']
    : ['fails', 'it was taken before the database was made'];
}

const MADE_AFTER_BASE: Identity = [
  'unknown',
  'its base copy does not hold the database, which the install database calls older than that: when it came to this server is not known, so nor is whether the WAL holds it',
];
