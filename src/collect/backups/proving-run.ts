import type { Facts } from '../../model/facts.ts';
import { MINUTE, toMillis } from '../../model/instant.ts';
import { sha256Of } from '../../model/recorded-checksum.ts';

/** Tolerance of clocks, as the catalogue of controls sets it. */
export const CLOCKS = 5 * MINUTE;

/**
 * The run that recorded these very bytes: the earliest, for a failed job that leaves the old file in place records its
 * bytes anew, later than they were made.
 */
export function provingRun(
  database: { readonly runs: readonly Facts['backup-run'][] },
  sha256: string | null,
  modifiedAt: string,
): Facts['backup-run'] | null {
  const same = database.runs
    .filter((run) => run.status === 'succeeded' && sha256 !== null && sha256Of(run.sha256) === sha256)
    .filter((run) => toMillis(run.startedAt) <= toMillis(modifiedAt) + CLOCKS)
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  return same[0] ?? null;
}
