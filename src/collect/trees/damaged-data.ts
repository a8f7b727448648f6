import { SourceError } from '../../model/source-error.ts';

/**
 * Data in a place are not what was once written there, so that what was asked for cannot be had from it. What is merely not
 * there (any more) is none: a backup or a pruning that goes on meanwhile takes files away.
 */
export class DamagedData extends SourceError {
  constructor(what: string, remedy: string) {
    super('malformed', what, remedy);
  }
}
