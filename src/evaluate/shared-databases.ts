import type { ComparedPart, InstallPart, OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { comparisonAbout } from './comparison-evidence.ts';
import {
  addressOf,
  type Claim,
  groups,
  installDatabaseOf,
  likeInstallDatabase,
  serversIn,
} from './database-sharing.ts';

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
  const installName = installDatabaseOf(install)?.subject.name;
  const sharings = new Map([...claims].map(([name, list]) => [name, groups(list, servers)]));
  return {
    evidenceAbout(part, owner, asOf) {
      const rows = rowsOf(part);
      const shared = new Set<string>();
      const ofInstall = new Set<string>();
      let blindSpot: BlindSpot | null = rows === null ? OWN_UNKNOWN : unread > 0 ? OTHERS_UNKNOWN : null;
      for (const row of rows ?? []) {
        const sharing = sharings.get(row.databaseName)?.(owner, addressOf(row)) ?? 'own';
        if (sharing === 'shared') shared.add(row.databaseName);
        if (sharing === 'not told') blindSpot ??= NOT_TOLD;
        if (row.databaseName !== installName) continue;
        const likeInstall = likeInstallDatabase(addressOf(row), servers);
        if (likeInstall === 'shared') ofInstall.add(row.databaseName);
        if (likeInstall === 'not told') blindSpot ??= INSTALL_NOT_TOLD;
      }
      return comparisonAbout(part, {
        kind: 'database-overlap',
        of: 'tenant-database',
        source: 'comparison of all tenant databases',
        asOf,
        items: [
          ...[...ofInstall].map((databaseName) => ({ databaseName, of: 'install' as const })),
          ...[...shared].sort().map((databaseName) => ({ databaseName })),
        ],
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

const INSTALL_NOT_TOLD: BlindSpot = {
  reason: 'not-asked',
  detail:
    'its tenant database bears the name of the install database, and whether the two addresses are one server cannot be told by their system identifiers',
  remedy:
    'Add every server of tenant databases to servers in the configuration, and name the install database’s server in dataset tenant_databases as the configuration does.',
};

const NOT_TOLD: BlindSpot = {
  reason: 'not-asked',
  detail:
    'another organization is recorded with a database of the same name, and whether the two addresses are one server cannot be told by their system identifiers',
  remedy:
    'Add every server of tenant databases to servers in the configuration, and let all rows of one server in dataset tenant_databases name the same host and port.',
};
