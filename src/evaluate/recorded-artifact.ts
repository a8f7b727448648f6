import type { Facts } from '../model/facts.ts';
import { sha256Of } from '../model/recorded-checksum.ts';
import { bytesText } from '../model/text.ts';
import { ofKey } from './kept-by-key.ts';

/** A copy that can be what a run recorded, with the number of names at the end of the path that say so. */
interface Match<C extends Artifact> {
  readonly copy: C;
  readonly names: number;
}

/**
 * The copies that can be what a run recorded under a URI. Locations are named by the configuration and runs by the
 * product, so only the end of the path is compared, whole names at a time: one path must end with the other.
 */
function matchesOf<C extends Artifact>(
  artifactUri: string,
  copies: readonly C[],
  namesOf: (copy: C) => readonly string[],
): readonly Match<C>[] {
  const recorded = pathsIn(artifactUri).map(names);
  const lastNames = recorded.map((path) => path.at(-1));
  return copies.flatMap((copy) => {
    // Nearly all copies are of other runs: their last name tells that without taking the path apart.
    if (!lastNames.some((name) => name !== undefined && copy.path.includes(name))) return [];
    const found = namesOf(copy);
    const shared = Math.max(
      ...recorded.map((path) => (endsAlike(path, found) ? Math.min(path.length, found.length) : 0)),
    );
    return shared > 0 ? [{ copy, names: shared }] : [];
  });
}

/** The copies that can be what a run recorded, with what keeps each from being certainly that. */
export interface RecordedArtifact<C extends Artifact> {
  readonly copy: C;
  /** True where another run recorded another URI that fits the copy as well or better: one file is one artifact. */
  readonly rivalled: boolean;
}

/** For every URI that runs of one database recorded, the copies that can be what it names. */
export function artifactsOfAll<C extends Artifact>(
  artifactUris: readonly string[],
  copies: readonly C[],
): ReadonlyMap<string, readonly RecordedArtifact<C>[]> {
  // Every copy is compared with every run, so its path is taken apart once.
  const known = new Map<C, readonly string[]>();
  const namesOf = (copy: C): readonly string[] => ofKey(known, copy, () => names(copy.path));
  const matches = new Map([...new Set(artifactUris)].map((uri) => [uri, matchesOf(uri, copies, namesOf)]));
  const best = new Map<C, { readonly names: number; readonly uris: number }>();
  for (const { copy, names } of [...matches.values()].flat()) {
    const known = best.get(copy);
    if (known === undefined || names > known.names) best.set(copy, { names, uris: 1 });
    else if (names === known.names) best.set(copy, { names, uris: known.uris + 1 });
  }
  const rivalled = ({ copy, names }: Match<C>) => {
    const own = best.get(copy);
    return own !== undefined && (own.names > names || own.uris > 1);
  };
  return new Map(
    [...matches].map(([uri, found]) => [uri, found.map((one) => ({ copy: one.copy, rivalled: rivalled(one) }))]),
  );
}

type Artifact = Pick<Facts['copy'], 'path'>;

function endsAlike(a: readonly string[], b: readonly string[]): boolean {
  const shared = Math.min(a.length, b.length);
  return shared > 0 && a.slice(-shared).every((name, index) => name === b[b.length - shared + index]);
}

/** What differs between what a run recorded and the copy found; null where nothing that can be compared does. */
export function agreement(
  run: Pick<Facts['backup-run'], 'artifactBytes' | 'sha256'>,
  copy: Pick<Facts['copy'], 'bytes' | 'sha256'>,
): string | null {
  if (run.artifactBytes !== null && run.artifactBytes !== copy.bytes) {
    return `the file has ${bytesText(copy.bytes)} (${copy.bytes} bytes) instead of the recorded ${run.artifactBytes} bytes`;
  }
  const recorded = sha256Of(run.sha256);
  if (recorded !== null && copy.sha256 !== null && recorded !== copy.sha256) {
    return 'its SHA-256 is not the recorded one';
  }
  return null;
}

/** Whether the copy holds the very bytes that the run recorded. */
export function isProven(run: Pick<Facts['backup-run'], 'sha256'>, copy: Pick<Facts['copy'], 'sha256'>): boolean {
  return copy.sha256 !== null && sha256Of(run.sha256) === copy.sha256;
}

/** The path of a URI as it stands and with its percent-encoding undone; object keys are recorded either way. */
function pathsIn(uri: string): readonly string[] {
  const plain = uri.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  if (!plain.includes('%')) return [plain];
  try {
    return [plain, decodeURIComponent(plain)];
  } catch {
    return [plain];
  }
}

function names(path: string): readonly string[] {
  return path.split(/[/\\]/).filter((name) => name !== '' && name !== '.');
}
