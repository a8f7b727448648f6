import type { BlindSpot } from '../../model/evidence.ts';

/** Why nothing is known of a file of the install host where the collector runs on another. */
export const ELSEWHERE: BlindSpot = {
  reason: 'not-asked',
  detail: 'the collector does not run on the install host, whose files it would have to look at',
  remedy:
    'Run the collector on the install host (install.collectorRunsHere: true), or have that host answer for itself: recoverage plan --only hosts, collect --plan there, scan --with.',
};
