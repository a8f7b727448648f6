import type { ObjectCount, ObjectKind } from '../../../model/database-object.ts';
import type { KeptBound } from './kept-bound.ts';

/** Descriptions in a table of contents (PostgreSQL source, pg_dump.c, `ARCHIVE_OPTS(.description)`), by kind of object. */
const KIND_BY_DESCRIPTION: Readonly<Record<string, ObjectKind>> = {
  SEQUENCE: 'sequence',
  VIEW: 'view',
  'MATERIALIZED VIEW': 'materialized view',
  'FOREIGN TABLE': 'foreign table',
  FUNCTION: 'function',
  PROCEDURE: 'function',
  AGGREGATE: 'function',
  TYPE: 'type',
  DOMAIN: 'type',
  POLICY: 'policy',
  CONSTRAINT: 'constraint',
  'FK CONSTRAINT': 'foreign key',
  INDEX: 'index',
  TRIGGER: 'trigger',
  RULE: 'rule',
  EXTENSION: 'extension',
  // One entry for each up to PostgreSQL 16, for each group from 17 on.
  BLOB: 'large object',
  'BLOB METADATA': 'large object',
};

/** Counts entries by schema and kind of object. */
export interface ObjectCounter {
  /** @throws ReadingLimit where there are more schemas than are kept */
  add(description: string, schema: string): void;
  counts(): readonly ObjectCount[];
}

/** @param kept counts each schema and kind as one entry of the dump */
export function createObjectCounter(kept: KeptBound): ObjectCounter {
  return new Counter(kept);
}

class Counter implements ObjectCounter {
  private readonly kept: KeptBound;
  private readonly counted = new Map<string, { schema: string; kind: ObjectKind; count: number }>();

  constructor(kept: KeptBound) {
    this.kept = kept;
  }

  add(description: string, schema: string): void {
    const kind = KIND_BY_DESCRIPTION[description];
    if (kind === undefined) return;
    const key = `${kind} ${schema}`;
    const known = this.counted.get(key);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    this.kept.keep(schema);
    this.counted.set(key, { schema, kind, count: 1 });
  }

  counts(): readonly ObjectCount[] {
    return [...this.counted.values()];
  }
}
