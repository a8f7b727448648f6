import type { InstallPart } from '../model/bundle.ts';
import type { Facts } from '../model/facts.ts';
import type { SubjectNode } from '../model/subject.ts';

/** A row that says of an organization that a database is its own. */
export interface Claim {
  readonly owner: number;
  /** `host:port` in lower case; `''` where the row names no host, which means the install database's server. */
  readonly address: string;
}

/** Whether another organization is recorded with the same database. */
export type Sharing = 'shared' | 'not told' | 'own';

/** Where a row says that a database is, as {@link Claim} holds it. */
export function addressOf({ host, port }: Pick<Facts['cluster'], 'host' | 'port'>): string {
  return host === null ? '' : `${host.toLowerCase()}:${port ?? 5432}`;
}

/** The install database among the subjects of the install part. */
export function installDatabaseOf({ subjects }: Pick<InstallPart, 'subjects'>): SubjectNode | undefined {
  return subjects.find(({ subject }) => subject.kind === 'database' && subject.organizationId === null);
}

/** The install database as a claim of nobody among the organizations, on a server that no host names. */
const NOBODY = -1;

/** Whether a database that bears the name of the install database is that one. */
export function likeInstallDatabase(address: string, servers: Servers): Sharing {
  const owner = NOBODY - 1;
  const claims = [
    { owner: NOBODY, address: '' },
    { owner, address },
  ];
  return groups(claims, servers)(owner, address);
}

/** What tells whether two addresses are one server. */
export interface Servers {
  /** Address of the install database's server; null where that is not known. */
  readonly own: string | null;
  /** System identifiers by address, of the servers that told theirs. */
  readonly identifiers: ReadonlyMap<string, string>;
}

export function serversIn({ subjects, evidence }: Pick<InstallPart, 'subjects' | 'evidence'>): Servers {
  const own = installDatabaseOf({ subjects })?.cluster;
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
export function groups(claims: readonly Claim[], servers: Servers): (owner: number, address: string) => Sharing {
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
