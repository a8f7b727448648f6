import { scopeOf } from './archive-facts.ts';
import type { DumpedTable, DumpFacts } from './dump-reading.ts';
import { createObjectCounter, type ObjectCounter } from './dumped-objects.ts';

/** What a plain dump holds of one database, as it is come across. */
export interface PlainSection {
  readonly tables: Omit<DumpedTable, 'hasData'>[];
  /** Tables with a data part, by {@link keyOf}. */
  readonly filled: Set<string>;
  readonly objects: ObjectCounter;
  postData: boolean;
  rowSecurityUsed: boolean;
  /** Whether the trailer of the database's own dump was met. */
  ended: boolean;
}

export function createPlainSection(): PlainSection {
  const parts = { tables: [], filled: new Set<string>(), objects: createObjectCounter() };
  return { ...parts, postData: false, rowSecurityUsed: false, ended: false };
}

export function sectionFacts(section: PlainSection): Pick<DumpFacts, 'objects' | 'scope'> & {
  readonly tables: readonly DumpedTable[];
} {
  const { filled } = section;
  const tables = section.tables.map((table) => ({ ...table, hasData: filled.has(keyOf(table.schema, table.name)) }));
  return {
    tables,
    objects: section.objects.counts(),
    scope: scopeOf(tables, filled.size > 0, section.postData),
  };
}

/** pg_dump writes names into comments with their line breaks as spaces (`sanitize_line`). */
export function keyOf(schema: string, name: string): string {
  return `${schema}\0${name}`.replace(/[\r\n]/g, ' ');
}
