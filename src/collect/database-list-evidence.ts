import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { problemBlindSpot } from './dataset-answers.ts';
import { ABSENT, type Collection, type Estate } from './estate.ts';
import type { TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import { readSpool } from './organizations/spool.ts';
import { type AskedServer, findServer, INSTALL_SERVER, type Server } from './servers.ts';

type DatabaseList = Facts['database-list'];

/** Databases of one server that are told by name. */
const MOST_NAMES = 1000;

/**
 * Databases that a server has for itself: `postgres` of initdb (PostgreSQL documentation, "Creating a Database
 * Cluster"), and those of managed services (Amazon RDS, Azure Database for PostgreSQL, Cloud SQL). Templates are in no
 * catalogue that was read.
 */
const OF_SERVERS: ReadonlySet<string> = new Set([
  'postgres',
  'template0',
  'template1',
  'rdsadmin',
  'azure_maintenance',
  'azure_sys',
  'cloudsqladmin',
]);

/** Whether a database of that name is any server's own. */
export function isOfServer(name: string): boolean {
  return OF_SERVERS.has(name);
}

/** One server under all the names that the configuration has for it. */
interface ServerGroup {
  readonly members: readonly AskedServer[];
  readonly answered: (AskedServer & { readonly catalogue: NonNullable<AskedServer['catalogue']> }) | null;
}

/**
 * What every server has, compared with dataset tenant_databases. Its subject is the install, as it names databases of
 * all organizations. A server that did not answer, or that rows name and nobody configured, is a blind spot.
 */
export async function databaseListEvidence(collection: Collection, estate: Estate): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const subject = estate.installSubject;
  const common = {
    kind: 'database-list',
    subject,
    operation: 'pg_database, compared with dataset tenant_databases',
  } as const;
  const dataset = estate.reading.datasets.tenant_databases;
  if (dataset.status !== 'read') {
    const question = { ...common, source: 'install database', locator: 'dataset tenant_databases' };
    const blindSpot =
      dataset.status === 'absent'
        ? ABSENT('tenant_databases')
        : asker.blindSpotOf(dataset.error, 'dataset tenant_databases');
    return [asker.record(question, { items: [], blindSpot })];
  }
  const groups = groupsOf([...estate.known.values(), ...estate.unusedServers]);
  const recorded = recordedNames(estate);
  const configured = new Set(estate.servers.map(({ name }) => name));
  const missing = await missingDatabases(estate, groups, dataset.file);
  const problems = problemBlindSpot('tenant_databases', dataset.problems);
  const records = groups.map((group) => {
    const [first] = group.members;
    const { server } = group.answered ?? first ?? { server: undefined };
    if (server === undefined) throw new Error('a group of servers has a member');
    const name = server.name === INSTALL_SERVER ? `${server.host}:${server.port}` : server.name;
    const question = { ...common, source: `server ${name}`, locator: `${server.host}:${server.port}` };
    if (group.answered === null) {
      return asker.record(question, { items: [], blindSpot: first?.blindSpot ?? NOT_ASKED });
    }
    const item = listOf(name, group, recorded, configured, missing.get(group) ?? NO_MISSING, problems !== null);
    return asker.record(question, { items: [item], blindSpot: problems });
  });
  return [...records, ...unconfigured(collection, estate, configured, common)];
}

const NOT_ASKED: BlindSpot = {
  reason: 'not-asked',
  detail: 'a database server was not asked',
  remedy: 'Read the blind spots of the servers.',
};

/** Servers of one address, or of one system identifier, are one: clones and standbys have the same databases. */
function groupsOf(servers: readonly AskedServer[]): readonly ServerGroup[] {
  const byAddress = Map.groupBy(servers, ({ server }) => `${server.host.toLowerCase()}:${server.port}`);
  const byIdentity = Map.groupBy([...byAddress], ([address, members]) => {
    const identifier = members.map(({ catalogue }) => catalogue?.server.systemIdentifier).find((one) => one != null);
    return identifier ?? address;
  });
  return [...byIdentity.values()].map((parts) => {
    const members = parts.flatMap(([, some]) => some);
    const answered = members.find((one): one is NonNullable<ServerGroup['answered']> => one.catalogue !== null);
    return { members, answered: answered ?? null };
  });
}

