import type { ObjectCount, ObjectKind } from '../../../model/database-object.ts';

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
  add(description: string, schema: string): void;
  counts(): readonly ObjectCount[];
}

export function createObjectCounter(): ObjectCounter {
  const counted = new Map<string, { schema: string; kind: ObjectKind; count: number }>();
  return {
    add: (description, schema) => {
      const kind = KIND_BY_DESCRIPTION[description];
      if (kind === undefined) return;
      const key = `${kind} ${schema}`;
      const known = counted.get(key);
      if (known === undefined) counted.set(key, { schema, kind, count: 1 });
      else known.count += 1;
    },
    counts: () => [...counted.values()],
  };
}
