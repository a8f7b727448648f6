import type { BlindSpot } from '../model/evidence.ts';
import { BEFORE_ALL, type Instant } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';
import { stateEvidence, UNKNOWN_SERVER } from './database-evidence.ts';
import { datasetAnswer } from './dataset-answers.ts';
import { type DrawnArtifacts, drawnFrom, latestCredible, relist } from './drawn-artifacts.ts';
import type { Collection, PartBuilder } from './estate.ts';
import type { SampledDatabase } from './keys/proof-evidence.ts';
import type { CountedPrefix } from './organizations/artifact-counts.ts';
import { readArtifactKeys, rowsOfKeys, type SampleQuestion } from './organizations/artifact-sample.ts';
import type { ArtifactRow, TenantDatabaseRow } from './organizations/dataset-contracts.ts';
import { keyVersionFact } from './organizations/row-facts.ts';
import {
  readTenantDatabase,
  type TenantDatabaseQuestion,
  type TenantDatabaseReading,
} from './organizations/tenant-database.ts';
import { readWrappedSamples, type SampleReading } from './organizations/wrapped-samples.ts';
import { openReadOnly } from './postgres/read-only-connection.ts';
import type { KnownServer } from './servers.ts';
import { inTenant } from './tenant-connection.ts';

/** One tenant database that is asked what is in it. */
export interface LiveInputs {
  readonly organization: Subject;
  readonly row: TenantDatabaseRow;
  /** When the product was last upgraded. */
  readonly upgradedAt: Instant | null;
  /** Prefixes below which rules of its store delete objects. */
  readonly prefixes: readonly CountedPrefix[];
  /** Is told of the wrapped samples in it, where unwrapping is to be proven. */
  readonly sampled: (database: SampledDatabase) => void;
}

/** What else than facts is learnt from one tenant database. */
export interface TenantReading {
  /** Key of its subject. */
  readonly database: string;
  /** How many artifact rows it has; null where that is not known. */
  readonly registered: number | null;
  /** How many of them are dated later than clocks may differ; null or absent where that is not known. */
  readonly future?: number | null;
  /** Where it was asked, safe to print. */
  readonly locator: string;
  /** Rows to look for in the store, or why there are none. */
  readonly drawn: DrawnArtifacts | BlindSpot;
  /** Which of some keys it lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** The artifact rows of some keys as they are now. @throws SourceError */
  rowsOfKeys(keys: readonly string[]): Promise<readonly ArtifactRow[]>;
  /** Hands on the keys of all artifact rows. @throws SourceError */
  readKeys(add: (keys: readonly string[]) => Promise<void>): Promise<void>;
}

/** What is asked of a tenant database because of its copies. */
type Asked = Pick<TenantDatabaseQuestion, 'instants' | 'prefixes' | 'withObjects' | 'withSize'> & {
  readonly sample: SampleQuestion | null;
};

