import type { Facts } from '../../model/facts.ts';

/** The last segment of a path or URI. */
export function fileName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** Whether a run's artifact URI ends in the artifact's path below its location, or in its file name where that is all it gives. */
export function refersTo(run: Pick<Facts['backup-run'], 'artifactUri'>, artifact: { readonly path: string }): boolean {
  if (run.artifactUri === null) return false;
  const uri = run.artifactUri.replace(/\/+$/, '');
  return uri === artifact.path || uri.endsWith(`/${artifact.path}`);
}

/**
 * What contradicts the checksum of a file that was read to its end: the newest successful run that names the file
 * recorded another one, and no run that names it recorded this one. Null where nothing does. A file name that is
 * written anew each night is named by many runs, of which the last one wrote what lies there.
 *
 * @param runs of the database
 * @param sha256 of the stored bytes, lower-case hexadecimal; null where it was not computed
 */
export function contradictedChecksum(
  runs: readonly Facts['backup-run'][],
  artifact: { readonly path: string },
  sha256: string | null,
): string | null {
  if (sha256 === null) return null;
  const naming = runs
    .filter((run) => run.status === 'succeeded' && refersTo(run, artifact))
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const recorded = sha256Of(naming[0]?.sha256 ?? null);
  if (recorded === null || naming.some((run) => sha256Of(run.sha256) === sha256)) return null;
  return `its SHA-256 is ${sha256}, and the run of ${naming[0]?.startedAt} recorded ${recorded}`;
}

/** A recorded SHA-256 as lower-case hexadecimal; null for what is in no notation of one. */
export function sha256Of(recorded: string | null): string | null {
  const text = recorded?.toLowerCase().replace(/^sha-?256:/, '') ?? '';
  return /^[0-9a-f]{64}$/.test(text) ? text : null;
}
