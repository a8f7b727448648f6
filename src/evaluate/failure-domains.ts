import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { compareNames } from '../model/failure-domain.ts';
import type { Loss } from '../model/policy.ts';
import { remembered } from './remembered.ts';

type Domain = Pick<Facts['failure-domain'], 'host' | 'site' | 'account' | 'region'>;

/** What is known of where something stands: field by field, the statement wins over what was observed. */
export function mergedDomain(facts: readonly Facts['failure-domain'][]): Domain {
  const stated = facts.filter((fact) => fact.origin === 'stated');
  const ordered = [...stated, ...facts.filter((fact) => fact.origin === 'observed')];
  const field = (name: keyof Domain) => ordered.map((fact) => fact[name]).find((value) => value !== null) ?? null;
  return { host: field('host'), site: field('site'), account: field('account'), region: field('region') };
}

/**
 * Whether something outlives the loss. A loss is compared on its own level. Host: it is lost if it states that host;
 * it survives if it states another host, or no host but an account or region; else it is unknown, as a site alone
 * says nothing. Site, account, region: by that field alone. Names are compared without case.
 */
export function survives(facts: readonly Facts['failure-domain'][], loss: Loss): Truth {
  const domain = mergedDomain(facts);
  const own = domain[loss.level];
  if (own !== null) return differ(loss.level, own, loss.name);
  if (loss.level === 'host' && (domain.account !== null || domain.region !== null)) return 'holds';
  return 'unknown';
}

/** Whether two names of one level name different things. */
function differ(level: keyof Domain, one: string, other: string): Truth {
  return ({ same: 'fails', different: 'holds', unclear: 'unknown' } as const)[compareNames(level, one, other)];
}

/** Whether two things stand in different failure domains, compared on the most specific level that both state. */
export function apart(a: readonly Facts['failure-domain'][], b: readonly Facts['failure-domain'][]): Truth {
  const one = mergedDomain(a);
  const other = mergedDomain(b);
  for (const level of ['host', 'site', 'account', 'region'] as const) {
    const left = one[level];
    const right = other[level];
    if (left !== null && right !== null) {
      const different = differ(level, left, right);
      if (different !== 'fails') return different;
      if (level === 'host') return 'fails';
    }
  }
  // One on a named host and the other only in an account or region: a managed service is not that host.
  const managed = (domain: Domain) => domain.host === null && (domain.account !== null || domain.region !== null);
  if ((managed(one) && other.host !== null) || (managed(other) && one.host !== null)) return 'holds';
  if (managed(one) && managed(other) && one.account === other.account && one.region === other.region) return 'fails';
  return 'unknown';
}

/** Survival by the key of the subject that the domain facts are about. Subjects without any facts are unknown. */
export const survivalByKey: (domains: readonly Observation<'failure-domain'>[], loss: Loss) => (key: string) => Truth =
  remembered((domains, loss) => [domains, loss], survivalOfEach);

function survivalOfEach(domains: readonly Observation<'failure-domain'>[], loss: Loss): (key: string) => Truth {
  const byKey = new Map<string, Facts['failure-domain'][]>();
  for (const observation of domains) {
    const list = byKey.get(observation.subject.key) ?? [];
    list.push(observation.value);
    byKey.set(observation.subject.key, list);
  }
  const truths = new Map([...byKey].map(([key, facts]) => [key, survives(facts, loss)]));
  return (key) => {
    const truth = truths.get(key) ?? survives([], loss);
    const lostWith = byKey
      .get(key)
      ?.some(({ sameFilesAs }) => sameFilesAs != null && truths.get(sameFilesAs) === 'fails');
    // One of two statements about one file system is wrong, and nobody can tell which.
    return truth === 'holds' && lostWith === true ? 'unknown' : truth;
  };
}

/** The region of what domain facts are about, by its key; null where none is stated or observed. */
export const regionsByKey: (domains: readonly Observation<'failure-domain'>[]) => (key: string) => string | null =
  remembered((domains) => [domains], regionOfEach);

function regionOfEach(domains: readonly Observation<'failure-domain'>[]): (key: string) => string | null {
  const byKey = Map.groupBy(domains, ({ subject }) => subject.key);
  const regions = new Map(
    [...byKey].map(([key, facts]) => [key, mergedDomain(facts.map(({ value }) => value)).region]),
  );
  return (key) => regions.get(key) ?? null;
}
