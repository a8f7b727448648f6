import type { Config } from '../config/schema.ts';
import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';
import { covers } from './backups/plan-scope.ts';
import type { Collection } from './estate.ts';

type Plan = Facts['backup-plan'];
type Stated = { readonly config: Pick<Config, 'plans'> };

/** Plans that the configuration states for every server. */
export function plansOfEveryServer({ config }: Stated): readonly Plan[] {
  return config.plans.filter(({ servers }) => servers === undefined).map(planOf);
}

/** Plans that it states for some servers, as far as they cover what one owner has on them. @param owner the install, or an organization */
export function plansOfServers({ config }: Stated, owner: Subject, servers: ReadonlySet<string>): readonly Plan[] {
  const kind = owner.organizationId === null ? 'install-database' : 'tenant-database';
  return config.plans
    .filter((plan) => plan.servers?.some((server) => servers.has(server)) === true)
    .filter((plan) => covers(plan, { subject: owner }))
    .map((plan) => ({ ...planOf(plan), covers: kind }));
}

/** What was declared of plans, told of an owner. */
export function declaredPlanEvidence(
  { asker }: Pick<Collection, 'asker'>,
  owner: Subject,
  items: readonly Plan[],
): AnyEvidence {
  return asker.record(
    {
      kind: 'backup-plan',
      subject: owner,
      source: 'configuration',
      operation: 'plans',
      locator: 'configuration file',
      grade: 'declared',
    },
    { items },
  );
}

function planOf(plan: Config['plans'][number]): Plan {
  return {
    planId: plan.id,
    covers: plan.covers,
    method: plan.method,
    enabled: true,
    schedule: plan.schedule ?? null,
    timezone: plan.timeZone ?? null,
    retentionDays: plan.retentionDays ?? null,
    targetUri: null,
    createdAt: null,
  };
}
