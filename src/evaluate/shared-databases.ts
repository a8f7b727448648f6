import type { ComparedPart, InstallPart, OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { comparisonAbout } from './comparison-evidence.ts';

/** Folds the tenant databases that organizations are recorded with, so that shared ones can be told. */
export interface DatabaseSurvey {
  /** @param owner number of the organization, counted in the order of the parts */
  add(part: ComparedPart, owner: number): void;
  /** Ends the folding. */
  finish(): ComparedDatabases;
}

/** Names of tenant databases that more than one row bears, and how many organizations' rows are not known. Plain data. */
export interface ComparedDatabases {
  readonly claims: ReadonlyMap<string, readonly Claim[]>;
  readonly unread: number;
}

interface Claim {
  readonly owner: number;
  /** `host:port` in lower case; `''` where the row names no host, which means the install database's server. */
  readonly address: string;
}

/** Whether another organization is recorded with the same database. */
type Sharing = 'shared' | 'not told' | 'own';

export function createDatabaseSurvey(): DatabaseSurvey {
  const claims = new Map<string, Claim[]>();
  const addresses = new Map<string, string>();
  let unread = 0;
  return {
    add(part, owner) {
      const rows = rowsOf(part);
      if (rows === null) unread += 1;
      for (const row of rows ?? []) {
        const written = addressOf(row);
        const address = addresses.get(written) ?? written;
        addresses.set(address, address);
        const known = claims.get(row.databaseName);
        if (known === undefined) claims.set(row.databaseName, [{ owner, address }]);
        else known.push({ owner, address });
      }
    },
    finish() {
      // Names that one organization alone bears are nearly all of them, and are not asked about any more.
      const repeated = new Map([...claims].filter(([, list]) => list.length > 1));
      claims.clear();
      addresses.clear();
      return { claims: repeated, unread };
    },
  };
}

/** Tells of an organization whether another one is recorded with its databases. */
export interface DatabaseComparison {
  evidenceAbout(part: OrganizationPart, owner: number, asOf: Instant): AnyEvidence;
}

/** @param install tells which servers are one */
export function compareDatabases(
  { claims, unread }: ComparedDatabases,
  install: Pick<InstallPart, 'subjects' | 'evidence'>,
): DatabaseComparison {
  const servers = serversIn(install);
  const sharings = new Map([...claims].map(([name, list]) => [name, groups(list, servers)]));
  return {
    evidenceAbout(part, owner, asOf) {
      const rows = rowsOf(part);
      const shared = new Set<string>();
      let blindSpot: BlindSpot | null = rows === null ? OWN_UNKNOWN : unread > 0 ? OTHERS_UNKNOWN : null;
      for (const row of rows ?? []) {
        const sharing = sharings.get(row.databaseName)?.(owner, addressOf(row)) ?? 'own';
        if (sharing === 'shared') shared.add(row.databaseName);
        if (sharing === 'not told') blindSpot ??= NOT_TOLD;
      }
      return comparisonAbout(part, {
        kind: 'database-overlap',
        of: 'tenant-database',
        source: 'comparison of all tenant databases',
        asOf,
        items: [...shared].sort().map((databaseName) => ({ databaseName })),
        blindSpot,
      });
    },
  };
}

function rowsOf(part: ComparedPart): readonly Facts['tenant-database'][] | null {
  const records = part.evidence.filter((record) => record.kind === 'tenant-database');
  if (records.length === 0 || records.some((record) => record.blindSpot !== null)) return null;
  return records.flatMap((record) => record.items);
}

function addressOf({ host, port }: Pick<Facts['cluster'], 'host' | 'port'>): string {
  return host === null ? '' : `${host.toLowerCase()}:${port ?? 5432}`;
}

interface Servers {
  /** Address of the install database's server; null where that is not known. */
  readonly own: string | null;
  /** System identifiers by address, of the servers that told theirs. */
  readonly identifiers: ReadonlyMap<string, string>;
}

function serversIn({ subjects, evidence }: Pick<InstallPart, 'subjects' | 'evidence'>): Servers {
  const own = subjects.find(({ subject }) => subject.kind === 'database' && subject.organizationId === null)?.cluster;
  const identifiers = new Map<string, string>();
  let ownAddress: string | null = null;
  for (const record of evidence) {
    if (record.kind !== 'cluster') continue;
    for (const item of record.items) {
      if (item.host === null) continue;
      const address = addressOf(item);
      if (record.subject.key === own) ownAddress = address;
      if (item.systemIdentifier !== null) identifiers.set(address, item.systemIdentifier);
    }
  }
  return { own: ownAddress, identifiers };
}

/**
 * Tells sharing among databases of one name. Databases of one name at one address are one. At two addresses they are
 * two only where both servers told different system identifiers: one server may go by two names, and physical copies
 * of a server keep its identifier (PostgreSQL documentation, "System Information Functions", pg_control_system).
 */
function groups(claims: readonly Claim[], servers: Servers): (owner: number, address: string) => Sharing {
  const canonical = (address: string) => (address === '' ? (servers.own ?? '') : address);
  const identity = (address: string) => servers.identifiers.get(canonical(address)) ?? '';
  const owners = new Set(claims.map((claim) => claim.owner));
  const byAddress = new Map<string, Set<number>>();
  const byIdentity = new Map<string, Set<number>>();
  for (const { owner, address } of claims) {
    addTo(byAddress, canonical(address), owner);
    addTo(byIdentity, identity(address), owner);
  }
  return (owner, address) => {
    const hasOther = (set: ReadonlySet<number> | undefined) => set !== undefined && set.size > (set.has(owner) ? 1 : 0);
    if (hasOther(byAddress.get(canonical(address)))) return 'shared';
    const own = identity(address);
    if (own === '') return hasOther(owners) ? 'not told' : 'own';
    return hasOther(byIdentity.get(own)) || hasOther(byIdentity.get('')) ? 'not told' : 'own';
  };
}

function addTo(sets: Map<string, Set<number>>, key: string, owner: number): void {
  const known = sets.get(key);
  if (known === undefined) sets.set(key, new Set([owner]));
  else known.add(owner);
}

const OWN_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'its tenant databases are not all known, so they cannot be compared with those of others',
  remedy: 'Read the blind spots of dataset tenant_databases.',
};

const OTHERS_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'the tenant databases of other organizations are not all known, and one of them may be this one',
  remedy: 'Read the blind spots of dataset tenant_databases.',
};

const NOT_TOLD: BlindSpot = {
  reason: 'not-asked',
  detail:
    'another organization is recorded with a database of the same name, and whether the two addresses are one server cannot be told by their system identifiers',
  remedy:
    'Add every server of tenant databases to servers in the configuration, and let all rows of one server in dataset tenant_databases name the same host and port.',
};
