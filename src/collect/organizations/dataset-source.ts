import type { InstallDatasetName, TenantDatasetName } from './dataset-contracts.ts';

/** Where the rows of one dataset come from. */
export type DatasetSource = StatementSource | AbsentSource | FileSource;

export interface StatementSource {
  readonly kind: 'sql';
  /** One SELECT whose result columns are those of the dataset's contract. */
  readonly sql: string;
  /** The tables it reads, as `schema.table` or `schema.table (column, column)`: what has to be granted. Empty when the mapping does not say. */
  readonly tables: readonly string[];
}

/** The install does not have the dataset; whatever needs it is unknown. */
export interface AbsentSource {
  readonly kind: 'absent';
}

/** An export with the contract's column names: CSV with a header line (RFC 4180), or a JSON array of objects. */
export interface FileSource {
  readonly kind: 'file';
  /** As written in the mapping; relative to {@link DatasetMapping.directory}. */
  readonly path: string;
  readonly format: 'csv' | 'json';
}

/** Which table of a tenant database holds the rows of a dataset, for reading them out of a copy, where no SQL runs. */
export interface TableInCopies {
  /** Null: the organization's schema_name. */
  readonly schema: string | null;
  readonly table: string;
  /** Columns of the dataset's contract, each with the column of the table that holds its values. */
  readonly columns: Readonly<Record<string, string>>;
}

/** How the databases of one install are read. */
export interface DatasetMapping {
  readonly name: string;
  /** Folder of the mapping file, which paths in it are relative to. */
  readonly directory: string;
  readonly install: Readonly<Record<InstallDatasetName, DatasetSource>>;
  readonly tenant: Readonly<Record<TenantDatasetName, StatementSource | AbsentSource>>;
  /** Wrapped samples in either kind of database, read only where unwrapping is to be proven. */
  readonly samples: Readonly<Record<'install' | 'tenant', StatementSource | AbsentSource>>;
  /** Of tenant databases, read out of copies only where that is asked for; absent where the mapping does not say. */
  readonly keyVersionsInCopies?: TableInCopies;
}
