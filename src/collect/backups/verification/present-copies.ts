import type { LocationContents } from '../artifact-index.ts';
import type { PhysicalLocation } from '../physical/cluster-copies.ts';
import { listedIdentity, type RememberedGroup } from './remembered-identity.ts';
import type { PresentCopies } from './remembered-store.ts';

/** What lies in all locations now, but for those that were not listed completely. */
export function presentCopies(
  dumps: readonly LocationContents[],
  physical: readonly PhysicalLocation[],
): PresentCopies {
  const present = new Map<string, Map<RememberedGroup, ReadonlyMap<string, string>>>();
  const put = (location: string, group: RememberedGroup, identities: ReadonlyMap<string, string>): void => {
    const own = present.get(location);
    if (own === undefined) present.set(location, new Map([[group, identities]]));
    else own.set(group, identities);
  };
  for (const { location, blindSpot, dumpsByPath, closed } of dumps) {
    if (blindSpot !== null) continue;
    put(location.name, 'copy', new Map([...dumpsByPath].map(([path, dump]) => [path, listedIdentity(dump)])));
    put(location.name, 'sum', new Map(closed.all.map((file) => [file.path, listedIdentity(file)])));
  }
  for (const { name, purpose, contents } of physical) {
    if (contents.blindSpot !== null || contents.fullReadings === undefined) continue;
    const identities = new Map([...contents.fullReadings].map(([label, { identity }]) => [label, identity]));
    put(name, `cluster-copy ${purpose}`, identities);
  }
  return present;
}
