import { LIMIT_DEFAULTS, type Limit, type LimitName, type Policy } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import { keptForLast, newMap, ofKey } from './kept-by-key.ts';

/** The threshold that applies to a subject: its organization's, else the install's, else the default; with its origin. */
export function resolveLimit(name: LimitName, policy: Policy, subject: Pick<Subject, 'organizationId'>): Limit {
  return limitsOf(policy, subject)(name);
}

/** Like {@link resolveLimit}, for all thresholds of one subject: whether its organization has its own is looked up once. */
export function limitsOf(
  policy: Policy,
  { organizationId }: Pick<Subject, 'organizationId'>,
): (name: LimitName) => Limit {
  const general = generalLimits(policy);
  const ofAll = (name: LimitName) => ofKey(general, name, () => generalLimit(name, policy));
  const own = organizationId === null ? undefined : policy.organizationLimits[organizationId];
  if (own === undefined) return ofAll;
  return (name) => {
    const value = own[name];
    return value === undefined ? ofAll(name) : limit(name, value, `policy for organization ${organizationId}`);
  };
}

/** The install's thresholds, put into words once for all organizations. */
const generalLimits = keptForLast<Policy, Map<LimitName, Limit>>(newMap);

function generalLimit(name: LimitName, policy: Policy): Limit {
  const general = policy.limits[name];
  return general === undefined ? limit(name, LIMIT_DEFAULTS[name], 'default') : limit(name, general, 'policy');
}

function limit(name: LimitName, value: number, origin: string): Limit {
  return { value, text: text(name, value), origin };
}

function text(name: LimitName, value: number): string {
  if (name.endsWith('Hours')) return `${value} h`;
  if (name.endsWith('Minutes')) return `${value} min`;
  if (name.endsWith('Days')) return `${value} days`;
  if (name.endsWith('Moments')) return `${value} moments`;
  return `${Math.round(value * 100)} %`;
}
