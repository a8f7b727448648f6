import { copiesOfClusters } from '../../src/evaluate/copies-of-clusters.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { copyOfAge } from './database-case.ts';
import { CLUSTER, evidence, TENANT_DATABASE } from './fixture.ts';

const IDENTIFIER = '7300000000000000001';

/** The server of the tenant database, and since when that database is on it. */
export const ON_CLUSTER: readonly Partial<Facts['database-state']>[] = [
  {
    createdAt: '2025-02-01T09:05:00.000Z',
    server: { host: 'db1', systemIdentifier: IDENTIFIER, timeline: 1, formerIdentifiers: [] },
  },
];

/** Copies of the whole cluster, in another place than the dumps, as they reach the tenant database that is on it. */
export function clusterCopiesOfAge(hours: readonly number[], location = 'repository'): readonly AnyEvidence[] {
  const copies = hours.map((age) =>
    copyOfAge(age, {
      location,
      path: `backup/main/${age}`,
      method: 'pgbackrest',
      nameAgrees: null,
      foundName: null,
      physical: {
        kind: 'full',
        label: `${age}`,
        builtOn: [],
        systemIdentifier: IDENTIFIER,
        timeline: 1,
        endpoints: [],
        declaredServer: false,
        sameIdentifierClusters: 1,
        databaseOids: [16_400],
        lockedUntil: null,
      },
    }),
  );
  const part = { subjects: [{ subject: TENANT_DATABASE, cluster: CLUSTER.key }] };
  const install = { evidence: [evidence('copy', CLUSTER, copies)] };
  return copiesOfClusters(part as unknown as Parameters<typeof copiesOfClusters>[0], install);
}
