import type { Facts } from '../../model/facts.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { CopiedDatabase } from './copied-database.ts';
import { type KeyVersionsInside, type RowsInside, unread } from './rows-inside.ts';
import { isReadWithOthers, type SurveyedCopy } from './survey-copies.ts';

type Database = Pick<CopiedDatabase, 'subject' | 'schemaName'>;

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
  database: Database,
  inside: RowsInside | null,
): Promise<readonly Facts['copy'][]> {
  if (inside === null || database.subject.organizationId === null) return copies.map(({ fact }) => fact);
  const rows = new Map<SurveyedCopy, KeyVersionsInside>();
  for (const copy of copies.filter(canCount).toSorted(newestFirst)) {
    const because = unreadable(copy);
    const read = () => inside.keyVersions(copy.artifact, database.schemaName ?? null);
    rows.set(copy, because === null ? await read() : unread(because));
  }
  return copies.map((copy) => {
    const found = rows.get(copy);
    return found === undefined ? copy.fact : { ...copy.fact, keyVersionsInside: found };
  });
}

/** What nobody can look into likewise. */
export function closedWithoutRows(
  copies: readonly Facts['copy'][],
  { subject }: Database,
  inside: RowsInside | null,
): readonly Facts['copy'][] {
  if (inside === null || subject.organizationId === null) return copies;
  return copies.map((fact) => ({ ...fact, keyVersionsInside: unread(CLOSED) }));
}

function canCount({ fact }: SurveyedCopy): boolean {
  const { integrity, nameAgrees, scope } = fact;
  return integrity !== 'incomplete' && nameAgrees !== false && (scope === 'full' || scope === 'unknown');
}

function newestFirst({ fact: one }: SurveyedCopy, { fact: other }: SurveyedCopy): number {
  const at = ({ moment, modifiedAt }: Facts['copy']): string => moment?.notBefore ?? modifiedAt;
  return at(other).localeCompare(at(one)) || one.path.localeCompare(other.path);
}

/** Why nobody looks into a copy; null where somebody may. */
function unreadable({ artifact, fact }: SurveyedCopy): string | null {
  if (isReadWithOthers(artifact)) return IN_CLUSTER;
  if (fact.nameAgrees !== true || fact.sameNameDatabases > 1) return DOUBTFUL;
  return recordedIn(artifact.location.tree) === null ? null : ON_ANOTHER_HOST;
}
