import type { Facts } from '../../model/facts.ts';
import { sha256Of } from '../../model/recorded-checksum.ts';

type Run = Facts['backup-run'];

/** Which artifacts of one location the runs of one database recorded, by their paths. */
export interface RecordedArtifacts {
  /** Named by runs of one URI, with these runs. */
  readonly certain: ReadonlyMap<string, readonly Run[]>;
  /** Named by runs of several URIs, of which at most one can mean it: no run record is of it for certain. */
  readonly doubtful: ReadonlySet<string>;
}

/**
 * Finds the artifacts of one location that runs recorded. Runs and the audit may see the same storage in different
 * places, so that only the end of a URI is compared, whole names at a time. Of several artifacts whose paths end one
 * URI the longest path is meant. Where the URI lies below the root of a location it tells the whole path there, and a
 * copy elsewhere counts as the recorded one only under the same path.
 *
 * @param runs of one database
 * @param root locator of the location
 * @param roots locators of all locations
 * @param has whether an artifact with that path lies in the location
 */
export function recordedArtifacts(
  runs: readonly Run[],
  root: string,
  roots: readonly string[],
  has: (path: string) => boolean,
): RecordedArtifacts {
  const naming = new Map<string, Run[]>();
  for (const run of runs) {
    const path = recordedPath(run.artifactUri, root, roots, has);
    if (path === null) continue;
    const known = naming.get(path);
    if (known === undefined) naming.set(path, [run]);
    else known.push(run);
  }
  const isCertain = ([, named]: readonly [string, readonly Run[]]) =>
    new Set(named.map(({ artifactUri }) => artifactUri?.replace(/\/+$/, ''))).size === 1;
  const all = [...naming];
  return {
    certain: new Map(all.filter(isCertain)),
    doubtful: new Set(all.filter((one) => !isCertain(one)).map(([path]) => path)),
  };
}

function recordedPath(
  artifactUri: string | null,
  root: string,
  roots: readonly string[],
  has: (path: string) => boolean,
): string | null {
  if (artifactUri === null) return null;
  for (const uri of spellings(artifactUri)) {
    const own = below(uri, root);
    if (own !== null) {
      if (has(own)) return own;
      continue;
    }
    const elsewhere = roots.flatMap((other) => below(uri, other) ?? []);
    const shortest = elsewhere.length === 0 ? 1 : Math.min(...elsewhere.map((path) => path.length));
    for (let path: string | null = uri; path !== null && path.length >= shortest; path = withoutFirstName(path)) {
      if (has(path)) return path;
    }
  }
  return null;
}

/** A URI without its scheme, as it stands and with its percent-encoding undone; object keys are recorded either way. */
function spellings(uri: string): readonly string[] {
  const plain = withoutScheme(uri);
  try {
    return [...new Set([plain, decodeURIComponent(plain)])];
  } catch {
    return [plain];
  }
}

function withoutScheme(uri: string): string {
  return uri.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/\/+$/, '');
}

function withoutFirstName(path: string): string | null {
  const slash = path.indexOf('/');
  return slash < 0 ? null : path.slice(slash + 1);
}

/** The path of a URI below a root; null where it does not lie there. */
function below(uri: string, root: string): string | null {
  const start = withoutScheme(root);
  if (uri === start) return '.';
  return uri.startsWith(`${start}/`) ? uri.slice(start.length + 1) : null;
}

/**
 * What contradicts the checksum of a file that was read to its end: the newest successful run that names the file
 * recorded another one, and no run that names it recorded this one. Null where nothing does. A file name that is
 * written anew each night is named by many runs, of which the last one wrote what lies there.
 *
 * @param naming the runs that recorded the file
 * @param sha256 of the stored bytes, lower-case hexadecimal; null where it was not computed
 */
export function contradictedChecksum(naming: readonly Run[], sha256: string | null): string | null {
  if (sha256 === null) return null;
  const succeeded = naming
    .filter((run) => run.status === 'succeeded')
    .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const recorded = sha256Of(succeeded[0]?.sha256 ?? null);
  if (recorded === null || succeeded.some((run) => sha256Of(run.sha256) === sha256)) return null;
  return `its SHA-256 is ${sha256}, and the run of ${succeeded[0]?.startedAt} recorded ${recorded}`;
}
