import { z } from 'zod';
import { acceptsType, type ColumnType, typeHint, typeName } from './column-types.ts';
import type { ColumnKind } from './column-values.ts';

/** One result column of a dataset's statement. */
export interface Column<T> {
  readonly type: ColumnType;
  /** Whether the statement must have the column. */
  readonly required: boolean;
  readonly schema: z.ZodType<T, string | null>;
}

export type Columns = Readonly<Record<string, Column<unknown>>>;

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** A row as the program sees it: camel case, typed values, null for SQL NULL and for absent optional columns. */
export type RowOf<C extends Columns> = {
  readonly [K in keyof C & string as CamelCase<K>]: z.output<C[K]['schema']>;
};

/** What is wrong with one value of one row; holds no value but the organization's id. */
export interface RowProblem {
  readonly dataset: string;
  readonly organizationId: string | null;
  readonly column: string;
  readonly problem: string;
}

export type ParsedRow<Row> =
  | { readonly ok: true; readonly row: Row }
  | { readonly ok: false; readonly problems: readonly RowProblem[] };

/** What is wrong with the columns of a statement's result. */
export interface ColumnProblem {
  readonly column: string;
  readonly problem: string;
  readonly hint: string;
}

/** The contract of one dataset: its result columns and how a row is read. */
export interface DatasetContract<C extends Columns> {
  readonly name: string;
  readonly columns: C;
  /** Whether rows belong to organizations. */
  readonly keyed: boolean;
  /** @param values PostgreSQL's text form by column name; a column that is left out is null. */
  readonly parse: (values: Readonly<Record<string, string | null>>) => ParsedRow<RowOf<C>>;
}

/** A column every statement of the dataset has, with a value in every row. */
export function required<T>(kind: ColumnKind<T>): Column<T> {
  const present = z.string({ error: 'is null' });
  return { type: kind.type, required: true, schema: present.pipe(kind.schema) as z.ZodType<T, string | null> };
}

/** A column every statement of the dataset has, which may be null. */
export function requiredOrNull<T>(kind: ColumnKind<T>): Column<T | null> {
  return { type: kind.type, required: true, schema: kind.schema.nullable() };
}

/** A column that may be left out. */
export function optional<T>(kind: ColumnKind<T>): Column<T | null> {
  return { type: kind.type, required: false, schema: kind.schema.nullable() };
}

function camelCase(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function defineDataset<const C extends Columns>(name: string, columns: C): DatasetContract<C> {
  const entries = Object.entries(columns).map(([column, { schema }]) => ({ column, field: camelCase(column), schema }));
  return {
    name,
    columns,
    keyed: 'organization_id' in columns,
    parse(values) {
      const row: Record<string, unknown> = {};
      const problems: RowProblem[] = [];
      const organizationId = values['organization_id'] ?? null;
      for (const { column, field, schema } of entries) {
        const read = schema.safeParse(values[column] ?? null);
        if (read.success) row[field] = read.data;
        else
          problems.push({
            dataset: name,
            organizationId,
            column,
            problem: read.error.issues[0]?.message ?? 'is invalid',
          });
      }
      // The fields of `row` are those of C by construction, which the type system cannot follow through Object.entries.
      return problems.length > 0 ? { ok: false, problems } : { ok: true, row: row as RowOf<C> };
    },
  };
}

/** Compares the columns of a result with a contract; further columns are none of its business. */
export function checkColumns(
  contract: DatasetContract<Columns>,
  found: readonly { readonly name: string; readonly typeOid: number }[],
): readonly ColumnProblem[] {
  return Object.entries(contract.columns).flatMap(([column, { type, required: needed }]): ColumnProblem[] => {
    const [match, second] = found.filter(({ name }) => name === column);
    if (match === undefined) {
      const hint = `add it to the SELECT, under exactly this name`;
      return needed ? [{ column, problem: 'is missing', hint }] : [];
    }
    if (second !== undefined) return [{ column, problem: 'occurs twice', hint: 'name every column once' }];
    if (acceptsType(type, match.typeOid)) return [];
    return [{ column, problem: `has type ${typeName(match.typeOid)}`, hint: typeHint(type, match.typeOid) }];
  });
}
