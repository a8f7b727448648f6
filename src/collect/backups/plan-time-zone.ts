import { isDumpMethod } from '../../model/backup-methods.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import { covers } from './plan-scope.ts';

type Plan = Facts['backup-plan'];

/** A database and the plans known for it, whatever they cover. */
interface PlannedDatabase {
  readonly subject: Pick<Subject, 'organizationId'>;
  readonly plans: readonly Plan[];
}

/**
 * The zone in which a database's dumps were made, by its plans: that of the plan whose run recorded the dump, else the
 * one that all plans agree on which cover the database and dump it. Plans that are disabled now may have made it.
 *
 * @param planId of the run that recorded the dump; null where none did or it names no plan
 * @returns the zone as written, which need not exist; null where it is not known
 */
export function planTimeZone(database: PlannedDatabase, planId: string | null): string | null {
  const own = database.plans.find((plan) => planId !== null && plan.planId === planId && plan.timezone !== null);
  if (own !== undefined) return own.timezone;
  const dumping = database.plans.filter((plan) => covers(plan, database) && isDumpMethod(plan.method));
  const [zone, ...others] = new Set(dumping.flatMap(({ timezone }) => timezone ?? []));
  return zone === undefined || others.length > 0 ? null : zone;
}
