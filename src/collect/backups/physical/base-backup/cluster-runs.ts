import type { BackupAccess } from './backup-reading.ts';
import { type Archived, type LongHeader, longHeader } from './directory-segments.ts';

/** Cuts the segments of a timeline where one cluster's end and another's begin. */
export async function clustersOf(
  segments: readonly Archived[],
  access: BackupAccess,
): Promise<readonly { readonly cluster: LongHeader; readonly run: readonly Archived[] }[]> {
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) return [];
  const cluster = await longHeader(first, access);
  const other = first === last ? cluster : await longHeader(last, access);
  if (cluster?.systemIdentifier === other?.systemIdentifier || cluster === null || other === null) {
    return [{ cluster: cluster ?? other, run: segments }];
  }
  let [low, high] = [0, segments.length - 1];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    const one = segments[middle];
    const header = one === undefined ? null : await longHeader(one, access);
    if (header?.systemIdentifier === cluster.systemIdentifier) low = middle;
    else high = middle;
  }
  return [{ cluster, run: segments.slice(0, high) }, ...(await clustersOf(segments.slice(high), access))];
}
