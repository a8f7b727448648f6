const NAME = String.raw`(?:"(?:[^"]|"")*"|[^\s".(;]+)`;
const QUALIFIED = String.raw`(?:(${NAME})\.)?(${NAME})`;
const CREATE_TABLE = new RegExp(`^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?${QUALIFIED}`, 'u');
const ALTER_COLUMN = new RegExp(`^ALTER TABLE (?:ONLY )?${QUALIFIED} ALTER COLUMN `, 'u');
const COPY = new RegExp(`^COPY ${QUALIFIED}[\\s(]`, 'u');
const COLUMN = String.raw`(?:"(?:[^"]|"")*"|[^\s",()]+)`;
const COLUMNS = `(?<columns>${COLUMN}(?:, ${COLUMN})*)`;
const COPY_COLUMNS = new RegExp(String.raw`^COPY ${QUALIFIED} \(${COLUMNS}\) FROM stdin;?\s*$`, 'u');
/** The statement that an archive keeps for the rows of a table, with the names of its columns. */
export const COPY_STATEMENT: RegExp = new RegExp(
  `^COPY ${NAME}(?:\\.${NAME})? \\((${COLUMN}(?:, ${COLUMN})*)\\) FROM stdin;\\s*$`,
);
export const COPIED_COLUMN: RegExp = new RegExp(COLUMN, 'gu');
const CREATE_DATABASE = new RegExp(`^CREATE DATABASE (${NAME})`, 'u');
const PARTITIONED = /\n\)\r?\nPARTITION BY (?:RANGE|LIST|HASH) \(/u;
const INHERITS = new RegExp(String.raw`\n\)\r?\nINHERITS \((${QUALIFIED}(?:, ${QUALIFIED})*)\)`, 'u');
const ONE_OF_LIST = new RegExp(QUALIFIED, 'gu');

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** The table that a statement of a plain dump creates, or null. */
export function parseCreateTable(
  statement: string,
): (QualifiedName & { readonly partitioned: boolean; readonly unlogged?: true }) | null {
  const name = qualified(CREATE_TABLE.exec(statement));
  if (name === null) return null;
  return { ...name, partitioned: isPartitionedTable(statement), ...(isUnlogged(statement) ? { unlogged: true } : {}) };
}

/** Whether a definition as pg_dump writes it makes a table or a sequence that PostgreSQL empties after a crash. */
export function isUnlogged(definition: string): boolean {
  return /^CREATE UNLOGGED (?:TABLE|SEQUENCE) /.test(definition);
}

/** Whether a `CREATE TABLE` as pg_dump writes it, with the closing parenthesis on a line of its own, makes a partitioned parent. */
export function isPartitionedTable(definition: string): boolean {
  return PARTITIONED.test(definition);
}

/** The tables of which a `CREATE TABLE` as pg_dump writes it makes a child: a SELECT from one of them shows its rows, too. */
export function parentsOf(definition: string): readonly QualifiedName[] {
  // Few tables have any, and a dump may have very many tables.
  const list = definition.includes('\nINHERITS (') ? INHERITS.exec(definition)?.[1] : undefined;
  return list === undefined ? [] : [...list.matchAll(ONE_OF_LIST)].flatMap((match) => qualified(match) ?? []);
}

/** The table whose column a statement alters, as pg_dump makes the sequence of an identity column, or null. */
export function parseAlteredTable(statement: string): QualifiedName | null {
  return qualified(ALTER_COLUMN.exec(statement));
}

/** The table that a `COPY … FROM stdin` of a plain dump fills, or null. */
export function parseCopy(statement: string): QualifiedName | null {
  return statement.endsWith(' FROM stdin') ? qualified(COPY.exec(statement)) : null;
}

/** The columns that a `COPY … FROM stdin` fills, in the order of its rows; null where it names none. */
export function parseCopyColumns(statement: string): readonly string[] | null {
  const list = COPY_COLUMNS.exec(statement)?.groups?.['columns'];
  return list === undefined ? null : [...list.matchAll(COPIED_COLUMN)].map(([name]) => unquote(name));
}

/** The name in `CREATE DATABASE`, or null. */
export function parseCreateDatabase(statement: string): string | null {
  const name = CREATE_DATABASE.exec(statement)?.[1];
  return name === undefined ? null : unquote(name);
}

/**
 * The database in psql's `\connect`: a name, or for names with unusual characters a connection string
 * `-reuse-previous=on "dbname='…'"` (PostgreSQL source, string_utils.c, `appendPsqlMetaConnect`). Null for other commands.
 */
export function parseConnect(command: string): string | null {
  const argument = /^\\connect (?:-reuse-previous=on )?(.+)$/u.exec(command)?.[1];
  if (argument === undefined) return null;
  const name = unquote(argument);
  const value = /^dbname='(.*)'$/u.exec(name)?.[1];
  return value === undefined || !argument.startsWith('"') ? name : value.replace(/\\(.)/gu, '$1');
}

function qualified(match: RegExpMatchArray | null): QualifiedName | null {
  const name = match?.[2];
  return name === undefined ? null : { schema: unquote(match?.[1] ?? ''), name: unquote(name) };
}

function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
