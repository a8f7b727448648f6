import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';

import type { Subject } from '../model/subject.ts';
import { databaseCopies } from './backups/database-copies.ts';
import { declarationsAbout, declarationsRead } from './declarations.ts';
import { pathDomain, statedDomain } from './domains.ts';
import { ABSENT, type Collection, type Estate, type PartBuilder } from './estate.ts';
import { hostEvidence } from './hosts/host-files.ts';
import { keyringEvidence } from './keys/keyring-evidence.ts';
import { providerEvidence } from './keys/provider-evidence.ts';
import type { CatalogueTable } from './organizations/database-tables.ts';
import type { InstallDatasetName, InstallRows } from './organizations/dataset-contracts.ts';
import { installFact, planFact, restoreFact, runFact } from './organizations/row-facts.ts';
import { readSpool, readWholeSpool } from './organizations/spool.ts';
import { INSTALL_SERVER, type KnownServer } from './servers.ts';

/** Rows of the install itself that the walk over organizations comes across. */
export interface InstallRowsFound {
  readonly providers: readonly InstallRows['key_providers'][];
  readonly keyrings: readonly InstallRows['keyrings'][];
  readonly runs: readonly InstallRows['backup_runs'][];
}

/** What the install part needs besides the shared estate. */
export interface InstallPartInputs {
  readonly own: InstallRowsFound;
  /** Organizations streamed, and ids that differ only in case. */
  readonly streamed: { readonly count: number; readonly idsDifferingInCase: readonly string[] };
  /** Lower-case ids, to compare with the license; null where there are too many to hold. */
  readonly organizationKeys: ReadonlySet<string>;
  readonly tables: readonly CatalogueTable[] | null;
  readonly tablesBlindSpot: BlindSpot | null;
}

/** The facts about the install and everything shared. */
export async function installPart(
  collection: Collection,
  estate: Estate,
  inputs: InstallPartInputs,
): Promise<PartBuilder> {
  const { asker } = collection;
  const install = estate.installSubject;
  const database: Subject = {
    kind: 'database',
    key: `install/${collection.config.install.database.name}`,
    organizationId: null,
    name: collection.config.install.database.name,
  };
  const server = estate.known.get(INSTALL_SERVER);
  const runs = inputs.own.runs
    .filter((row) => row.databaseName === null || row.databaseName === database.name)
    .map(runFact);
  const part: PartBuilder = {
    subjects: [
      { subject: install },
      { subject: database, ...(server === undefined ? {} : { cluster: server.subject.key }) },
      ...estate.locations.map((location) => ({ subject: location.subject })),
    ],
    evidence: [declarationsRead(collection, install), ...declarationsAbout(collection, install)],
  };
  const dataset = datasetQuestion(collection, estate, install);
  part.evidence.push(
    await dataset('install', 'install', installFact),
    asker.record(
      {
        kind: 'organization-list',
        subject: install,
        ...INSTALL_SOURCE,
        operation: 'dataset organizations',
        locator: locatorOf(estate),
      },
      {
        items: [
          {
            counted: estate.reading.organizationCount ?? 0,
            streamed: inputs.streamed.count,
            idsDifferingInCase: [...inputs.streamed.idsDifferingInCase],
          },
        ],
        blindSpot: estate.reading.organizationCount === null ? UNCOUNTED : null,
      },
    ),
    await dataset('backup_plans', 'backup-plan', planFact, (row) => row.organizationId === null),
    ...declaredPlans(collection, install),
    await dataset('restore_validations', 'restore-test', restoreFact),
    await dataset('license', 'license', (row) => licenseFact(row, inputs)),
    runsEvidence(collection, estate, database, runs),
    ...installDatabaseEvidence(collection, server, database, inputs),
    ...declarationsAbout(collection, database),
    ...(await databaseCopies(collection, estate, {
      subject: database,
      name: database.name,
      server: INSTALL_SERVER,
      runs,
      plans: estate.plans,
    })),
    ...clusterEvidence(collection, estate, part),
    ...locationEvidence(collection, estate),
  );
  await keyringEvidence(collection, estate, part, {
    owner: install,
    rows: inputs.own.keyrings,
    providers: inputs.own.providers,
  });
  await sharedProviders(collection, estate, part, inputs);
  await hostEvidence(collection, estate, part);
  return part;
}

const INSTALL_SOURCE = { source: 'install database' };
const UNCOUNTED: BlindSpot = {
  reason: 'malformed',
  detail: 'the organizations could not be counted',
  remedy: 'Let the mapping of dataset organizations be one plain SELECT.',
};

function locatorOf(estate: Estate): string {
  const server = estate.known.get(INSTALL_SERVER)?.server;
  return server === undefined ? 'install database' : `${server.host}:${server.port}`;
}

