import type { JudgeContext } from '../model/control.ts';
import { type LimitKind, limitKindOf } from '../model/limit-kinds.ts';
import { LIMIT_DEFAULTS, type Limit, type LimitName, type Policy } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import { keptForLast, newMap, ofKey } from './kept-by-key.ts';

/** The threshold of the install, whatever is judged by it: the policy's, else the default; with its origin. */
export function installLimit(name: LimitName, policy: Policy): Limit {
  const general = policy.limits[name];
  return general === undefined ? limit(name, LIMIT_DEFAULTS[name], 'default') : limit(name, general, 'policy');
}

/**
 * The threshold that applies to a subject: its organization's, else that of its kind, else the install's, else the
 * default; with its origin.
 */
export function resolveLimit(
  name: LimitName,
  policy: Policy,
  subject: Pick<Subject, 'kind' | 'organizationId'>,
  kind?: LimitKind,
): Limit {
  return limitsOf(policy, subject)(name, kind);
}

/** Like {@link resolveLimit}, for all thresholds of one subject: whether its organization has its own is looked up once. */
export function limitsOf(policy: Policy, subject: Pick<Subject, 'kind' | 'organizationId'>): JudgeContext['limit'] {
  const { organizationId } = subject;
  const known = knownLimits(policy);
  const ofSubject = limitKindOf(subject);
  const ofKind = (name: LimitName, kind: LimitKind | null = ofSubject) =>
    ofKey(known, `${kind ?? ''}/${name}`, () => kindLimit(name, policy, kind));
  const own = organizationId === null ? undefined : policy.organizationLimits[organizationId];
  if (own === undefined) return ofKind;
  return (name, kind) => {
    const value = own[name];
    return value === undefined ? ofKind(name, kind) : limit(name, value, `policy for organization ${organizationId}`);
  };
}

/** The thresholds of each kind, put into words once for all organizations. */
const knownLimits = keptForLast<Policy, Map<string, Limit>>(newMap);

function kindLimit(name: LimitName, policy: Policy, kind: LimitKind | null): Limit {
  if (kind === null) return installLimit(name, policy);
  // Of evidence there is no kind: its age is asked of the whole install.
  const value = name === 'evidenceMaxAgeHours' ? undefined : policy.kindLimits?.[kind]?.[name];
  return value === undefined ? installLimit(name, policy) : limit(name, value, `policy for ${kind}`);
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