/** What the live server says about one tenant database, and what is in it, over one connection. */
export async function liveEvidence(
  collection: Collection,
  part: PartBuilder,
  subject: Subject,
  inputs: LiveInputs,
  known: KnownServer | undefined,
  asked: Asked,
): Promise<TenantReading> {
  const { asker } = collection;
  const { organization, row } = inputs;
  const locator =
    known === undefined ? 'not configured' : `${known.server.host}:${known.server.port}/${row.databaseName}`;
  const source = known === undefined ? 'database server' : `server ${known.subject.name}`;
  const latest = latestCredible(collection, organization);
  let reading: TenantDatabaseReading | null = null;
  let samples: SampleReading | null = null;
  let blindSpot: BlindSpot | null = null;
  try {
    if (known === undefined) blindSpot = UNKNOWN_SERVER;
    // A server that did not answer its own catalogue is not asked once more for each organization on it.
    else if (known.blindSpot?.reason === 'unreachable' || known.blindSpot?.reason === 'timeout')
      blindSpot = known.blindSpot;
    else ({ reading, samples } = await known.server.limit(() => readTenant(collection, known, row, asked, latest)));
  } catch (error) {
    collection.signal.throwIfAborted();
    blindSpot = asker.blindSpotOf(error, `database ${row.databaseName}`);
  }
  const versions = reading?.keyVersions.status === 'read' ? reading.keyVersions.rows : null;
  if (samples !== null || blindSpot !== null) inputs.sampled({ reading: samples, blindSpot, versions });
  part.evidence.push(stateEvidence(collection, known, subject, reading, inputs.row.createdAt));
  const question = { source, locator };
  const tables = reading?.tables.filter((table) => table.kind === 'r') ?? [];
  part.evidence.push(
    asker.record(
      { kind: 'catalogue', subject, ...question, operation: 'pg_class' },
      {
        items:
          reading === null
            ? []
            : [
                {
                  databaseOid: reading.database.oid,
                  tables: tables.map(({ oid, schema, name }) => ({ oid, name: `${schema}.${name}` })),
                  ...(reading.objects === null ? {} : { objects: [...reading.objects] }),
                  upgradedAt: inputs.upgradedAt,
                },
              ],
        blindSpot,
      },
    ),
    asker.record(
      { kind: 'key-version', subject: organization, ...question, operation: 'dataset key_versions' },
      reading === null
        ? { items: [], blindSpot }
        : datasetAnswer(collection, 'key_versions', reading.keyVersions, (rows) => rows.map(keyVersionFact)),
    ),
    asker.record(
      { kind: 'audit-head', subject, ...question, operation: 'dataset audit_head' },
      reading === null
        ? { items: [], blindSpot }
        : datasetAnswer(collection, 'audit_head', reading.auditHead, (rows) =>
            rows.map(({ position, recordedAt }) => ({ position: String(position), recordedAt })),
          ),
    ),
    asker.record(
      { kind: 'artifact-count', subject, ...question, operation: 'dataset artifacts, counted' },
      reading === null
        ? { items: [], blindSpot }
        : datasetAnswer(collection, 'artifacts', reading.artifactCounts, (rows) =>
            rows.flatMap((one) => [
              { after: BEFORE_ALL, count: one.total },
              ...one.after.filter(({ after }) => asked.instants.includes(after)).map((item) => ({ ...item })),
            ]),
          ),
    ),
    ...(inputs.prefixes.length === 0
      ? []
      : [
          asker.record(
            { kind: 'artifact-prefix', subject, ...question, operation: 'dataset artifacts, counted by prefix' },
            reading === null
              ? { items: [], blindSpot }
              : datasetAnswer(collection, 'artifacts', reading.artifactCounts, (rows) =>
                  rows.flatMap(({ below }) => below.map((item) => ({ ...item }))),
                ),
          ),
        ]),
    asker.record(
      { kind: 'access-rights', subject, ...question, operation: 'grants in the database' },
      reading === null
        ? { items: [], blindSpot }
        : { items: [{ canWrite: reading.rights.canWrite, because: reading.rights.because }] },
    ),
  );
  const counts = reading?.artifactCounts.status === 'read' ? reading.artifactCounts.rows[0] : undefined;
  const future = counts?.after.find(({ after }) => after === latest)?.count ?? null;
  const again: Pick<TenantReading, 'stillListed' | 'rowsOfKeys'> = {
    stillListed: (keys) => relist(collection, known, row, keys),
    rowsOfKeys: async (keys) =>
      (await inTenant(collection, known, row, (connection) =>
        rowsOfKeys(connection, collection.mapping, keys, row.schemaName),
      )) ?? [],
  };
  return {
    database: subject.key,
    ...again,
    registered: counts?.total ?? null,
    future,
    locator,
    readKeys: (add) =>
      inTenant(collection, known, row, (connection) =>
        readArtifactKeys(connection, collection.mapping, row.schemaName, add),
      ),
    drawn:
      reading === null
        ? (blindSpot ?? UNKNOWN_SERVER)
        : drawnFrom(collection, reading.artifactSample, counts, asked.sample, {
            ...again,
            ...(future === null ? {} : { future }),
          }),
  };
}

async function readTenant(
  collection: Collection,
  known: KnownServer,
  row: TenantDatabaseRow,
  asked: Asked,
  latest: Instant,
): Promise<{ readonly reading: TenantDatabaseReading; readonly samples: SampleReading | null }> {
  const connection = await openReadOnly(known.server.settings(row.databaseName), collection.signal);
  try {
    const reading = await readTenantDatabase(connection, collection.mapping, {
      schemaName: row.schemaName,
      ...asked,
      instants: [...asked.instants, ...(asked.sample === null ? [] : [asked.sample.before]), latest],
      catalogue: known.catalogue,
    });
    const { policy, mapping } = collection;
    const samples = policy.proveKeys
      ? await readWrappedSamples(connection, mapping.samples.tenant, row.schemaName)
      : null;
    return { reading, samples };
  } finally {
    await connection.close();
  }
}
