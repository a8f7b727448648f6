import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import { serversOf } from './backups/physical/cluster-copies.ts';
import type { Collection, Estate } from './estate.ts';

/**
 * Plans that a service keeps itself for the servers of one owner's databases. They cover whole clusters, and are told
 * of each owner for its own databases only: a plan of one server promises nothing for the databases of another.
 *
 * @param owner the install, or an organization
 * @param servers names of the servers its databases are on
 */
export function clusterPlanEvidence(
  { asker }: Pick<Collection, 'asker'>,
  { physical, known }: Pick<Estate, 'physical' | 'known'>,
  owner: Subject,
  servers: ReadonlySet<string>,
  covers: Facts['backup-plan']['covers'],
): readonly AnyEvidence[] {
  return physical.flatMap(({ location }) => {
    const { name, purpose, locator, contents } = location;
    const mayHold = [...servers].some((server) => location.servers === null || location.servers.includes(server));
    if (purpose !== 'managed-backups' || !mayHold) return [];
    const own = contents.plans.filter(({ cluster }) =>
      serversOf(cluster, location.servers, known).some((server) => servers.has(server)),
    );
    return [
      asker.record(
        {
          kind: 'backup-plan',
          subject: owner,
          source: `location ${name}`,
          operation: 'plans of its services',
          locator,
        },
        { items: own.map(({ plan }) => ({ ...plan, covers })), blindSpot: contents.blindSpot },
      ),
    ];
  });
}
