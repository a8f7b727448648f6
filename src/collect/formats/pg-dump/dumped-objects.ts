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
  const counted = new Map<string, { schema: string; kind: ObjectKind; count: number }>();
  return {
    add: (description, schema) => {
      const kind = KIND_BY_DESCRIPTION[description];
      if (kind === undefined) return;
      const key = `${kind} ${schema}`;
      const known = counted.get(key);
      if (known !== undefined) {
        known.count += 1;
        return;
      }
      kept.keep(schema);
      counted.set(key, { schema, kind, count: 1 });
    },
    counts: () => [...counted.values()],
  };
}
