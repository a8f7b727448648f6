import type { Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';

/**
 * What alone says of a copy which database it is of, beside the declared location, where that is little. The name inside:
 * a plain dump holds no object id of its database, and a database of the same name on another cluster gives the same. The
 * record of a run with the checksum of these bytes: nothing inside names a database, and whoever dumped another one by
 * mistake recorded its bytes just so. Null where more is known, or nothing.
 */
export function knownOnlyBy({ physical, nameAgrees, foundName, databaseOid }: Facts['copy']): 'name' | 'record' | null {
  if (physical !== undefined || nameAgrees !== true || databaseOid !== null) return null;
  return foundName === null ? 'record' : 'name';
}

/** How a copy is known to be of its database, behind a sentence that says so; empty where more than one thing tells. */
export function knownOnlyByText(copy: Facts['copy']): string {
  const by = knownOnlyBy(copy);
  if (by === null) return '';
  return by === 'name' ? ' by its name only' : ' by the record of a run and its checksum only';
}

/** A copy with the grade that its identity allows: reading it to its end verifies its bytes, not whose they are. */
export function gradedByIdentity(observation: Observation<'copy'>): Observation<'copy'> {
  if (observation.grade !== 'verified' || knownOnlyBy(observation.value) === null) return observation;
  return { ...observation, grade: 'observed' };
}
