import { scopeOf } from './archive-facts.ts';
import type { DumpedTable, DumpFacts } from './dump-reading.ts';
import { createObjectCounter, type ObjectCounter } from './dumped-objects.ts';

/** What a plain dump holds of one database, as it is come across. */
export interface PlainSection {
  readonly tables: Omit<DumpedTable, 'hasData'>[];
  /** Tables that a comment announces the rows of, and those whose rows follow as COPY, by {@link keyOf}. */
  readonly announced: Set<string>;
  readonly copied: Set<string>;
  /** The table announced last, while no COPY came after it. */
  awaited: string | null;
  readonly objects: ObjectCounter;
  postData: boolean;
  rowSecurityUsed: boolean;
  /** Whether the trailer of the database's own dump was met. */
  ended: boolean;
}

export function createPlainSection(): PlainSection {
  const parts = { tables: [], announced: new Set<string>(), copied: new Set<string>(), objects: createObjectCounter() };
  return { ...parts, awaited: null, postData: false, rowSecurityUsed: false, ended: false };
}

export function announceRows(section: PlainSection, key: string): void {
  section.announced.add(key);
  section.awaited = key;
}

/** @param key the table that COPY names: of rows that go through the root of a partitioned table, that root */
export function copyRows(section: PlainSection, key: string): void {
  section.copied.add(key);
  if (section.awaited !== null) section.copied.add(section.awaited);
  section.awaited = null;
}

/** A dump whose rows are INSERT statements has none for an empty table, but one with COPY has one for each table. */
function filledIn({ announced, copied }: PlainSection): ReadonlySet<string> {
  return copied.size > 0 ? copied : announced;
}

export function sectionFacts(section: PlainSection): Pick<DumpFacts, 'objects' | 'scope'> & {
  readonly tables: readonly DumpedTable[];
} {
  const filled = filledIn(section);
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
