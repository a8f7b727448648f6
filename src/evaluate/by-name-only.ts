import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';

/**
 * True where nothing but the database name inside, beside the declared location, says of a copy which database it is of:
 * a plain dump holds no object ids, and a database of the same name on another cluster gives the same.
 */
export function isKnownByNameOnly({ physical, nameAgrees, databaseOid }: Facts['copy']): boolean {
  return physical === undefined && nameAgrees === true && databaseOid === null;
}

/** A copy with the grade that its identity allows: reading it to its end verifies its bytes, not whose they are. */
export function gradedByIdentity(observation: Observation<'copy'>): Observation<'copy'> {
  if (observation.grade !== 'verified' || !isKnownByNameOnly(observation.value)) return observation;
  return { ...observation, grade: 'observed' };
}
