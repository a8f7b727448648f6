import type { DumpedTable, SequenceWithoutValue } from './dump-reading.ts';
import type { KeptBound } from './kept-bound.ts';
import { isUnlogged, parseAlteredTable, type QualifiedName } from './sql-names.ts';

/** Description of the entry that sets the value of a sequence (PostgreSQL source, pg_dump.c, `dumpSequenceData`). */
export const SEQUENCE_SET = 'SEQUENCE SET';
export const SEQUENCE = 'SEQUENCE';
/** How many are told of each kind: no finding names more. */
const TOLD = 50;

/**
 * Pairs sequences with the entries that set their values. A sequence without one starts anew after a restore, and the
 * next row that takes its number from it collides with one that is there (`--exclude-table-data` leaves it out).
 */
export interface SequenceValues {
  /** @param definition the statement that makes it, as far as it is known @throws ReadingLimit */
  defined(schema: string, name: string, definition: string): void;
  /** @throws ReadingLimit */
  valueSet(schema: string, name: string): void;
  /** @param tables those of the same dump: sequences of unlogged tables are unlogged too */
  lacking(tables: readonly DumpedTable[]): readonly SequenceWithoutValue[];
}

/** @param kept counts each sequence as one entry of the dump */
export function createSequenceValues(kept: KeptBound): SequenceValues {
  return new Pairs(kept);
}

interface Unset extends QualifiedName {
  readonly unlogged: boolean;
  /** Of an identity column its table. */
  readonly owner: QualifiedName | null;
}

class Pairs implements SequenceValues {
  private readonly kept: KeptBound;
  private readonly unset = new Map<string, Unset>();
  /** Values that came before their sequence, as in an archive whose entries were put in another order. */
  private readonly early = new Set<string>();

  constructor(kept: KeptBound) {
    this.kept = kept;
  }

  defined(schema: string, name: string, definition: string): void {
    const key = keyOf(schema, name);
    if (this.early.delete(key)) return;
    this.kept.keep(schema, name);
    const owner = parseAlteredTable(definition);
    this.unset.set(key, { schema, name, unlogged: isUnlogged(definition), owner });
  }

  valueSet(schema: string, name: string): void {
    const key = keyOf(schema, name);
    if (this.unset.delete(key)) return;
    this.kept.keep(schema, name);
    this.early.add(key);
  }

  lacking(tables: readonly DumpedTable[]): readonly SequenceWithoutValue[] {
    if (this.unset.size === 0) return [];
    const unlogged = new Set(tables.filter((table) => table.unlogged).map(({ schema, name }) => keyOf(schema, name)));
    const all = [...this.unset.values()].map(({ owner, ...sequence }) => ({
      schema: sequence.schema,
      name: sequence.name,
      unlogged: sequence.unlogged || (owner !== null && unlogged.has(keyOf(owner.schema, owner.name))),
    }));
    const [kept, lost] = [all.filter((one) => !one.unlogged), all.filter((one) => one.unlogged)];
    return [...kept.slice(0, TOLD), ...lost.slice(0, TOLD)];
  }
}

/** pg_dump writes names into comments with their line breaks as spaces (`sanitize_line`). */
function keyOf(schema: string, name: string): string {
  return `${schema}\0${name}`.replace(/[\r\n]/g, ' ');
}
