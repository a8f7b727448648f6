import { isDumpMethod, toolsNamed } from '../model/backup-methods.ts';
import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { isSince } from './expected-runs.ts';
import { physicalIdentity } from './physical-identity.ts';

/**
 * Runs that no record tells of, shown by the copies they left: a dump in its place, or a backup in the catalogue of the
 * tool that made it.
 */

type Copy = Observation<'copy'>;
type State = Facts['database-state'] | undefined;

/**
 * The copies that runs of a plan may have left: those of the tool that the plan names, or of any where it names none.
 * WAL that was archived after a base copy shows no run: archiving goes on while backups fail.
 */
export function copiesOfPlan({ method }: Facts['backup-plan'], copies: readonly Copy[]): readonly Copy[] {
  const tools = toolsNamed(method);
  const isDump = isDumpMethod(method);
  return copies.filter(({ value }) => {
    if (value.physical?.kind === 'continuous' && value.physical.builtOn.length > 0) return false;
    if (tools.length === 0 && !isDump) return true;
    return (isDump && value.physical === undefined) || tools.some(({ leaves }) => leaves.includes(value.method));
  });
}

/** A copy that was certainly made for what was due at `at`: whole, of this database, and from after that. */
export function proofOfRun(copies: readonly Copy[], state: State, at: Instant): Copy | undefined {
  return copies.find(
    ({ value }) =>
      value.integrity === 'complete' &&
      value.moment !== null &&
      isSince(value.moment.notBefore, at) &&
      belongs(value, state) === 'holds',
  );
}

/** A copy that may have been made for what was due at `at`. */
export function possibleProofOfRun(copies: readonly Copy[], state: State, at: Instant): Copy | undefined {
  return copies.find((copy) => mayBeSince(copy, at) && belongs(copy.value, state) !== 'fails');
}

/** True where what the live server tells could change which copy shows the run. */
export function restsOnState(copies: readonly Copy[], at: Instant): boolean {
  return copies.some((copy) => copy.value.physical !== undefined && mayBeSince(copy, at));
}

/**
 * The longest that a backup of these took, in milliseconds; 0 where none tells. Catalogues show a run when it is done,
 * so for that long nothing is to be seen of one that is going on.
 */
export function longestBackup(copies: readonly Copy[]): number {
  const durations = copies.flatMap(({ value: { physical, moment } }) =>
    physical?.startedAt == null || moment === null ? [] : [toMillis(moment.notBefore) - toMillis(physical.startedAt)],
  );
  return Math.max(0, ...durations);
}

function mayBeSince({ value: { moment } }: Copy, at: Instant): boolean {
  return moment === null || isSince(moment.notAfter, at);
}

function belongs(copy: Facts['copy'], state: State): Truth {
  if (copy.physical !== undefined) return physicalIdentity(copy, copy.physical, state)[0];
  if (copy.nameAgrees === null) return 'unknown';
  return copy.nameAgrees ? 'holds' : 'fails';
}
