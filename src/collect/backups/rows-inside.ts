import type { Facts } from '../../model/facts.ts';
import { readTableInDirectory, readTableInFile } from '../formats/pg-dump/read-table.ts';
import type { TableQuestion, TableReading } from '../formats/pg-dump/table-question.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { DumpArtifact } from './artifact-index.ts';
import { type CopiedDatabase, isReadWithOthers, type SurveyedCopy } from './survey-copies.ts';

export type KeyVersionsInside = NonNullable<Facts['copy']['keyVersionsInside']>;

/** Reads rows out of copies of tenant databases, where that is asked for. */
export interface RowsInside {
  /** The key-version rows in a dump. @throws only when interrupted */
  keyVersions(artifact: DumpArtifact, database: CopiedDatabase): Promise<KeyVersionsInside>;
}

/** Why nobody looks into a copy. */
const CLOSED = 'it is encrypted or in a format that is not opened';
const IN_CLUSTER = 'it lies in an output of pg_dumpall, of which no table is read';
const ON_ANOTHER_HOST = 'it was read on another host, whose bundle brings no rows of it';
const DOUBTFUL = 'nothing inside proves that it is of this database, so that nobody looked at its rows';

/**
 * The copies with their own key-version rows, newest first while the budget lasts. Not asked of what cannot count, of the
 * install database, whose keyring tells its version, nor of what may be another database's: its rows are nobody's business here.
 *
 * @throws only when interrupted
 */
export async function withRowsInside(
  copies: readonly SurveyedCopy[],
  database: CopiedDatabase,
  inside: RowsInside | null,
): Promise<readonly Facts['copy'][]> {
  if (inside === null || database.subject.organizationId === null) return copies.map(({ fact }) => fact);
  const rows = new Map<SurveyedCopy, KeyVersionsInside>();
  for (const copy of copies.filter(canCount).toSorted(newestFirst)) {
    const because = unreadable(copy);
    rows.set(copy, because === null ? await inside.keyVersions(copy.artifact, database) : unread(because));
  }
  return copies.map((copy) => {
    const found = rows.get(copy);
    return found === undefined ? copy.fact : { ...copy.fact, keyVersionsInside: found };
  });
}

/** What nobody can look into likewise. */
export function closedWithoutRows(
  copies: readonly Facts['copy'][],
  database: CopiedDatabase,
  inside: RowsInside | null,
): readonly Facts['copy'][] {
  if (inside === null || database.subject.organizationId === null) return copies;
  return copies.map((fact) => ({ ...fact, keyVersionsInside: unread(CLOSED) }));
}

export function unread(because: string): KeyVersionsInside {
  return { versions: null, because };
}

function canCount({ fact }: SurveyedCopy): boolean {
  const { integrity, nameAgrees, scope } = fact;
  return integrity !== 'incomplete' && nameAgrees !== false && (scope === 'full' || scope === 'unknown');
}

function newestFirst({ fact: one }: SurveyedCopy, { fact: other }: SurveyedCopy): number {
  const at = ({ moment, modifiedAt }: Facts['copy']): string => moment?.notBefore ?? modifiedAt;
  return at(other).localeCompare(at(one)) || one.path.localeCompare(other.path);
}

function unreadable({ artifact, fact }: SurveyedCopy): string | null {
  if (isReadWithOthers(artifact)) return IN_CLUSTER;
  if (fact.nameAgrees !== true || fact.sameNameDatabases > 1) return DOUBTFUL;
  return recordedIn(artifact.location.tree) === null ? null : ON_ANOTHER_HOST;
}

/** The rows of one table in a dump. @throws SourceError where it cannot be read, and when interrupted */
export async function readTableIn(
  { location: { tree }, path, files }: DumpArtifact,
  question: TableQuestion,
  signal: AbortSignal,
): Promise<TableReading> {
  if (files !== null) {
    const root = path === '.' ? '' : `${path}/`;
    return readTableInDirectory(files, (below) => tree.open(`${root}${below}`, signal), question, signal);
  }
  const reader = await tree.open(path, signal);
  try {
    return await readTableInFile(reader, question, signal);
  } finally {
    await reader.close();
  }
}

/** What can be sought takes little: its table of contents and one table. */
const SOUGHT_BYTES = 1024 * 1024;

/** Bytes that reading one table of a dump may take, as far as that is known before. */
export function bytesForTable({ bytes, reading }: DumpArtifact): number {
  const isSought = reading.wrapped === 'none' && !reading.format.endsWith('plain');
  return isSought ? Math.min(bytes, SOUGHT_BYTES) : bytes;
}
