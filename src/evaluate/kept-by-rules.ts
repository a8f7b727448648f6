import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Limit } from '../model/policy.ts';
import { counted, instantText } from '../model/text.ts';
import { need } from './define-control.ts';
import { movesToArchive, ruleText } from './lifecycle.ts';
import { remembered } from './remembered.ts';

type Rule = Observation<'store-lifecycle'>;

/** What tells whether the service that holds copies deletes them by rules of its own. Facts bear the name of the location. */
export const RULES_OF_PLACES = {
  rules: need('store-lifecycle', 'all-locations', 'either'),
  ruleVersioning: need('store-versioning', 'all-locations', 'either'),
  places: need('location', 'all-locations', 'either', { context: true }),
} as const;

export interface RulesOfPlaces {
  readonly rules: readonly Rule[];
  readonly ruleVersioning: readonly Observation<'store-versioning'>[];
  readonly places: readonly Observation<'location'>[];
}

/** Whether rules leave a copy where it is for as long as it must be kept, and what else they do to it. */
export interface KeptByRules {
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Observation[];
  /** False of a place that certainly has no such rules. */
  readonly isRuled: boolean;
}

type Place = Facts['location'];

const placesByKey: (places: RulesOfPlaces['places']) => ReadonlyMap<string, Place> = remembered(
  (places) => [places],
  (places: RulesOfPlaces['places']) => new Map(places.map(({ subject, value }) => [subject.key, value])),
);

const rulesByPlace: (rules: readonly Rule[]) => ReadonlyMap<string, readonly Rule[]> = remembered(
  (rules) => [rules],
  (rules: readonly Rule[]) => Map.groupBy(rules, ({ subject }) => subject.key),
);

/**
 * What rules of its bucket do to one copy. A rule that deletes current objects leaves, in a bucket that ever kept versions,
 * an old version of each, which no listing shows: that one is certain to be gone only in a bucket that never did. Source:
 * Amazon S3 User Guide, "Lifecycle configuration elements", "Expiration".
 */
export function keptByRules(
  { location, path }: Pick<Facts['copy'], 'location' | 'path'>,
  facts: RulesOfPlaces,
  retention: Limit,
): KeptByRules {
  const place = placesByKey(facts.places).get(location);
  // Only buckets have such rules; a place of which nobody tells what it is may be one.
  if (place !== undefined && place.kind !== 's3') return { truth: 'holds', because: '', cites: [], isRuled: false };
  // Elsewhere than among dumps the path of a copy is none of an object: what it is made of lies under other names.
  const isKey = place?.purposes.every((purpose) => purpose === 'dumps') === true;
  const own = (rulesByPlace(facts.rules).get(location) ?? []).filter(
    ({ value }) => value.enabled && (!isKey || isOn(value, path)),
  );
  const early = own.filter(({ value }) => isEarly(value, retention));
  const certain = early.find(
    ({ value }) => isWhole(value) && (isKey ? path.startsWith(value.prefix) : value.prefix === ''),
  );
  const rule = certain ?? early[0];
  if (rule === undefined) {
    const moved = own.flatMap(({ value }) => movesToArchive(value)).map((text) => `in ${location} ${text}`);
    return { truth: 'holds', because: [...new Set(moved)].join('; '), cites: own, isRuled: true };
  }
  const what = `${ruleText(rule.value)} of ${location} deletes ${whatOf(rule.value)}, and ${retention.text} must be kept (${retention.origin})`;
  const open = { truth: 'unknown', cites: [rule], isRuled: true } as const;
  if (certain === undefined) return { ...open, because: `${what}; whether that is about this one is not known` };
  const versioning = facts.ruleVersioning.find(({ subject }) => subject.key === location);
  if (versioning?.value.state !== 'off') {
    return { ...open, because: `${what}: then it is at best among the old versions of the bucket` };
  }
  return { truth: 'fails', because: what, cites: [rule, versioning], isRuled: true };
}

/** Of a copy that is a directory a rule may be about some files alone. */
function isOn({ prefix }: Facts['store-lifecycle'], path: string): boolean {
  return path.startsWith(prefix) || prefix.startsWith(`${path}/`);
}

function isEarly({ expiresAfterDays, expiresOn }: Facts['store-lifecycle'], retention: Limit): boolean {
  return expiresOn !== null || (expiresAfterDays !== null && expiresAfterDays < retention.value);
}

/** Of every object below its prefix, and always so long after it was written. */
function isWhole({ byTag, largerThan, smallerThan, expiresOn }: Facts['store-lifecycle']): boolean {
  return !byTag && (largerThan ?? 0) === 0 && smallerThan === null && expiresOn === null;
}

function whatOf({ expiresAfterDays, expiresOn, prefix }: Facts['store-lifecycle']): string {
  const what = prefix === '' ? 'what lies there' : `what lies below ${prefix}`;
  if (expiresAfterDays !== null) return `${what} ${counted(expiresAfterDays, 'day')} after it was written`;
  return expiresOn === null ? what : `${what} on ${instantText(expiresOn).slice(0, 10)}`;
}
