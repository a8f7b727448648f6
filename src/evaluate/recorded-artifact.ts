import type { Facts } from '../model/facts.ts';
import { bytesText } from '../model/text.ts';
import { remembered } from './remembered.ts';

/**
 * The copies that can be what a run recorded under a URI. Locations are named by the configuration and runs by the
 * product, so only the end of the path is compared, whole names at a time: one path must end with the other.
 */
export function artifactsOf<C extends Artifact>(artifactUri: string, copies: readonly C[]): readonly C[] {
  const recorded = pathsIn(artifactUri).map(names);
  const lastNames = recorded.map((path) => path.at(-1));
  return copies.filter((copy) => {
    // Nearly all copies are of other runs: their last name tells that without taking the path apart.
    if (!lastNames.some((name) => name !== undefined && copy.path.includes(name))) return false;
    const found = namesOf(copy);
    return recorded.some((path) => endsAlike(path, found));
  });
}

type Artifact = Pick<Facts['copy'], 'path'>;

/** Every copy is compared with every run. */
const namesOf = remembered(
  (copy: Artifact) => [copy],
  (copy: Artifact) => names(copy.path),
);

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
  if (run.sha256 !== null && copy.sha256 !== null && digest(run.sha256) !== digest(copy.sha256)) {
    return 'its SHA-256 is not the recorded one';
  }
  return null;
}

/** The path of a URI as it stands and with its percent-encoding undone; object keys are recorded either way. */
function pathsIn(uri: string): readonly string[] {
  const plain = uri.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  try {
    return [plain, decodeURIComponent(plain)];
  } catch {
    return [plain];
  }
}

function names(path: string): readonly string[] {
  return path.split(/[/\\]/).filter((name) => name !== '' && name !== '.');
}

function digest(text: string): string {
  return text.toLowerCase().replace(/^sha-?256:/, '');
}
