import type { Instant } from '../../model/instant.ts';
import { systemClock } from '../ask.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { DumpLocation } from './dump-location.ts';

/** When a location was listed: in this run, or on the host that brought it in a bundle. */
export function listingTime({ tree }: Pick<DumpLocation, 'tree'>): Instant {
  return recordedIn(tree)?.listedAt ?? systemClock();
}