/** Asks a dataset of the install database that was spooled: its rows as facts, with what keeps them from being complete. */
export function datasetQuestion(collection: Collection, estate: Estate, subject: Subject) {
  return async <N extends InstallDatasetName, K extends 'install' | 'backup-plan' | 'restore-test' | 'license'>(
    name: N,
    kind: K,
    translate: (row: InstallRows[N]) => Facts[K],
    wanted: (row: InstallRows[N]) => boolean = () => true,
  ): Promise<AnyEvidence> => {
    const found = estate.reading.datasets[name];
    const question = { kind, subject, ...INSTALL_SOURCE, operation: `dataset ${name}`, locator: locatorOf(estate) };
    return collection.asker.ask({
      ...question,
      answer: async () => {
        if (found.status === 'absent') return { items: [], blindSpot: ABSENT(name) };
        if (found.status === 'blind') throw found.error;
        const { rows, problems } = await readWholeSpool<InstallRows[N]>(found.file);
        return { items: rows.filter(wanted).map(translate), blindSpot: problemBlindSpot(name, problems) };
      },
    }) as Promise<AnyEvidence>;
  };
}

/** Rows that could not be read leave an answer incomplete. */
export function problemBlindSpot(
  dataset: string,
  problems: readonly { readonly column: string; readonly problem: string }[],
): BlindSpot | null {
  const [first] = problems;
  if (first === undefined) return null;
  return {
    reason: 'malformed',
    detail: `dataset ${dataset}: column ${first.column} ${first.problem}${problems.length > 1 ? `, and ${problems.length - 1} more problems` : ''}`,
    remedy: `Correct the rows, or the mapping of dataset ${dataset}.`,
  };
}

function declaredPlans(collection: Collection, install: Subject): readonly AnyEvidence[] {
  if (collection.config.plans.length === 0) return [];
  return [
    collection.asker.record(
      {
        kind: 'backup-plan',
        subject: install,
        source: 'configuration',
        operation: 'plans',
        locator: 'configuration file',
        grade: 'declared',
      },
      {
        items: collection.config.plans.map((plan) => ({
          planId: plan.id,
          covers: plan.covers,
          method: plan.method,
          enabled: true,
          schedule: plan.schedule ?? null,
          timezone: plan.timeZone ?? null,
          retentionDays: plan.retentionDays ?? null,
          targetUri: null,
          createdAt: null,
        })),
      },
    ),
  ];
}

function licenseFact(row: InstallRows['license'], inputs: InstallPartInputs): Facts['license'] {
  const named = new Set(row.organizationIds.map((id) => id.toLowerCase()));
  return {
    state: row.state,
    validFrom: row.validFrom,
    validUntil: row.validUntil,
    maxOrganizations: row.maxOrganizations,
    organizationsNotCovered: [...inputs.organizationKeys].filter((key) => !named.has(key)).slice(0, 1000),
    organizationsNamed: named.size,
    organizationsInstalled: inputs.streamed.count,
  };
}

/** Run records of one database. */
export function runsEvidence(
  collection: Collection,
  estate: Estate,
  database: Subject,
  runs: readonly Facts['backup-run'][],
  problems: BlindSpot | null = null,
): AnyEvidence {
  const found = estate.reading.datasets.backup_runs;
  const question = {
    kind: 'backup-run' as const,
    subject: database,
    ...INSTALL_SOURCE,
    operation: 'dataset backup_runs',
    locator: locatorOf(estate),
  };
  if (found.status === 'absent')
    return collection.asker.record(question, { items: [], blindSpot: ABSENT('backup_runs') });
  if (found.status === 'blind') {
    return collection.asker.record(question, {
      items: [],
      blindSpot: collection.asker.blindSpotOf(found.error, 'backup_runs'),
    });
  }
  return collection.asker.record(question, { items: runs, blindSpot: problems });
}

/** What a server's catalogue says of one of its databases. */
export function databaseState(collection: Collection, known: KnownServer | undefined, database: Subject): AnyEvidence {
  const question = {
    kind: 'database-state' as const,
    subject: database,
    source: known === undefined ? 'database server' : `server ${known.subject.name}`,
    operation: 'pg_database',
    locator: known === undefined ? 'not known' : `${known.server.host}:${known.server.port}`,
  };
  if (known === undefined || known.catalogue === null) {
    return collection.asker.record(question, { items: [], blindSpot: known?.blindSpot ?? UNKNOWN_SERVER });
  }
  const entry = known.catalogue.databases.find((candidate) => candidate.name === database.name);
  return collection.asker.record(question, {
    items: [{ exists: entry !== undefined, databaseOid: entry?.oid ?? null, sizeBytes: entry?.sizeBytes ?? null }],
  });
}

export const UNKNOWN_SERVER: BlindSpot = {
  reason: 'not-asked',
  detail: 'its database server is not in the configuration',
  remedy: 'Add the server, with host, port and user, to servers in the configuration.',
};

