import type { Moment } from '../model/facts.ts';
import { DAY, type Instant, toMillis } from '../model/instant.ts';
import type { KeyUse } from './keys.ts';

/** By when an organization that is provisioned in time has a key (INV-3). */
const PROVISIONED = DAY;

/**
 * Whether a copy that is older than every recorded use of a key is of a time at which its organization existed already and
 * had a key: another one then, of which no record is left, as where the keyring was moved to a key of another name.
 *
 * A copy of the install database shows by itself that the install was there, so where nothing tells since when, it may
 * have had a key for long.
 *
 * @param createdAt of the organization, or of the install where it is its key that is asked about; null where that is not known
 */
export function mayNeedAnotherKey(createdAt: Instant | null, uses: readonly KeyUse[], moment: Moment | null): boolean {
  if (moment === null) return false;
  if (createdAt === null) return uses.some(({ observation }) => observation.subject.kind === 'install');
  const provisioned = toMillis(createdAt) + PROVISIONED;
  const isLate = uses.every(({ since }) => since === null || toMillis(since) > provisioned);
  return isLate && toMillis(moment.notAfter) > provisioned;
}

/** Why what such a copy needs is not known, as a clause about it. */
export const MAY_NEED_ANOTHER =
  'is older than every record of the key, and from when its owner was there already, so it may need another key of which no record is left';

/**
 * Whether a copy may be from before the first use of a key that is on record, so that records alone do not tell what it needs.
 * Of the install's key, which has no records, every earlier version counts as perhaps needed anyway.
 */
export function mayPrecedeRecords(uses: readonly KeyUse[], moment: Moment | null): boolean {
  if (uses.some(({ observation }) => observation.subject.kind === 'install')) return false;
  const first = uses.flatMap(({ since }) => since ?? []).sort()[0];
  if (first === undefined) return false;
  return moment === null || moment.notBefore < first;
}

/** Why what such a copy needs is not known where records do not reach back to the first version, as a clause about it. */
export const MAY_PRECEDE_RECORDS =
  'may be older than every record of the key, and these do not reach back to its first version, so nothing tells whether it needs another one';
