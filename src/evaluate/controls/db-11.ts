import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import { DAY, HOUR } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { agedText, counted } from '../../model/text.ts';
import { copyText } from '../copies.ts';
import { bestPair, type CopyPlace, copyPlaces, type DomainFacts, domainOf, type PlacePair } from '../copy-places.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { durationText } from '../expected-runs.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { longestPeriod } from '../periods.ts';
import { coveringPlans, PLAN_NEED_NAMES, planNeeds, replicationAside } from '../plan-needs.ts';
import { countsBecause, LIVE_NEEDS, restsOnLiveDatabase } from '../possible-copies.ts';

const NEEDS = {
  ...COPY_NEEDS,
  ...planNeeds('either'),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;

/**
 * DB-11: two copies that count lie outside the lost failure domain, each in a domain of its own, and neither is older
 * than the recovery point objective plus one period. A replica is no copy: it repeats a mistake at once.
 */
export const db11 = defineControl({
  id: 'DB-11',
  title: 'A second copy of the database lies in another failure domain',
  failureTitle: 'No second copy of the database lies in another failure domain',
  severity: 'high',
  bears: 'protection',
  subject: 'database',
  rationale:
    'While there is only one place with a copy, its disk, its administrator or its ransomware decides whether the database comes back. A replica carries every deletion along and is no copy.',
  remediation:
    'Copy each dump to a second place that shares neither host nor account with the first, and name both in the configuration with their failure domains: locations, failureDomain.',
  limits: ['databaseRpoHours'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'a second copy counts elsewhere',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const objective = context.limit('databaseRpoHours');
        const places = copyPlaces(observed, context, objective.value * HOUR);
        const [fresh, freshTruth] = bestPair(places, observed.locationDomains);
        if (freshTruth === 'holds' && fresh !== null) {
          return regardless(settled(twoCopies(fresh, objective), fresh), ...PLAN_NEED_NAMES);
        }
        const limit = withPeriod(objective, observed, context);
        const allowed = copyPlaces(observed, context, limit.value * HOUR);
        const [pair, truth] = bestPair(allowed, observed.locationDomains);
        if (truth === 'holds' && pair !== null) return settled(twoCopies(pair, limit), pair);
        if (truth === 'unknown' && pair !== null) return doubtful(pair, observed.locationDomains, limit);
        return onlyOne(allowed, context, limit, observed);
      },
    }),
  ],
});

/** One period of the plan: the longest of those that cover the database, as any may fill the second place. */
function withPeriod(objective: Limit, observed: Observed<typeof NEEDS>, context: JudgeContext): Limit {
  const periods = coveringPlans(observed, context.subject)
    .filter(({ value }) => value.enabled)
    .map(({ value }) => longestPeriod(value, context.asOf))
    .filter((period) => period !== null);
  const period = periods.length === 0 ? DAY : Math.max(...periods);
  const text = `${objective.text} and one period of ${durationText(period)}`;
  return { value: objective.value + period / HOUR, text, origin: objective.origin };
}

function twoCopies(pair: PlacePair, limit: Limit): Judgement {
  const text = `${pair.map(({ copy }) => copyText(copy.observation)).join(' and ')} lie in failure domains of their own, outside the lost one`;
  return judged(
    'holds',
    text,
    pair.map(({ copy }) => copy.observation),
    limit,
  );
}

function settled(judgement: Judgement, pair: PlacePair): Judgement {
  const isLive = pair.some(({ copy }) => restsOnLiveDatabase(copy.observation));
  return isLive ? judgement : regardless(judgement, ...LIVE_NEEDS);
}

function doubtful(pair: PlacePair, domains: DomainFacts, limit: Limit): Judgement {
  const cites = pair.map(({ copy }) => copy.observation);
  const open = pair.find(({ truth }) => truth === 'unknown');
  if (open === undefined) {
    const unstated = pair.filter((place) => domainOf(place, domains).length === 0).map(({ location }) => location);
    const names = unstated.length === 0 ? pair.map(({ location }) => location) : unstated;
    const text = `it is not known whether ${pair[0].location} and ${pair[1].location} share a failure domain: state failureDomain of ${names.join(' and ')} in the configuration`;
    return judged('unknown', text, cites, limit);
  }
  const name = copyText(open.copy.observation);
  const why =
    open.survives === 'unknown'
      ? `it is not known whether it outlives the loss: state the failure domain of location ${open.location} in the configuration`
      : open.copy.counts === 'unknown'
        ? countsBecause(open.copy)
        : `it is not known whether it is more recent than ${limit.text}`;
  return judged('unknown', `${name} may be a second copy, but ${why}`, cites, limit);
}

function onlyOne(
  places: readonly CopyPlace[],
  context: JudgeContext,
  limit: Limit,
  observed: Observed<typeof NEEDS>,
): Judgement {
  const good = places.filter(({ truth }) => truth === 'holds');
  const [first, second] = good;
  const cites = places.map(({ copy }) => copy.observation);
  const aside = replicationAside(coveringPlans(observed, context.subject));
  if (first !== undefined && second !== undefined) {
    const shared = good.map(({ location }) => location).join(' and ');
    return judged('fails', `copies lie in ${shared}, which share a failure domain${aside}`, cites, limit);
  }
  if (places.length === 0) {
    return regardless(judged('fails', `no copy of it was found${aside}`, [], limit), ...LIVE_NEEDS, ...PLAN_NEED_NAMES);
  }
  const others = places
    .filter((place) => place !== first)
    .map((place) => obstacleOf(place, context, limit))
    .join('; ');
  const text =
    first === undefined
      ? `none of ${counted(places.length, 'place')} has a copy that counts here: ${others}`
      : `only ${copyText(first.copy.observation)} counts${others === '' ? ', and no other place has a copy' : `: ${others}`}`;
  return judged('fails', text + aside, cites, limit);
}

function obstacleOf({ copy, location, survives, recent }: CopyPlace, context: JudgeContext, limit: Limit): string {
  const name = copyText(copy.observation);
  if (copy.counts !== 'holds')
    return `${name} ${copy.counts === 'fails' ? 'does' : 'may'} not count: ${countsBecause(copy)}`;
  if (survives === 'fails') return `${name} lies in the failure domain that is lost`;
  const { moment } = copy.observation.value;
  if (recent === 'fails' && moment !== null) {
    return `${name} is from ${agedText(moment.notBefore, context.asOf)}; the limit is ${limit.text}`;
  }
  return `the failure domain of ${location} is not known`;
}