function installDatabaseEvidence(
  collection: Collection,
  server: KnownServer | undefined,
  database: Subject,
  inputs: InstallPartInputs,
): readonly AnyEvidence[] {
  const oid = server?.catalogue?.databases.find((entry) => entry.name === database.name)?.oid;
  const tables = (inputs.tables ?? []).filter((table) => table.kind === 'r');
  return [
    databaseState(collection, server, database),
    collection.asker.record(
      { kind: 'catalogue', subject: database, ...INSTALL_SOURCE, operation: 'pg_class', locator: database.name },
      {
        items:
          oid === undefined || inputs.tables === null
            ? []
            : [
                {
                  databaseOid: oid,
                  tables: tables.map(({ oid: table, schema, name }) => ({ oid: table, name: `${schema}.${name}` })),
                },
              ],
        blindSpot: inputs.tablesBlindSpot,
      },
    ),
  ];
}

function clusterEvidence(collection: Collection, estate: Estate, part: PartBuilder): readonly AnyEvidence[] {
  return [...estate.known.values()].flatMap((known) => {
    const { subject, server, catalogue } = known;
    part.subjects.push({ subject });
    const question = { subject, source: `server ${subject.name}`, locator: `${server.host}:${server.port}` };
    const blind = { items: [], blindSpot: known.blindSpot };
    const facts = catalogue?.server;
    return [
      statedDomain(collection, subject, server.failureDomain),
      ...declarationsAbout(collection, subject),
      collection.asker.record(
        { kind: 'cluster', ...question, operation: 'version and pg_control_system()' },
        facts === undefined
          ? blind
          : {
              items: [
                {
                  systemIdentifier: facts.systemIdentifier,
                  serverVersion: facts.serverVersion,
                  majorVersion: facts.majorVersion,
                  host: server.host,
                  port: server.port,
                },
              ],
            },
      ),
      collection.asker.record(
        { kind: 'clock', ...question, operation: 'clock_timestamp()' },
        facts === undefined ? blind : { items: [facts.clock] },
      ),
      collection.asker.record(
        { kind: 'access-rights', ...question, operation: 'pg_roles and grants' },
        catalogue === null
          ? blind
          : { items: [{ canWrite: catalogue.rights.canWrite, because: catalogue.rights.because }] },
      ),
    ];
  });
}

function locationEvidence(collection: Collection, estate: Estate): readonly AnyEvidence[] {
  return estate.locations.flatMap((location) => {
    const { config, subject } = location;
    const locator = location.tree?.locator ?? config.name;
    const offset = location.clockOffsetMillis();
    return [
      statedDomain(collection, subject, config.failureDomain),
      ...(config.kind === 'directory' ? pathDomain(collection, subject, config.path, config.failureDomain) : []),
      ...declarationsAbout(collection, subject),
      collection.asker.record(
        { kind: 'location', subject, source: 'configuration', operation: 'locations', locator, grade: 'declared' },
        { items: [{ kind: config.kind, purposes: [...config.purposes], timezone: config.timeZone ?? null }] },
      ),
      unmatchedEvidence(collection, estate, location.subject, locator),
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

function unmatchedEvidence(collection: Collection, estate: Estate, subject: Subject, locator: string): AnyEvidence {
  const dumps = estate.dumps.find((contents) => contents.location.name === subject.key);
  const foreign = (dumps?.artifacts ?? [])
    .filter(({ reading, claimedName }) => !isKnown(estate, reading.databaseName) && !isKnown(estate, claimedName))
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
  const strays = (files?.copies?.strays ?? []).map(({ path, bytes, modifiedAt }) => ({
    path,
    bytes,
    modifiedAt,
    what: 'file outside every dated copy',
    foundName: null,
  }));
  // Where one location serves several purposes, a file is unmatched only if none of them knows it.
  const lists = [
    ...(dumps === undefined ? [] : [[...dumps.unmatched, ...foreign]]),
    ...snapshots.map((one) => one.found.unmatched),
    ...(files === undefined ? [] : [strays]),
  ];
  const [first, ...others] = lists;
  const items = (first ?? []).filter((item) => others.every((list) => list.some((other) => other.path === item.path)));
  return collection.asker.record(
    { kind: 'unmatched-artifact', subject, source: `location ${subject.key}`, operation: 'list', locator },
    {
      items: [...items].sort((a, b) => (a.path < b.path ? -1 : 1)),
      blindSpot: dumps?.blindSpot ?? snapshots[0]?.found.blindSpot ?? files?.blindSpot ?? null,
    },
  );
}

function isKnown(estate: Estate, name: string | null): boolean {
  return name !== null && estate.databaseServers.has(name);
}

/** Providers that are the install's or shared; an organization's own is in its own part. */
async function sharedProviders(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  inputs: InstallPartInputs,
): Promise<void> {
  const ownedElsewhere = new Set<string>();
  const dataset = estate.reading.datasets.key_providers;
  if (dataset.status === 'read') {
    for await (const record of readSpool<InstallRows['key_providers']>(dataset.file)) {
      if (record.ok && record.row.organizationId !== null) ownedElsewhere.add(record.row.providerId);
    }
  }
  const ids = new Set([...estate.providers.keys(), ...inputs.own.providers.map((row) => row.providerId)]);
  for (const id of [...ids].sort()) {
    if (ownedElsewhere.has(id)) continue;
    await providerEvidence(collection, estate, part, id, null);
  }
}
