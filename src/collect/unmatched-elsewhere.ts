import type { Facts } from '../model/facts.ts';
import { unmatchedPhysical } from './cluster-copy-evidence.ts';
import type { Estate } from './estate.ts';

type Unmatched = readonly Facts['unmatched-artifact'][];

/**
 * What lies in a location and is nothing that its purposes besides dumps know: one list for each. Where one location
 * serves several purposes, a file is unmatched only if none of them knows it.
 */
export function unmatchedElsewhere(
  { providers, fileCopies, physical }: Pick<Estate, 'providers' | 'fileCopies' | 'physical'>,
  location: string,
): readonly Unmatched[] {
  const snapshots = [...providers.values()]
    .flatMap((provider) => provider.snapshots)
    .filter((one) => one.location.subject.key === location);
  const files = fileCopies.find((one) => one.location.subject.key === location);
  const strays = (files?.copies?.strays ?? []).map(({ path, bytes, modifiedAt }) => ({
    path,
    bytes,
    modifiedAt,
    what: 'file outside every dated copy',
    foundName: null,
  }));
  return [
    ...snapshots.map((one) => one.found.unmatched),
    ...(files === undefined ? [] : [strays]),
    ...physical.filter(({ location: { name } }) => name === location).map(unmatchedPhysical),
  ];
}
