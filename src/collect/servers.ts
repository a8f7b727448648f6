import type { Config, ServerConfig } from '../config/schema.ts';
import type { BlindSpot } from '../model/evidence.ts';
import type { Instant } from '../model/instant.ts';
import type { FailureDomain } from '../model/policy.ts';
import type { Secret } from '../model/secret.ts';
import type { Subject } from '../model/subject.ts';
import { createLimiter, type Limiter } from './concurrency.ts';
import type { ServerCatalogue } from './organizations/server-catalogue.ts';
import type { PostgresSettings } from './postgres/postgres-settings.ts';

/** A PostgreSQL server that holds databases of the install, with what was learnt of it. */
export interface Server {
  /** Configured name; `install` for the server of the install database. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly failureDomain: FailureDomain | undefined;
  readonly maintenanceDatabase: string;
  /** Names of databases on it that are configured as of other applications. */
  readonly otherDatabases: readonly string[];
  /** Identifiers before pg_upgrade, each with the end of the day it was replaced on, UTC. */
  readonly formerIdentifiers: readonly { readonly systemIdentifier: string; readonly until: Instant }[];
  settings(database: string): PostgresSettings;
  /** Bounds connections to this server. */
  readonly limit: Limiter;
}

/** A server with the answer it gave, or why it gave none. */
export interface KnownServer {
  readonly server: Server;
  readonly subject: Subject;
  readonly catalogue: ServerCatalogue | null;
  readonly blindSpot: BlindSpot | null;
  readonly collectedAt: string;
}

/** A server with what its catalogue says, or why it said nothing. */
export type AskedServer = Pick<KnownServer, 'server' | 'catalogue' | 'blindSpot'>;

type Access = Config['install']['database'] | ServerConfig;

/** A server from its settings; the password is already resolved. */
export function serverFrom(
  name: string,
  access: Access,
  maintenanceDatabase: string,
  password: Secret | undefined,
  collect: Config['collect'],
): Server {
  return {
    name,
    host: access.host,
    port: access.port,
    failureDomain: access.failureDomain,
    maintenanceDatabase,
    otherDatabases: access.otherDatabases ?? [],
    formerIdentifiers: (access.formerSystemIdentifiers ?? []).map(({ systemIdentifier, until }) => ({
      systemIdentifier,
      until: `${until}T23:59:59.999Z`,
    })),
    settings: (database) => ({
      host: access.host,
      port: access.port,
      database,
      user: access.user,
      password,
      tls: access.tls,
      caFile: access.caFile,
      connectTimeoutMillis: collect.connectTimeoutSeconds * 1000,
      statementTimeoutMillis: collect.statementTimeoutSeconds * 1000,
      lockTimeoutMillis: collect.lockTimeoutSeconds * 1000,
    }),
    limit: createLimiter(collect.perServer),
  };
}

/** Finds the server of a tenant row: the install database's where the row names none. */
export function findServer(servers: readonly Server[], host: string | null, port: number | null): Server | null {
  if (host === null) return servers.find((server) => server.name === INSTALL_SERVER) ?? null;
  const wanted = host.toLowerCase();
  const wantedPort = port ?? 5432;
  // A configured server comes before the install database's own entry, so that its credentials are used.
  const found = servers.filter((server) => server.host.toLowerCase() === wanted && server.port === wantedPort);
  return found.find((server) => server.name !== INSTALL_SERVER) ?? found[0] ?? null;
}

export const INSTALL_SERVER = 'install';

/** The cluster a server is: its system identifier, else host and port; clones share identifiers, so a second one is told apart by its address. */
export function clusterSubject(server: Server, systemIdentifier: string | null, taken: Set<string>): Subject {
  const address = `${server.host}:${server.port}`;
  let key = systemIdentifier ?? address;
  if (taken.has(key)) key = `${key} at ${address}`;
  taken.add(key);
  return { kind: 'cluster', key, organizationId: null, name: server.name === INSTALL_SERVER ? address : server.name };
}
