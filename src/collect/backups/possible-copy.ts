/**
 * What something looks like that nobody looked into and that nothing ties to a database: *packed* is encrypted or packed
 * and lies in the location itself, everything else in a snapshot of a repository.
 */
export const POSSIBLE_FORMS = [
  'standard-input',
  'dump',
  'base-backup',
  'archive',
  'data-directory',
  'repository',
  'packed',
] as const;
export type PossibleForm = (typeof POSSIBLE_FORMS)[number];

/** Something that may hold a copy of any database. */
export interface PossibleCopy {
  /** As the list of unmatched files has it. */
  readonly path: string;
  /** The snapshot it lies in, by its id or time, as no other name is safe to be told to everybody; null: in none. */
  readonly snapshot: string | null;
  readonly form: PossibleForm;
}
