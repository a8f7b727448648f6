/** What a dataset column means; decides which PostgreSQL types may carry it. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'digest' | 'list' | 'json';

/** pg_type.oid of built-in types, which are fixed (PostgreSQL, src/include/catalog/pg_type.dat). */
const BUILT_IN: Readonly<Record<number, string>> = {
  16: 'boolean',
  17: 'bytea',
  18: '"char"',
  19: 'name',
  20: 'bigint',
  21: 'smallint',
  23: 'integer',
  25: 'text',
  26: 'oid',
  114: 'json',
  199: 'json[]',
  700: 'real',
  701: 'double precision',
  705: 'unknown',
  869: 'inet',
  1000: 'boolean[]',
  1009: 'text[]',
  1014: 'character[]',
  1015: 'character varying[]',
  1042: 'character',
  1043: 'character varying',
  1082: 'date',
  1114: 'timestamp without time zone',
  1184: 'timestamp with time zone',
  1186: 'interval',
  1700: 'numeric',
  2950: 'uuid',
  2951: 'uuid[]',
  3802: 'jsonb',
};

/** Oids from here on are types made in the database: enums, domains over them, extension types such as citext. */
const FIRST_USER_OID = 16384;

/** Text is accepted everywhere: its value is parsed, and has to say what the type would have said. */
const TEXTUAL = ['text', 'character varying', 'character', 'name', '"char"', 'unknown'];
const INTEGERS = ['smallint', 'integer', 'bigint', 'numeric', 'oid'];

const ACCEPTED: Readonly<Record<ColumnType, ReadonlySet<string>>> = {
  text: new Set([...TEXTUAL, ...INTEGERS, 'uuid', 'inet', 'interval']),
  integer: new Set([...TEXTUAL, ...INTEGERS]),
  number: new Set([...TEXTUAL, ...INTEGERS, 'real', 'double precision']),
  boolean: new Set([...TEXTUAL, 'boolean']),
  instant: new Set([...TEXTUAL, 'timestamp with time zone']),
  digest: new Set([...TEXTUAL, 'bytea']),
  list: new Set([...TEXTUAL, 'text[]', 'character[]', 'character varying[]', 'uuid[]', 'json', 'jsonb']),
  json: new Set([...TEXTUAL, 'json', 'jsonb']),
};

const WANTED: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'boolean',
  instant: 'timestamp with time zone',
  digest: 'text or bytea',
  list: 'text[]',
  json: 'json or jsonb',
};

/** PostgreSQL's name of a type, or its oid where it is not built in. */
export function typeName(typeOid: number): string {
  return BUILT_IN[typeOid] ?? `type with oid ${typeOid}`;
}

/** Whether a column of this PostgreSQL type can hold what the contract wants there. */
export function acceptsType(type: ColumnType, typeOid: number): boolean {
  const name = BUILT_IN[typeOid];
  if (name !== undefined) return ACCEPTED[type].has(name);
  return typeOid >= FIRST_USER_OID && (type === 'text' || type === 'list');
}

/** What to write in the mapping instead of a column of the wrong type. */
export function typeHint(type: ColumnType, typeOid: number): string {
  const found = typeName(typeOid);
  if (type === 'instant' && found === 'timestamp without time zone') {
    return `say which zone it is in: column AT TIME ZONE 'UTC'`;
  }
  return `cast it to ${WANTED[type]}`;
}
