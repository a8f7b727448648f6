import { z } from 'zod';

/**
 * What a database holds besides its tables, in PostgreSQL's terms, as far as a dump can leave it out as a whole: by
 * schema, by pattern, or (large objects, extensions, policies) by an option of its own. Procedures and aggregates are
 * functions, domains are types. Constraints are primary keys, UNIQUE and EXCLUDE; an index is one that serves none of them.
 * What a table's own definition says (CHECK, NOT NULL) goes with it.
 */
export const OBJECT_KINDS = [
  'sequence',
  'view',
  'materialized view',
  'foreign table',
  'function',
  'type',
  'policy',
  'constraint',
  'foreign key',
  'index',
  'trigger',
  'rule',
  'extension',
  'large object',
] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

const count = z.number().int().positive();

/** How many objects of one kind a schema holds. `schema` is empty for kinds that lie in none. */
export const objectCountSchema = z.strictObject({ schema: z.string(), kind: z.enum(OBJECT_KINDS), count });
export type ObjectCount = Readonly<z.infer<typeof objectCountSchema>>;

/** The same in a live database, with the lowest and the highest of their object ids. */
export const liveObjectsSchema = objectCountSchema.extend({ lowestOid: count, highestOid: count });
export type LiveObjects = Readonly<z.infer<typeof liveObjectsSchema>>;

/** Kinds that a dump leaves out one by one (`--table`, `--exclude-table`, `--extension`, `pg_restore --use-list`); of all others it has all of a schema or none. */
export const LEFT_OUT_ONE_BY_ONE: ReadonlySet<ObjectKind> = new Set([
  'sequence',
  'view',
  'materialized view',
  'foreign table',
  'constraint',
  'foreign key',
  'index',
  'trigger',
  'rule',
  'extension',
]);
