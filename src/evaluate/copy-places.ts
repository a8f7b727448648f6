import type { JudgeContext, Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { toMillis } from '../model/instant.ts';
import { allOf } from './conclude.ts';
import { type CopyFacts, type JudgedCopy, judgeCopies } from './copies.ts';
import { apart, survivalByKey } from './failure-domains.ts';
import { momentWithin } from './moments.ts';

export type DomainFacts = readonly Observation<'failure-domain'>[];

/** A location with its best copy: one that counts, is recent enough and outlives the loss, as far as that is known. */
export interface CopyPlace {
  readonly location: string;
  readonly copy: JudgedCopy;
  readonly recent: Truth;
  readonly survives: Truth;
  readonly truth: Truth;
}

export type PlacePair = readonly [CopyPlace, CopyPlace];

const RANK: Readonly<Record<Truth, number>> = { holds: 2, unknown: 1, fails: 0 };

/** @param allowed how old a copy may be, in milliseconds */
export function copyPlaces(
  observed: CopyFacts & { readonly locationDomains: DomainFacts },
  context: JudgeContext,
  allowed: number,
): readonly CopyPlace[] {
  const survival = survivalByKey(observed.locationDomains, context.policy.loss);
  const now = toMillis(context.asOf);
  const best = new Map<string, CopyPlace>();
  for (const copy of judgeCopies(observed, context.asOf)) {
    const { location } = copy.observation.value;
    const recent = momentWithin(copy.observation, now, allowed);
    const survives = survival(location);
    const place = { location, copy, recent, survives, truth: allOf([copy.counts, recent, survives]) };
    const known = best.get(location);
    if (known === undefined || RANK[place.truth] > RANK[known.truth]) best.set(location, place);
  }
  return [...best.values()].sort((a, b) => a.location.localeCompare(b.location));
}

/** The two places that come nearest to two copies in domains of their own. */
export function bestPair(places: readonly CopyPlace[], domains: DomainFacts): readonly [PlacePair | null, Truth] {
  let found: PlacePair | null = null;
  let best: Truth = 'fails';
  for (const [index, first] of places.entries()) {
    for (const second of places.slice(index + 1)) {
      const truth = allOf([first.truth, second.truth, areApart(first, second, domains)]);
      if (RANK[truth] <= RANK[best]) continue;
      best = truth;
      found = [first, second];
    }
  }
  return [found, best];
}

function areApart(first: CopyPlace, second: CopyPlace, domains: DomainFacts): Truth {
  const [one, other] = [domainOf(first, domains), domainOf(second, domains)];
  if (isOnePlace(one, second) || isOnePlace(other, first)) return 'fails';
  return apart(one, other);
}

/** Whether files of a place were seen to be those of another: that is one copy under two names. */
function isOnePlace(domains: readonly Facts['failure-domain'][], { location }: CopyPlace): boolean {
  return domains.some(({ sameFilesAs }) => sameFilesAs === location);
}

export function domainOf({ location }: CopyPlace, domains: DomainFacts) {
  return domains.filter(({ subject }) => subject.key === location).map(({ value }) => value);
}
