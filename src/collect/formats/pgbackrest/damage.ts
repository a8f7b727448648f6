import { SourceError } from '../../../model/source-error.ts';

const REMEDY =
  'Let pgbackrest verify look at this repository, restore the file from another copy of it, or take a new full backup.';

/** Thrown where bytes break the format's own rules, as told apart from bytes that could not be read. */
export class PgBackRestDamage extends SourceError {
  constructor(message: string, options?: ErrorOptions) {
    super('malformed', message, REMEDY, options);
    this.name = 'PgBackRestDamage';
  }
}
