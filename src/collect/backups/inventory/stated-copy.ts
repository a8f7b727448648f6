import type { LocationConfig } from '../../../config/location-schema.ts';
import type { Instant } from '../../../model/instant.ts';

/** A copy that a person or another product says there is. Nobody looked at it. */
export interface StatedCopy {
  /** Row of the file as people count it: of CSV the header is row 1; of JSON the first entry is. */
  readonly row: number;
  /** Name of the database; null for a copy of a whole server. */
  readonly database: string | null;
  /** Configured name of the server; null where the row names only a database. */
  readonly server: string | null;
  /** Path of the source host whose files are copied; null for a copy of databases. */
  readonly path: string | null;
  readonly moment: { readonly notBefore: Instant; readonly notAfter: Instant };
  readonly method: string;
  readonly where: string;
  readonly complete: boolean | null;
  readonly owner: string;
  readonly recordedAt: Instant;
}

/** What the configuration says of the inventory file. */
export type InventorySettings = NonNullable<LocationConfig['inventory']>;

/** What is wrong with one row. */
export interface RowMistake {
  readonly row: number;
  readonly problem: string;
}

/** A row's values by field; null where a field is empty or missing. */
export type InventoryRow = Readonly<Record<string, unknown>>;
