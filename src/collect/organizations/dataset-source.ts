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

/** How the databases of one install are read. */
export interface DatasetMapping {
  readonly name: string;
  /** Folder of the mapping file, which paths in it are relative to. */
  readonly directory: string;
  readonly install: Readonly<Record<InstallDatasetName, DatasetSource>>;
  readonly tenant: Readonly<Record<TenantDatasetName, StatementSource | AbsentSource>>;
  /** Wrapped samples in either kind of database, read only where unwrapping is to be proven. */
  readonly samples: Readonly<Record<'install' | 'tenant', StatementSource | AbsentSource>>;
}
