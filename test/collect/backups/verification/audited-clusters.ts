import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import { readLocation } from '../../../../src/collect/backups/artifact-index.ts';
import type { CopiedDatabase } from '../../../../src/collect/backups/copied-database.ts';
import { databaseCopies } from '../../../../src/collect/backups/database-copies.ts';
import { matchCopies } from '../../../../src/collect/backups/physical/cluster-copies.ts';
import { installNames, readPhysicalLocations } from '../../../../src/collect/backups/physical/read-physical.ts';
import { indexDumps } from '../../../../src/collect/backups/read-dumps.ts';
import { presentCopies } from '../../../../src/collect/backups/verification/present-copies.ts';
import { createCopyReadings } from '../../../../src/collect/backups/verification/read-copies.ts';
import { createBudget } from '../../../../src/collect/backups/verification/verification-budget.ts';
import { openMemory } from '../../../../src/collect/backups/verification/verification-memory.ts';
import { clusterCopyEvidence } from '../../../../src/collect/cluster-copy-evidence.ts';
import type { OpenLocation } from '../../../../src/collect/estate.ts';
import type { KnownServer } from '../../../../src/collect/servers.ts';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../../../src/config/location-schema.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { factSchemas } from '../../../../src/model/facts.ts';
import type { Policy } from '../../../../src/model/policy.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { DEFAULT_FACTS } from '../../../evaluate/default-facts.ts';

const { signal } = new AbortController();

export interface Place {
  readonly root: string;
  readonly purpose: 'base-backups' | 'pgbackrest' | 'barman' | 'wal-g' | 'dumps';
  readonly tree?: ArtifactTree;
}

export interface ClusterAuditOptions {
  readonly places: Readonly<Record<string, Place>>;
  /** Directory in which verifications are remembered. */
  readonly directory: string;
  /** System identifiers of the servers of the install, by their names. */
  readonly servers: Readonly<Record<string, string>>;
  readonly databases?: readonly string[];
  readonly sha256?: Readonly<Record<string, string>>;
  readonly depth?: 'structure' | 'mixed' | 'full';
  readonly budgetBytes?: number | null;
  readonly everyDays?: number;
  readonly key?: string;
}

/** One run over places with copies of clusters, and of dumps: what was read in full, and what is told of each copy. */
export async function auditClusters(options: ClusterAuditOptions) {
  const { directory, depth = 'mixed', budgetBytes = null, databases = [] } = options;
  const asker = createAsker(systemClock, [], signal);
  const opened: string[] = [];
  const places = Object.entries(options.places).map(([name, { root, purpose, tree }]) => {
    const inner = tree ?? localDirectoryTree({ root });
    const counted: ArtifactTree = {
      ...inner,
      async open(path, abort) {
        const reader = await inner.open(path, abort);
        return {
          ...reader,
          stream(offset) {
            opened.push(`${name}/${path}`);
            return reader.stream(offset);
          },
        };
      },
    };
    return { name, purpose, tree: counted, root };
  });
  const locations = places
    .filter(({ purpose }) => purpose !== 'dumps')
    .map(({ name, purpose, tree, root }): OpenLocation => {
      const config = locationSchema.parse({ name, kind: 'directory', path: root, purposes: [purpose] });
      const subject = { kind: 'location', key: name, organizationId: null, name } as const;
      return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
    });
  const dumps = await Promise.all(
    places
      .filter(({ purpose }) => purpose === 'dumps')
      .map(({ name, tree }) => {
        const place = { name, tree, timeZone: 'UTC', servers: null };
        return readLocation(place, new Set(databases), (error) => asker.blindSpotOf(error, name), signal);
      }),
  );
  const known = new Map(Object.entries(options.servers).map(([name, id]) => [name, serverNamed(name, id)]));
  const servers = [...known.values()].map(({ server }) => server);
  const databaseServers = new Map(databases.map((name) => [name, new Set(['db'])]));
  const verification = options.everyDays === undefined ? {} : { everyDays: options.everyDays };
  const collect = configSchema.shape.collect.parse({ depth, concurrency: 1, verification });
  const policy = { limits: {}, organizationLimits: {} } as unknown as Policy;
  const config = { plans: [], locations: [], collect };
  const collection = { asker, signal, policy, config, secret: async () => new Secret('') };
  const contents = await readPhysicalLocations(collection, locations, installNames(databaseServers, servers));
  const estate = {
    dumps,
    ...indexDumps(dumps),
    databaseServers,
    physical: matchCopies(contents, known),
    known,
    locations,
    servers,
  };
  const memory = await openMemory({
    file: join(directory, 'verifications.ndjson'),
    scratch: mkdtempSync(join(directory, 'scratch-')),
    key: options.key === undefined ? null : new Secret(options.key),
    toolVersion: 'test',
  });
  const budget = createBudget({ bytes: budgetBytes, millis: null }, () => 0);
  const reading = createCopyReadings(collection, estate, { memory, budget, progress: () => undefined });
  const all = databases.map(
    (name): CopiedDatabase => ({
      subject: { kind: 'database', key: `o/${name}`, organizationId: 'o', name },
      name,
      server: null,
      runs: Object.entries(options.sha256 ?? {}).map(([artifactUri, sha256]) => ({
        ...DEFAULT_FACTS['backup-run'],
        artifactUri,
        sha256,
      })),
      plans: [],
    }),
  );
  opened.length = 0;
  await reading.read(
    (async function* each() {
      yield* all;
    })(),
  );
  const read = [...new Set(opened)];
  const current = { ...estate, ...(await reading.current()) };
  await memory.save(
    presentCopies(
      current.dumps,
      current.physical.map(({ location }) => location),
    ),
  );
  const records = [...known.values()].flatMap((server) => clusterCopyEvidence({ asker }, current, server));
  for (const database of all) records.push(...(await databaseCopies(collection, current, database)));
  await memory.close();
  const copies = records.flatMap((record) =>
    record.kind === 'copy' ? record.items.map((item) => factSchemas.copy.parse(item)) : [],
  );
  const archives = records.flatMap((record) => (record.kind === 'wal-archive' ? record.items : []));
  return {
    /** Files that were read as a stream, in the order of the first time. */
    read,
    copies: new Map(copies.map((copy) => [`${copy.location}/${copy.path}`, copy])),
    archives,
    blindSpots: records.flatMap(({ blindSpot }) => (blindSpot === null ? [] : [blindSpot])),
    summary: reading.summary(),
    refused: memory.refused,
  };
}

/** Only what matching looks at. */
function serverNamed(name: string, systemIdentifier: string): KnownServer {
  return {
    server: { name, host: name, port: 5432, formerIdentifiers: [] },
    subject: { kind: 'cluster', key: systemIdentifier, organizationId: null, name },
    catalogue: { server: { systemIdentifier } },
  } as unknown as KnownServer;
}
