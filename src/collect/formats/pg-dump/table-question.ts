/** The rows of one table in a dump that are asked for. */
export interface TableQuestion {
  /** Null: in whatever schema, where only one has a table of that name. */
  readonly schema: string | null;
  readonly table: string;
  /** Names of the columns whose values are wanted; no other value is kept. */
  readonly columns: readonly string[];
}

/** The values of one row, in the order asked for; null for SQL NULL. */
export type CopiedRow = readonly (string | null)[];

/** What came of it. */
export interface TableReading {
  /** Values in the order of the columns asked for; null where the rows could not be read. */
  readonly rows: readonly CopiedRow[] | null;
  /** Why they could not, as a sentence part without any of their content; null where they were read. */
  readonly because: string | null;
  /** Bytes fetched from the storage. */
  readonly bytesRead: number;
}

/** The rows cannot be read. Never leaves this folder. */
export class TableUnread extends Error {
  /** @param because a plain sentence part such as `its rows are INSERT statements, which are not read` */
  constructor(because: string, options?: ErrorOptions) {
    super(because, options);
    this.name = 'TableUnread';
  }
}

/** Whether a table of this name in this schema is the one asked for. */
export function isAsked(question: TableQuestion, schema: string, table: string): boolean {
  return table === question.table && (question.schema === null || question.schema === schema);
}

/** The table asked for, in a sentence. */
export function tableText({ schema, table }: TableQuestion): string {
  return `table ${schema === null ? table : `${schema}.${table}`}`;
}

export const INSERTS = 'its rows are INSERT statements, which are not read';
export const INHERITED = 'another table inherits from it, the rows of which count among its own and are not read';
export const SEVERAL_SCHEMAS = 'several of its schemas have a table of that name';
