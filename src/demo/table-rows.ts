/** A value of a row, as JSON writes it: PostgreSQL reads every type of the reference schema from these. */
export type Value = string | number | boolean | null | readonly string[] | JsonObject;
/** Of a column of type jsonb. */
export type JsonObject = { readonly [name: string]: string };
export type Row = Readonly<Record<string, Value>>;

/** Rows of a database of the demo, by table of schema `novantra`. */
export type TableRows = Readonly<Record<string, readonly Row[]>>;

/** Schema of the reference tables. */
export const SCHEMA = 'novantra';
