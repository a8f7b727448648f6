import type { LiveObjects } from '../../model/database-object.ts';
import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { type Answer, readEach } from '../postgres/read-each.ts';
import type { ReadOnlyConnection } from '../postgres/read-only-connection.ts';
import { datasetStatement, type ReadOnlyStatement } from '../postgres/statement.ts';
import {
  type ArtifactCounts,
  artifactCountStatement,
  type CountedPrefix,
  readArtifactCounts,
} from './artifact-counts.ts';
import {
  type ArtifactSample,
  drawArtifacts,
  estimatedRows,
  type SampleQuestion,
  sampleDraws,
} from './artifact-sample.ts';
import { OBJECTS, objectRows } from './database-objects.ts';
import { type CatalogueTable, TABLES, tableRows } from './database-tables.ts';
import type { Columns, DatasetContract, RowOf, RowProblem } from './dataset-contract.ts';
import {
  type AuditHeadRow,
  type KeyVersionRow,
  type MembersRow,
  TENANT_DATASETS,
  type TenantDatasetName,
} from './dataset-contracts.ts';
import { parseRows } from './dataset-rows.ts';
import type { DatasetMapping } from './dataset-source.ts';
import { mayWrite, RIGHT_TO_WRITE, standsAlone } from './right-to-write.ts';
import { ROLE_RIGHTS, type RoleRights, readRoleRights, withoutRightToWrite } from './role-rights.ts';
import type { ServerCatalogue } from './server-catalogue.ts';
import {
  type CurrentDatabase,
  DATABASE_SIZE,
  IDENTITY,
  readDatabaseSize,
  readServerFacts,
  type ServerFacts,
  SYSTEM_IDENTIFIER,
} from './server-facts.ts';

/** One dataset of a tenant database. Read: its rows, and what is wrong with rows that could not be read. */
export type TenantDataset<Row> =
  | { readonly status: 'read'; readonly rows: readonly Row[]; readonly problems: readonly RowProblem[] }
  | { readonly status: 'blind'; readonly error: SourceError }
  | { readonly status: 'absent' };

export interface TenantDatabaseReading {
  readonly server: ServerFacts;
  readonly database: CurrentDatabase;
  /** Null where the question did not want it, or the server did not tell. */
  readonly sizeBytes: number | null;
  readonly rights: RoleRights;
  /** Without temporary tables and those of extensions, which a dump does not hold either. */
  readonly tables: readonly CatalogueTable[];
  /** Null where the question did not want them. */
  readonly objects: readonly LiveObjects[] | null;
  readonly keyVersions: TenantDataset<KeyVersionRow>;
  readonly auditHead: TenantDataset<AuditHeadRow>;
  readonly members: TenantDataset<MembersRow>;
  /** `rows` holds one element. */
  readonly artifactCounts: TenantDataset<ArtifactCounts>;
  /** `rows` holds one element; null where the question did not want any. */
  readonly artifactSample: TenantDataset<ArtifactSample> | null;
}

export interface TenantDatabaseQuestion {
  /** Schema in which unqualified names of the mapping are looked up; null: the role's own search path. */
  readonly schemaName: string | null;
  /** Instants after which artifact rows are counted. */
  readonly instants: readonly Instant[];
  /** Prefixes of the store below which artifact rows are counted. */
  readonly prefixes?: readonly CountedPrefix[];
  /** Artifact rows to draw. */
  readonly sample?: SampleQuestion | null;
  /** Whether to count what else than tables is there: worth its cost where a copy can be compared with it. */
  readonly withObjects: boolean;
  /** Whether to ask for the size of its files: worth its cost where there is a copy. */
  readonly withSize: boolean;
  /** What the server of that address told before as the same role, if it did; that is not asked again. */
  readonly catalogue: ServerCatalogue | null;
}

/** More key versions than this in one database are a mapping mistake, not data. */
const MAX_ROWS = 10_000;

/**
 * Reads one tenant database over one connection: all questions as of one moment, in one round trip where every dataset
 * can be read, else each for itself. Which rights to write a role has is asked in a second one, where it has any.
 * @throws SourceError when the server ends the session or its catalogue cannot be read
 */
