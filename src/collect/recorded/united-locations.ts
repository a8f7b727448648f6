import type { ArtifactFile } from '../trees/artifact-tree.ts';
import { unitedCopySamples } from './recorded-copy-samples.ts';
import type { RecordedLocation } from './recorded-location.ts';
import { isSameHost, laterFirst, standsAlone } from './two-looks.ts';

/**
 * One location as two bundles tell it. A look that failed overrules an earlier answer, as what was seen then may be gone
 * since; what the host that looked last no longer finds is gone; listings of two hosts are united, and of two answers about
 * one file the newer stands. It is as old as the older one of those whose answers are in it.
 *
 * @param reachedFrom host that alone is said to reach it
 */
export function unitedLocations(
  one: RecordedLocation,
  other: RecordedLocation,
  reachedFrom?: string,
): RecordedLocation {
  const failed = ({ failure }: RecordedLocation) => failure !== null;
  const alone = standsAlone(one, other, failed, reachedFrom);
  if (alone !== null) return alone;
  const [newer, older] = laterFirst(one, other, failed);
  if (newer.failure !== null || newer.locator !== older.locator) return newer;
  // Of a bundle that read nothing there is nothing to unite.
  if (older.failure !== null && older.files.length === 0) return newer;
  const isOneHost = isSameHost(newer.host, older.host);
  const own = new Map<string, ArtifactFile>(newer.files.map((file) => [file.path, file]));
  const before = new Map<string, ArtifactFile>(older.files.map((file) => [file.path, file]));
  const isChanged = (path: string): boolean => {
    const [now, then] = [own.get(path), before.get(path)];
    return now !== undefined && (now.bytes !== then?.bytes || now.modifiedAt !== then.modifiedAt);
  };
  const also = <T>(mine: readonly T[], others: readonly T[], nameOf: (item: T) => string): readonly T[] => {
    const known = new Set(mine.map(nameOf));
    return isOneHost ? mine : [...mine, ...others.filter((item) => !known.has(nameOf(item)))];
  };
  const couldNotRead = (path: string): boolean =>
    (['structure', 'full'] as const).some((depth) => {
      const outcome = newer.reading(path, depth)?.outcome;
      return outcome !== undefined && 'failure' in outcome;
    });
  return {
    ...newer,
    collectedAt: older.collectedAt,
    files: also(newer.files, older.files, ({ path }) => path),
    links: also(newer.links, older.links, ({ path }) => path),
    reading: (path, depth) =>
      // What was said of other contents under that path tells nothing of those that lie there now.
      newer.reading(path, depth) ?? (isChanged(path) || couldNotRead(path) ? null : older.reading(path, depth)),
    digests: (copy, path) => newer.digests(copy, path) ?? older.digests(copy, path),
    fileSet: newer.fileSet ?? older.fileSet,
    copySample: (root) => unitedCopySamples(newer.copySample(root), older.copySample(root)),
    ...unitedSnapshots(newer, older, isOneHost),
    physical: new Map([...older.physical, ...newer.physical]),
  };
}

function unitedSnapshots(
  newer: RecordedLocation,
  older: RecordedLocation,
  isOneHost: boolean,
): Pick<RecordedLocation, 'snapshots' | 'notSnapshots' | 'snapshotsBlindSpot'> {
  const { snapshots, notSnapshots, snapshotsBlindSpot } = newer;
  if (snapshotsBlindSpot?.reason === 'not-asked') {
    return {
      snapshots: older.snapshots,
      notSnapshots: older.notSnapshots,
      snapshotsBlindSpot: older.snapshotsBlindSpot,
    };
  }
  // Files that are not opened are an answer, too.
  const isAnswer = snapshotsBlindSpot === null || snapshotsBlindSpot.reason === 'unsupported';
  if (isOneHost || !isAnswer) return { snapshots, notSnapshots, snapshotsBlindSpot };
  const known = new Set(snapshots.map(({ fact }) => fact.path));
  const fromOlder = older.snapshots.filter(({ fact }) => !known.has(fact.path));
  return { snapshots: [...snapshots, ...fromOlder], notSnapshots, snapshotsBlindSpot };
}
