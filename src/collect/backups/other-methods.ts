import { isDumpMethod, toolsNamed } from '../../model/backup-methods.ts';
import { type AnyEvidence, UNREAD_METHOD } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection } from '../estate.ts';
import { covers } from './plan-scope.ts';

interface PlannedDatabase {
  readonly subject: Subject;
  readonly plans: readonly Facts['backup-plan'][];
  /** Name of its server as configured; null where that is not known. */
  readonly server: string | null;
}

/**
 * One answer for each enabled plan that covers the database with a method whose copies are not read: what it left may
 * well bring the database back, so that nobody may say that there is no copy.
 */
export function unreadMethods(
  { asker, config }: Pick<Collection, 'asker'> & { readonly config: Pick<Collection['config'], 'plans' | 'locations'> },
  { subject, plans, server }: PlannedDatabase,
): readonly AnyEvidence[] {
  const isHere = ({ servers }: { readonly servers?: readonly string[] | undefined }) =>
    servers === undefined || server === null || servers.includes(server);
  const declared = config.plans.filter(isHere).map((plan) => ({ ...plan, planId: plan.id, enabled: true }));
  const methods = new Map<string, string>();
  for (const plan of [...plans, ...declared]) {
    const { planId, method, enabled } = plan;
    if (
      enabled &&
      covers(plan, { subject }) &&
      !isDumpMethod(method) &&
      !isRead(method, config.locations.filter(isHere))
    )
      methods.set(planId, method);
  }
  return [...methods].map(([planId, method]) =>
    asker.record(
      { kind: 'copy', subject, source: `backup plan ${planId}`, operation: UNREAD_METHOD, locator: `plan ${planId}` },
      {
        items: [],
        blindSpot: {
          reason: 'unsupported',
          detail: `plan ${planId} uses ${method}, and no location is configured whose copies are read as such`,
          remedy:
            'Name the place of these copies as a location with the purpose of its tool, where this version reads it; else take a pg_dump as well, or attest the restores that were made from them.',
        },
      },
    ),
  );
}

function isRead(method: string, locations: Collection['config']['locations']): boolean {
  const purposes = locations.flatMap((location) => location.purposes);
  return toolsNamed(method).some(({ purpose }) => purposes.some((one) => one === purpose));
}
