import type { BlindSpot } from '../../model/evidence.ts';
import type { JoinedHosts } from '../recorded/joined-hosts.ts';

/** Why nothing is known of a file of the install host where the collector runs on another. */
export const ELSEWHERE: BlindSpot = {
  reason: 'not-asked',
  detail: 'the collector does not run on the install host, whose files it would have to look at',
  remedy:
    'Run the collector on the install host (install.collectorRunsHere: true), or have that host answer for itself: recoverage plan --only hosts, collect --plan there, scan --with.',
};

/** The same of one path, where bundles of hosts were given that do not tell of it. */
export function notTold({ bundles }: Pick<JoinedHosts, 'bundles'>, path: string): BlindSpot {
  if (bundles.length === 0) return ELSEWHERE;
  return {
    reason: 'not-asked',
    detail: `no bundle that was given tells of ${path}: their plans did not ask for it, or asked for another path before the configuration was changed`,
    remedy:
      'Write a new plan and have the install host answer it: recoverage plan --only hosts, collect --plan there, scan --with.',
  };
}
