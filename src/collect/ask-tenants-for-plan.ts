import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { PlannedCopyDraw, PlannedDraw } from '../model/planned-draw.ts';
import { SourceError } from '../model/source-error.ts';
import type { Subject } from '../model/subject.ts';
import { systemClock } from './ask.ts';
import { bindingsOf } from './bindings.ts';
import { type DrawnArtifacts, drawnFrom, sampleQuestion } from './drawn-artifacts.ts';
import type { Collection } from './estate.ts';
import type { SampledDatabase } from './keys/proof-evidence.ts';
import type { SampleQuestion } from './organizations/artifact-sample.ts';
import type { TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import type { OrganizationEntry } from './organizations/merge-by-organization.ts';
import { readTenantDatabase } from './organizations/tenant-database.ts';
import { readWrappedSamples } from './organizations/wrapped-samples.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import type { StorePaths } from './second-copies/second-copy.ts';
import { storePaths } from './second-copies/store-paths.ts';
import { findServer, type Server } from './servers.ts';
import { whyNotDrawn, whyNotLooked } from './stores/file-sample-evidence.ts';
import { ELSEWHERE } from './stores/store-evidence.ts';

type Binding = Facts['storage-binding'];

/** What a plan is to hold of the organizations. */
export interface TenantWishes {
  /** Ids of the key providers that are to be asked. */
  readonly providers: ReadonlySet<string>;
  /** Whether artifact rows are drawn, whose files are looked for on the install host. */
  readonly fileNames: boolean;
  /** Whether rows are drawn whose files are looked for in snapshots of the locations that are asked. */
  readonly copyNames: boolean;
  /** Whether wrapped samples of key versions in use are taken along. */
  readonly samples: boolean;
}

/** What the tenant databases of one organization gave. */
export interface AskedTenants {
  readonly entry: OrganizationEntry;
  readonly draws: readonly PlannedDraw[];
  readonly copyDraws: readonly PlannedCopyDraw[];
  readonly sampled: readonly SampledDatabase[];
  readonly lacking: readonly string[];
}

/** Asks the tenant databases of one organization for what is wished of them. One that does not answer is told, not thrown. */
export async function askTenants(
  collection: Collection,
  servers: readonly Server[],
  entry: OrganizationEntry,
  wishes: TenantWishes,
): Promise<AskedTenants> {
  const organization: Subject = {
    kind: 'organization',
    key: entry.key,
    organizationId: entry.key,
    name: entry.organizationId,
  };
  const active = bindingsOf(collection, entry).filter(({ state }) => state === 'active');
  const isOnHost = wishes.fileNames && whyNotLooked(collection, active) === ELSEWHERE;
  const onHost = isOnHost ? (active[0]?.path ?? null) : null;
  const store = onHost?.startsWith('/') === true ? onHost : null;
  const paths = wishes.copyNames ? pathsInCopies(collection, active) : null;
  const sample = store !== null || paths !== null ? sampleQuestion(collection, organization) : null;
  const hasKeys = wishes.samples && entry.rows.keyrings.some(({ providerId }) => wishes.providers.has(providerId));
  const draws: PlannedDraw[] = [];
  const copyDraws: PlannedCopyDraw[] = [];
  const sampled: SampledDatabase[] = [];
  const lacking: string[] = [];
  const asked = { entry, draws, copyDraws, sampled, lacking };
  if (sample === null && !hasKeys) return asked;
  for (const row of entry.rows.tenant_databases) {
    const lack = (why: string) => void lacking.push(`database ${row.databaseName}: ${why}`);
    try {
      const answer = await askTenant(collection, servers, row, { sample, hasKeys });
      sampled.push(answer.sampled);
      if (sample === null) continue;
      const { drawn } = answer;
      if ('reason' in drawn) lack(drawn.detail);
      else {
        if (store !== null) draws.push(plannedDraw(store, `${entry.key}/${row.databaseName}`, drawn));
        if (paths !== null) copyDraws.push(plannedCopyDraw(paths, drawn));
      }
    } catch (error) {
      collection.signal.throwIfAborted();
      const blindSpot = collection.asker.blindSpotOf(error, `database ${row.databaseName}`);
      sampled.push({ reading: null, blindSpot, versions: null });
      lack(blindSpot.detail);
    }
  }
  return asked;
}

/** Where copies keep the files of the store in use; null where none are to be drawn, and where it has no path. */
function pathsInCopies(collection: Collection, active: readonly Binding[]): StorePaths | null {
  const [binding] = active;
  const paths = binding === undefined || whyNotDrawn(collection, active) !== null ? null : storePaths(binding);
  return paths?.roots[0]?.startsWith('/') === true ? paths : null;
}

async function askTenant(
  collection: Collection,
  servers: readonly Server[],
  row: TenantDatabaseRow,
  { sample, hasKeys }: { readonly sample: SampleQuestion | null; readonly hasKeys: boolean },
): Promise<{ readonly drawn: DrawnArtifacts | BlindSpot; readonly sampled: SampledDatabase }> {
  const server = findServer(servers, row.host, row.port);
  if (server === null) {
    throw new SourceError('not-asked', 'its server is not configured', 'Add it to servers in the configuration.');
  }
  const { mapping, signal } = collection;
  return await server.limit(async () => {
    const connection = await openReadOnly(server.settings(row.databaseName), signal);
    try {
      const reading = await readTenantDatabase(connection, mapping, {
        schemaName: row.schemaName,
        instants: sample === null ? [] : [sample.before],
        sample,
        withObjects: false,
        withSize: false,
        catalogue: null,
      });
      const samples = hasKeys ? await readWrappedSamples(connection, mapping.samples.tenant, row.schemaName) : null;
      const counts = reading.artifactCounts.status === 'read' ? reading.artifactCounts.rows[0] : undefined;
      const versions = reading.keyVersions.status === 'read' ? reading.keyVersions.rows : null;
      return {
        // Whether rows are still listed is asked by the scan that joins the answers.
        drawn: drawnFrom(collection, reading.artifactSample, counts, sample, NOT_AGAIN),
        sampled: { reading: samples, blindSpot: null, versions },
      };
    } finally {
      await connection.close();
    }
  });
}

function plannedCopyDraw({ roots: [root = ''], pathsOf }: StorePaths, { sample }: DrawnArtifacts): PlannedCopyDraw {
  const files = sample.rows.map(({ objectKey, bytes, sha256 }) => ({
    objectKey,
    bytes,
    sha256,
    paths: [...pathsOf(objectKey)],
  }));
  return { root, files };
}

function plannedDraw(store: string, database: string, { sample, population }: DrawnArtifacts): PlannedDraw {
  const { question, method, estimate, rows, problems } = sample;
  return {
    store,
    database,
    drawnAt: systemClock(),
    rows: question.rows,
    seed: question.seed,
    before: question.before,
    method,
    population,
    estimate,
    unreadable: problems.length,
    files: rows.map(({ objectKey, bytes, sha256, createdAt }) => ({ objectKey, bytes, sha256, createdAt })),
  };
}

const NOT_AGAIN: Pick<DrawnArtifacts, 'stillListed' | 'rowsOfKeys'> = {
  stillListed: (keys) => Promise.resolve(new Set(keys)),
  rowsOfKeys: () => Promise.resolve([]),
};
