import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { BEFORE_ALL, type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import { LIMIT_DEFAULTS } from '../model/policy.ts';
import { SourceError } from '../model/source-error.ts';
import type { Subject } from '../model/subject.ts';
import { systemClock } from './ask.ts';
import { allCopies } from './backups/all-copies.ts';
import { tenantCopiesOf } from './copied-databases.ts';
import { databaseState, UNKNOWN_SERVER } from './database-evidence.ts';
import { problemBlindSpot, runsEvidence } from './dataset-answers.ts';
import { declarationsAbout } from './declarations.ts';
import { ABSENT, type Collection, type Estate, type PartBuilder } from './estate.ts';
import type { SampledDatabase } from './keys/proof-evidence.ts';
import type { ArtifactCounts, CountedPrefix } from './organizations/artifact-counts.ts';
import {
  type ArtifactSample,
  readArtifactKeys,
  type SampleQuestion,
  stillListed,
} from './organizations/artifact-sample.ts';
import type { BackupRunRow, TenantDatabaseRow, TenantDatasetName } from './organizations/dataset-contracts.ts';
import { keyVersionFact } from './organizations/row-facts.ts';
import {
  readTenantDatabase,
  type TenantDatabaseQuestion,
  type TenantDatabaseReading,
  type TenantDataset,
} from './organizations/tenant-database.ts';
import { readWrappedSamples, type SampleReading } from './organizations/wrapped-samples.ts';
import { openReadOnly, type ReadOnlyConnection } from './postgres/read-only-connection.ts';
import type { KnownServer } from './servers.ts';

/** One tenant database with what the install database says about it. */
export interface TenantInputs {
  readonly organization: Subject;
  readonly row: TenantDatabaseRow;
  /** True where the organization has just this one, so that runs without a database name are its. */
  readonly only: boolean;
  readonly runs: readonly BackupRunRow[];
  readonly plans: readonly Facts['backup-plan'][];
  readonly runsBlindSpot: BlindSpot | null;
  readonly fileMoments: readonly Instant[];
  /** When the product was last upgraded. */
  readonly upgradedAt: Instant | null;
  /** Whether artifact rows are to be drawn, to be looked for in its store. */
  readonly draws: boolean;
  /** Prefixes below which rules of its store delete objects. */
  readonly prefixes: readonly CountedPrefix[];
  /** Is told of the wrapped samples in it, where unwrapping is to be proven. */
  readonly sampled: (database: SampledDatabase) => void;
}

/** What else than facts is learnt from one tenant database. */
export interface TenantReading {
  /** How many artifact rows it has; null where that is not known. */
  readonly registered: number | null;
  /** Where it was asked, safe to print. */
  readonly locator: string;
  /** Rows to look for in the store, or why there are none. */
  readonly drawn: DrawnArtifacts | BlindSpot;
  /** Hands on the keys of all artifact rows. @throws SourceError */
  readKeys(add: (keys: readonly string[]) => Promise<void>): Promise<void>;
}

export interface DrawnArtifacts {
  readonly sample: ArtifactSample;
  /** How many rows could have been drawn. */
  readonly population: number;
  /** Which of some keys the database lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Copies of one location around whose moments artifact rows are counted, newest first. */
const COUNTED_COPIES = 10;

/** The facts about one tenant database: its server's view, its copies, and over one connection what is in it. */
export async function tenantEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  inputs: TenantInputs,
): Promise<TenantReading> {
  const { organization, row } = inputs;
  const { only, plans } = inputs;
  const database = tenantCopiesOf(estate, { organizationKey: organization.key, row, only, runs: inputs.runs, plans });
  const { subject, runs } = database;
  const known = database.server === null ? undefined : estate.known.get(database.server);
  part.subjects.push({ subject, ...(known === undefined ? {} : { cluster: known.subject.key }) });
  const copies = await allCopies(collection, estate, database);
  part.evidence.push(
    runsEvidence(collection, estate, subject, runs, inputs.runsBlindSpot),
    ...declarationsAbout(collection, subject),
    ...copies,
  );
  return liveEvidence(collection, part, subject, inputs, known, {
    instants: countingInstants(collection, inputs, copies),
    prefixes: inputs.prefixes,
    sample: inputs.draws ? sampleQuestion(collection, organization) : null,
    withObjects: copies.some(holdsComparable),
    withSize: copies.some(({ kind, items }) => kind === 'copy' && items.length > 0),
  });
}

/** An organization whose database is not known gets an unnamed one, so that what nobody could ask about is unknown. */
export function unknownTenant(
  collection: Collection,
  part: PartBuilder,
  organization: Subject,
  blindSpot: BlindSpot | null,
): void {
  const subject: Subject = {
    kind: 'database',
    key: `${organization.key}/unknown`,
    organizationId: organization.key,
    name: 'unknown database',
  };
  // Where the install database says that there is none, INV-4 says so; a database that is not there has no copies.
  if (blindSpot === null) {
    part.evidence.push(keyVersionsUnasked(collection, organization));
    return;
  }
  part.subjects.push({ subject });
  part.evidence.push(
    collection.asker.record(
      {
        kind: 'copy',
        subject,
        source: 'install database',
        operation: 'dataset tenant_databases',
        locator: 'install database',
      },
      { items: [], blindSpot },
    ),
  );
}

function keyVersionsUnasked(collection: Collection, organization: Subject): AnyEvidence {
  return collection.asker.record(
    {
      kind: 'key-version',
      subject: organization,
      source: 'tenant database',
      operation: 'none',
      locator: 'no database',
    },
    {
      items: [],
      blindSpot: {
        reason: 'not-asked',
        detail: 'it has no tenant database that could hold key versions',
        remedy: 'See the finding on its tenant database.',
      },
    },
  );
}

/**
 * The newest copies' moments of each location, the files' moments, and those plus and less the tolerated skew: rows are counted
 * after each. Each location has a share of its own, so that frequent copies in one do not push out those of another.
 */
function countingInstants(
  collection: Collection,
  inputs: TenantInputs,
  copies: readonly AnyEvidence[],
): readonly Instant[] {
  const moments = copies.flatMap((record) => {
    const own = record.kind === 'copy' ? record.items.flatMap(({ moment }) => (moment === null ? [] : [moment])) : [];
    return own
      .sort((a, b) => b.notBefore.localeCompare(a.notBefore))
      .slice(0, COUNTED_COPIES)
      .flatMap((moment) => [moment.notBefore, moment.notAfter]);
  });
  const skew = skewMillis(collection, inputs.organization);
  const skewed = inputs.fileMoments.flatMap((moment) => [
    moment,
    toInstant(toMillis(moment) + skew),
    toInstant(toMillis(moment) - skew),
  ]);
  return [...new Set([...moments, ...skewed])].sort();
}

/** Rows this young at a copy's moment are tolerated: clocks of application, database and storage differ. */
export function skewMillis({ policy }: Pick<Collection, 'policy'>, organization: Subject): number {
  const own = policy.organizationLimits[organization.organizationId ?? '']?.fileSkewMinutes;
  return (own ?? policy.limits.fileSkewMinutes ?? LIMIT_DEFAULTS.fileSkewMinutes) * MINUTE;
}

/** What is asked of a tenant database because of its copies. */
type Asked = Pick<TenantDatabaseQuestion, 'instants' | 'prefixes' | 'withObjects' | 'withSize'> & {
  readonly sample: SampleQuestion | null;
};

/** Rows that are younger than clocks may differ are not drawn: their files may be on their way. */
function sampleQuestion(collection: Collection, organization: Subject): SampleQuestion {
  const { rows, seed } = collection.config.collect.fileSample;
  const before = toInstant(toMillis(systemClock()) - skewMillis(collection, organization));
  return { rows, seed: seed ?? Number(collection.startedAt.slice(0, 10).replaceAll('-', '')), before };
}

/** Whether a copy was found whose contents can be compared with what the live database holds. */
function holdsComparable(record: AnyEvidence): boolean {
  return record.kind === 'copy' && record.items.some(({ objects }) => objects !== undefined);
}

async function liveEvidence(
  collection: Collection,
  part: PartBuilder,
  subject: Subject,
  inputs: TenantInputs,
  known: KnownServer | undefined,
  asked: Asked,
): Promise<TenantReading> {
  const { asker } = collection;
  const { organization, row } = inputs;
  const locator =
    known === undefined ? 'not configured' : `${known.server.host}:${known.server.port}/${row.databaseName}`;
  const source = known === undefined ? 'database server' : `server ${known.subject.name}`;
  let reading: TenantDatabaseReading | null = null;
  let samples: SampleReading | null = null;
  let blindSpot: BlindSpot | null = null;
  try {
    if (known === undefined) blindSpot = UNKNOWN_SERVER;
    // A server that did not answer its own catalogue is not asked once more for each organization on it.
    else if (known.blindSpot?.reason === 'unreachable' || known.blindSpot?.reason === 'timeout')
      blindSpot = known.blindSpot;
    else ({ reading, samples } = await known.server.limit(() => readTenant(collection, known, row, asked)));
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
  return {
    registered: counts?.total ?? null,
    locator,
    readKeys: (add) =>
      inTenant(collection, known, row, (connection) =>
        readArtifactKeys(connection, collection.mapping, row.schemaName, add),
      ),
    drawn:
      reading === null
        ? (blindSpot ?? UNKNOWN_SERVER)
        : drawnFrom(collection, reading.artifactSample, counts, asked.sample, (keys) =>
            relist(collection, known, row, keys),
          ),
  };
}

async function relist(
  collection: Collection,
  known: KnownServer | undefined,
  row: TenantDatabaseRow,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  return await inTenant(collection, known, row, (connection) =>
    stillListed(connection, collection.mapping, keys, row.schemaName),
  );
}

async function inTenant<T>(
  collection: Collection,
  known: KnownServer | undefined,
  row: TenantDatabaseRow,
  work: (connection: ReadOnlyConnection) => Promise<T>,
): Promise<T> {
  if (known === undefined) {
    throw new SourceError(UNKNOWN_SERVER.reason, UNKNOWN_SERVER.detail, UNKNOWN_SERVER.remedy);
  }
  return await known.server.limit(async () => {
    const connection = await openReadOnly(known.server.settings(row.databaseName), collection.signal);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  });
}

function drawnFrom(
  collection: Collection,
  sample: TenantDatabaseReading['artifactSample'],
  counts: ArtifactCounts | undefined,
  asked: SampleQuestion | null,
  relisting: DrawnArtifacts['stillListed'],
): DrawnArtifacts | BlindSpot {
  if (asked === null || sample === null) return NOT_DRAWN;
  if (sample.status === 'absent') return ABSENT('artifacts');
  if (sample.status === 'blind') return collection.asker.blindSpotOf(sample.error, 'artifacts');
  const [drawn] = sample.rows;
  if (drawn === undefined) return NOT_DRAWN;
  if (counts === undefined) {
    return drawn.estimate === null ? NOT_DRAWN : { sample: drawn, population: drawn.estimate, stillListed: relisting };
  }
  const young = counts.after.find(({ after }) => after === asked.before)?.count ?? 0;
  return { sample: drawn, population: counts.total - young, stillListed: relisting };
}

const NOT_DRAWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'no artifact rows were drawn',
  remedy: 'See why nobody can look for files in the store.',
};

async function readTenant(
  collection: Collection,
  known: KnownServer,
  row: TenantDatabaseRow,
  asked: Asked,
): Promise<{ readonly reading: TenantDatabaseReading; readonly samples: SampleReading | null }> {
  const connection = await openReadOnly(known.server.settings(row.databaseName), collection.signal);
  try {
    const reading = await readTenantDatabase(connection, collection.mapping, {
      schemaName: row.schemaName,
      ...asked,
      instants: asked.sample === null ? asked.instants : [...asked.instants, asked.sample.before],
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

/** From the server's catalogue; where that did not answer, from inside the database, which exists where it answers. */
function stateEvidence(
  collection: Collection,
  known: KnownServer | undefined,
  subject: Subject,
  reading: TenantDatabaseReading | null,
  createdAt: Instant | null,
): AnyEvidence {
  if (reading === null || (known !== undefined && known.catalogue !== null))
    return databaseState(collection, known, subject, { createdAt, sizeBytes: reading?.sizeBytes ?? null });
  return collection.asker.record(
    { kind: 'database-state', subject, source: 'tenant database', operation: 'pg_database', locator: subject.name },
    { items: [{ exists: true, databaseOid: reading.database.oid, sizeBytes: reading.sizeBytes }] },
  );
}

function datasetAnswer<Row, Fact>(
  collection: Collection,
  name: TenantDatasetName,
  dataset: TenantDataset<Row>,
  translate: (rows: readonly Row[]) => readonly Fact[],
): { readonly items: readonly Fact[]; readonly blindSpot: BlindSpot | null } {
  if (dataset.status === 'absent') return { items: [], blindSpot: ABSENT(name) };
  if (dataset.status === 'blind') {
    return { items: [], blindSpot: collection.asker.blindSpotOf(dataset.error satisfies SourceError, name) };
  }
  return { items: translate(dataset.rows), blindSpot: problemBlindSpot(name, dataset.problems) };
}
