import { lackingValues, scopeOf } from './archive-facts.ts';
import type { DumpedTable, DumpFacts } from './dump-reading.ts';
import { createObjectCounter, type ObjectCounter } from './dumped-objects.ts';
import type { KeptBound } from './kept-bound.ts';
import { createSequenceValues, SEQUENCE, SEQUENCE_SET, type SequenceValues } from './sequence-values.ts';

/** What a plain dump holds of one database, as it is come across. */
export interface PlainSection {
  readonly tables: Omit<DumpedTable, 'hasData'>[];
  /** Tables that a comment announces the rows of, and those whose rows follow as COPY, by {@link keyOf}. */
  readonly announced: Set<string>;
  readonly copied: Set<string>;
  /** The table announced last, while no COPY came after it. */
  awaited: string | null;
  readonly objects: ObjectCounter;
  readonly sequences: SequenceValues;
  /** The sequence announced last, while no statement came after it. */
  sequence: { readonly schema: string; readonly name: string } | null;
  /** Of the whole dump. */
  readonly kept: KeptBound;
  postData: boolean;
  rowSecurityUsed: boolean;
  /** Whether the trailer of the database's own dump was met. */
  ended: boolean;
}

/** @param kept counts what is kept of the dump that the section is part of */
export function createPlainSection(kept: KeptBound): PlainSection {
  const objects = createObjectCounter(kept);
  const sequences = createSequenceValues(kept);
  const parts = { tables: [], announced: new Set<string>(), copied: new Set<string>(), objects, sequences, kept };
  return { ...parts, awaited: null, sequence: null, postData: false, rowSecurityUsed: false, ended: false };
}

/** @throws ReadingLimit as of all that is kept */
export function announceRows(section: PlainSection, key: string): void {
  keepKey(section, section.announced, key);
  section.awaited = key;
}

/**
 * What the comment above an object says, with names as pg_dump writes them into comments.
 * @throws ReadingLimit as of all that is kept
 */
export function announceObject(section: PlainSection, type: string, schema: string, name: string): void {
  section.objects.add(type, schema);
  if (type === SEQUENCE) section.sequence = { schema, name };
  if (type === SEQUENCE_SET) section.sequences.valueSet(schema, name);
}

/** The first statement below such a comment. @throws ReadingLimit as of all that is kept */
export function defineSequence(section: PlainSection, statement: string): void {
  if (section.sequence === null) return;
  section.sequences.defined(section.sequence.schema, section.sequence.name, statement);
  section.sequence = null;
}

/** @throws ReadingLimit as of all that is kept. @param key the table that COPY names: of rows that go through the root of a partitioned table, that root */
export function copyRows(section: PlainSection, key: string): void {
  keepKey(section, section.copied, key);
  if (section.awaited !== null) keepKey(section, section.copied, section.awaited);
  section.awaited = null;
}

function keepKey({ kept }: PlainSection, keys: Set<string>, key: string): void {
  if (keys.has(key)) return;
  kept.keep(key);
  keys.add(key);
}

/** A dump whose rows are INSERT statements has none for an empty table, but one with COPY has one for each table. */
function filledIn({ announced, copied }: PlainSection): ReadonlySet<string> {
  return copied.size > 0 ? copied : announced;
}

export function sectionFacts(section: PlainSection): Pick<DumpFacts, 'objects' | 'scope' | 'sequencesWithoutValues'> & {
  readonly tables: readonly DumpedTable[];
} {
  const filled = filledIn(section);
  const tables = section.tables.map((table) => ({ ...table, hasData: filled.has(keyOf(table.schema, table.name)) }));
  const scope = scopeOf(tables, filled.size > 0, section.postData);
  return {
    tables,
    objects: section.objects.counts(),
    ...lackingValues(section.sequences, tables, scope),
    scope,
  };
}

/** pg_dump writes names into comments with their line breaks as spaces (`sanitize_line`). */
export function keyOf(schema: string, name: string): string {
  return `${schema}\0${name}`.replace(/[\r\n]/g, ' ');
}