/** Names of the databases recorded on each server, by the name or the address of the server. */
function recordedNames({ databaseServers }: Pick<Estate, 'databaseServers'>): ReadonlyMap<string, ReadonlySet<string>> {
  const recorded = new Map<string, Set<string>>();
  for (const [name, servers] of databaseServers) {
    for (const server of servers) {
      const names = recorded.get(server);
      if (names === undefined) recorded.set(server, new Set([name]));
      else names.add(name);
    }
  }
  return recorded;
}

function listOf(
  name: string,
  { members, answered }: ServerGroup,
  recorded: ReadonlyMap<string, ReadonlySet<string>>,
  configured: ReadonlySet<string>,
  missing: Missing,
  mayBeInUnreadRow: boolean,
): DatabaseList {
  const own = members.flatMap(({ server }) => recorded.get(server.name) ?? []);
  const atUnknown = [...recorded].filter(([server]) => !configured.has(server)).map(([, names]) => names);
  const others = new Set(members.flatMap(({ server }) => [server.maintenanceDatabase, ...server.otherDatabases]));
  const kindOf = (database: string): DatabaseList['unrecorded'][number]['is'] => {
    if (others.has(database) || isOfServer(database)) return 'other';
    return mayBeInUnreadRow || atUnknown.some((names) => names.has(database)) ? 'possible' : 'orphan';
  };
  const databases = answered?.catalogue.databases ?? [];
  const unrecorded = databases
    .filter((entry) => !own.some((names) => names.has(entry.name)))
    .map((entry) => ({ name: entry.name, is: kindOf(entry.name) }));
  const count = (is: 'orphan' | 'possible') => unrecorded.filter((one) => one.is === is).length;
  return {
    server: name,
    databases: databases.length,
    recorded: databases.length - unrecorded.length,
    unrecorded: unrecorded.slice(0, MOST_NAMES),
    orphans: count('orphan'),
    possible: count('possible'),
    missing: [...missing.databases],
    missingCount: missing.count,
  };
}

interface Missing {
  readonly databases: DatabaseList['missing'];
  readonly count: number;
}
const NO_MISSING: Missing = { databases: [], count: 0 };

/** What rows record on servers that answered and do not have it. */
async function missingDatabases(
  { servers }: Pick<Estate, 'servers'>,
  groups: readonly ServerGroup[],
  file: string,
): Promise<ReadonlyMap<ServerGroup, Missing>> {
  const groupByServer = new Map(groups.flatMap((group) => group.members.map(({ server }) => [server.name, group])));
  const there = new Map(
    groups.map((group) => [group, new Set(group.answered?.catalogue.databases.map(({ name }) => name))]),
  );
  const missing = new Map<ServerGroup, { databases: DatabaseList['missing']; count: number }>();
  for await (const record of readSpool<TenantDatabaseRow>(file)) {
    if (!record.ok) continue;
    const { databaseName, host, port, createdAt } = record.row;
    const server: Server | null = findServer(servers, host, port);
    const group = server === null ? undefined : groupByServer.get(server.name);
    if (group === undefined || group.answered === null || there.get(group)?.has(databaseName) === true) continue;
    const found = missing.get(group) ?? { databases: [], count: 0 };
    found.count += 1;
    if (found.databases.length < MOST_NAMES) found.databases.push({ databaseName, createdAt });
    missing.set(group, found);
  }
  return missing;
}

/** Addresses that rows name and that nobody configured: which databases are there is not known. */
function unconfigured(
  { asker }: Pick<Collection, 'asker'>,
  { databaseServers }: Pick<Estate, 'databaseServers'>,
  configured: ReadonlySet<string>,
  common: { readonly kind: 'database-list'; readonly subject: Estate['installSubject']; readonly operation: string },
): readonly AnyEvidence[] {
  const all = new Set([...databaseServers.values()].flatMap((names) => [...names]));
  const unknown = [...all].filter((name) => !configured.has(name)).sort();
  const [first] = unknown;
  if (first === undefined) return [];
  const others = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more`;
  const blindSpot: BlindSpot = {
    reason: 'not-asked',
    detail: `dataset tenant_databases names servers that are not configured: ${first}${others}`,
    remedy: 'Add each server, with host, port and user, to servers in the configuration.',
  };
  return [asker.record({ ...common, source: 'configuration', locator: 'servers' }, { items: [], blindSpot })];
}