export async function readTenantDatabase(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  question: TenantDatabaseQuestion,
): Promise<TenantDatabaseReading> {
  const instants = [...new Set(question.instants)].sort();
  const prefixes = question.prefixes ?? [];
  const counts = artifactCountStatement(mapping, instants, prefixes);
  const datasets = [...smallDatasetStatements(mapping), ...(counts === null ? [] : [counts])];
  const alone = question.catalogue !== null && standsAlone(question.catalogue.rights);
  const rights = alone ? RIGHT_TO_WRITE : ROLE_RIGHTS;
  const sizes = question.withSize ? [DATABASE_SIZE] : [];
  const others = question.withObjects ? [OBJECTS] : [];
  const statements = [IDENTITY, SYSTEM_IDENTIFIER, ...sizes, rights, TABLES, ...others, ...datasets];
  const answers = await readEach(connection, statements, { schema: question.schemaName });
  const answerTo = (statement: ReadOnlyStatement): Answer => {
    const answer = answers[statements.indexOf(statement)];
    if (answer === undefined) throw new TypeError(`statement ${statement.id} has no answer`);
    return answer;
  };
  const small = <C extends Columns>(contract: DatasetContract<C>): TenantDataset<RowOf<C>> => {
    const statement = datasets.find(({ id }) => id === contract.name);
    return statement === undefined
      ? { status: 'absent' }
      : toDataset(contract, answerTo(statement), connection.locator);
  };
  const tables = answerTo(TABLES);
  if (!tables.ok) throw tables.error;
  const objects = question.withObjects ? answerTo(OBJECTS) : null;
  if (objects?.ok === false) throw objects.error;
  const facts = readServerFacts(answerTo(IDENTITY), answerTo(SYSTEM_IDENTIFIER));
  const artifactCounts: TenantDataset<ArtifactCounts> =
    counts === null ? { status: 'absent' } : toArtifactCounts(answerTo(counts), instants, connection.locator, prefixes);
  return {
    ...facts,
    sizeBytes: question.withSize ? readDatabaseSize(answerTo(DATABASE_SIZE)) : null,
    rights: alone
      ? await rightsOfLoneRole(connection, question.catalogue, facts.server, answerTo(RIGHT_TO_WRITE))
      : readRoleRights(answerTo(ROLE_RIGHTS)),
    tables: tableRows(tables.rows),
    objects: objects === null ? null : objectRows(objects.rows),
    keyVersions: small(TENANT_DATASETS.key_versions),
    auditHead: small(TENANT_DATASETS.audit_head),
    members: small(TENANT_DATASETS.members),
    artifactCounts,
    artifactSample:
      question.sample == null ? null : await sampleOf(connection, mapping, question, question.sample, artifactCounts),
  };
}

/** Draws in a round trip of its own: how is decided by how many rows there are. */
async function sampleOf(
  connection: ReadOnlyConnection,
  mapping: DatasetMapping,
  { schemaName }: TenantDatabaseQuestion,
  sample: SampleQuestion,
  counts: TenantDataset<ArtifactCounts>,
): Promise<TenantDataset<ArtifactSample>> {
  if (counts.status === 'absent') return counts;
  const isTooMany = counts.status === 'blind' && counts.error.reason === 'timeout' && connection.isOpen();
  const estimate = isTooMany ? await estimatedRows(connection, mapping, schemaName) : null;
  if (counts.status === 'blind' && estimate === null) return counts;
  const total = counts.status === 'read' ? (counts.rows[0]?.total ?? 0) : (estimate ?? 0);
  if (total === 0) {
    const none = { question: sample, method: 'nothing to draw from', rows: [], problems: [], estimate: null };
    return { status: 'read', rows: [none], problems: [] };
  }
  try {
    const drawn = await drawArtifacts(connection, sampleDraws(mapping, sample, total), sample, schemaName, estimate);
    return { status: 'read', rows: [drawn], problems: drawn.problems };
  } catch (error) {
    // A session that ended now takes nothing with it that was read before.
    if (error instanceof SourceError) return { status: 'blind', error };
    throw error;
  }
}

/** Asks in full wherever the short answer is not a plain no, or comes from another server than the role's attributes. */
async function rightsOfLoneRole(
  connection: ReadOnlyConnection,
  { server, rights }: ServerCatalogue,
  answering: ServerFacts,
  answer: Answer,
): Promise<RoleRights> {
  const sameServer = server.systemIdentifier !== null && server.systemIdentifier === answering.systemIdentifier;
  if (sameServer && !mayWrite(answer)) return withoutRightToWrite(rights);
  const [full] = await readEach(connection, [ROLE_RIGHTS]);
  if (full === undefined) throw new TypeError('one statement has one answer');
  return readRoleRights(full);
}

const statementsOf = new WeakMap<DatasetMapping, readonly ReadOnlyStatement[]>();

/** The same for every tenant, so checked once for each mapping. */
function smallDatasetStatements(mapping: DatasetMapping): readonly ReadOnlyStatement[] {
  const known = statementsOf.get(mapping);
  if (known !== undefined) return known;
  const names: readonly TenantDatasetName[] = ['key_versions', 'audit_head', 'members'];
  const made = names.flatMap((name) => {
    const source = mapping.tenant[name];
    return source.kind === 'sql' ? [datasetStatement(name, source.sql, source.tables, { limit: MAX_ROWS + 1 })] : [];
  });
  statementsOf.set(mapping, made);
  return made;
}

function toDataset<C extends Columns>(
  contract: DatasetContract<C>,
  answer: Answer,
  locator: string,
): TenantDataset<RowOf<C>> {
  if (!answer.ok) return { status: 'blind', error: answer.error };
  if (answer.rows.rows.length > MAX_ROWS) {
    const message = `${locator}, ${contract.name}: more than ${MAX_ROWS} rows`;
    const remedy = `Let the mapping of dataset ${contract.name} give one row for each key version.`;
    return { status: 'blind', error: new SourceError('unsupported', message, remedy) };
  }
  return readingOf(() => parseRows(contract, answer.rows, locator));
}

function toArtifactCounts(
  answer: Answer,
  instants: readonly Instant[],
  locator: string,
  prefixes: readonly CountedPrefix[],
): TenantDataset<ArtifactCounts> {
  if (!answer.ok) return { status: 'blind', error: answer.error };
  return readingOf(() => ({ rows: [readArtifactCounts(answer.rows, instants, locator, prefixes)], problems: [] }));
}

function readingOf<Row>(read: () => { rows: readonly Row[]; problems: readonly RowProblem[] }): TenantDataset<Row> {
  try {
    return { status: 'read', ...read() };
  } catch (error) {
    if (error instanceof SourceError) return { status: 'blind', error };
    throw error;
  }
}
