import type { Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { counted, instantText } from '../model/text.ts';

type Rule = Facts['store-lifecycle'];

/** What a rule does to live files of a store. */
export interface LiveEffect {
  /** Holds where it deletes none of them, fails where it deletes some that are in use. */
  readonly truth: Truth;
  readonly because: string;
  /** Whether how many files the database lists below a prefix decided it, or could have. */
  readonly restsOnListed: boolean;
}

/**
 * Whether a rule deletes current objects of the store, now or once they are old enough; null where it does nothing to
 * them. Rules that remove old versions, delete marks and unfinished uploads, or move objects to another class, delete
 * no current object. Source: Amazon S3 User Guide, "Lifecycle configuration elements".
 *
 * @param prefix what the keys of the store's objects begin with
 * @param listed how many files the database lists below a prefix of the bucket; null where nobody counted
 */
export function effectOnLive(rule: Rule, prefix: string, listed: (prefix: string) => number | null): LiveEffect | null {
  const when = expiry(rule);
  if (!rule.enabled || when === null) return null;
  const own = withSlash(prefix);
  const isWhole = own.startsWith(rule.prefix);
  if (!isWhole && !rule.prefix.startsWith(own)) return null;
  const name = ruleText(rule);
  const below = rule.prefix === '' ? '' : ` below ${rule.prefix}`;
  if (!isWhole) {
    const count = listed(rule.prefix);
    if (count === null) {
      const because = `${name} deletes what lies${below} ${when}; whether the database lists a file there is not known`;
      return { truth: 'unknown', because, restsOnListed: true };
    }
    if (count === 0) {
      const because = `${name} deletes what lies${below} ${when}, where the database lists no file`;
      return { truth: 'holds', because, restsOnListed: true };
    }
    if (!isNarrowed(rule)) {
      const because = `${name} deletes what lies${below} ${when}, where the database lists ${counted(count, 'file')}`;
      return { truth: 'fails', because, restsOnListed: true };
    }
  }
  if (isNarrowed(rule)) {
    const because = `${name} deletes objects${below} ${narrowing(rule)} ${when}; which files those are is not known`;
    return { truth: 'unknown', because, restsOnListed: !isWhole };
  }
  return { truth: 'fails', because: `${name} deletes every file${below} ${when}`, restsOnListed: false };
}

/** When current objects are deleted, in words; null where they are not. */
function expiry({ expiresAfterDays, expiresOn }: Rule): string | null {
  if (expiresAfterDays !== null) return `${counted(expiresAfterDays, 'day')} after it was written`;
  return expiresOn === null ? null : `on ${instantText(expiresOn).slice(0, 10)}`;
}

/** Objects of at least one byte are all that files are; an empty file has nothing to lose. */
function isNarrowed({ byTag, largerThan, smallerThan }: Rule): boolean {
  return byTag || (largerThan ?? 0) > 0 || smallerThan !== null;
}

function narrowing({ byTag, largerThan, smallerThan }: Rule): string {
  const parts = [
    ...(byTag ? ['with certain tags'] : []),
    ...(largerThan === null ? [] : [`of more than ${counted(largerThan, 'byte')}`]),
    ...(smallerThan === null ? [] : [`of fewer than ${counted(smallerThan, 'byte')}`]),
  ];
  return parts.join(', ');
}

/** What else the rules do to the store's files, for the words of a pass: old versions that go, and moves to other classes. */
export function otherEffects(rules: readonly Observation<'store-lifecycle'>[], prefix: string): readonly string[] {
  const own = withSlash(prefix);
  return rules.flatMap(({ value: rule }): readonly string[] => {
    if (!rule.enabled || !(own.startsWith(rule.prefix) || rule.prefix.startsWith(own))) return [];
    const name = ruleText(rule);
    const kept = rule.noncurrentKept === null ? '' : `, but for the ${counted(rule.noncurrentKept, 'newest one')}`;
    return [
      ...(rule.noncurrentDays === null
        ? []
        : [
            `${name} deletes old versions ${counted(rule.noncurrentDays, 'day')} after they were replaced or deleted${kept}`,
          ]),
      ...movesToArchive(rule),
    ];
  });
}

/** Moves to classes whose objects nobody can read at once, in words. */
export function movesToArchive(rule: Rule): readonly string[] {
  return rule.transitions
    .filter(({ storageClass }) => /GLACIER|ARCHIVE/.test(storageClass) && storageClass !== 'GLACIER_IR')
    .map(
      ({ storageClass, afterDays, on }) =>
        `${ruleText(rule)} moves files to ${storageClass} ${afterDays === null ? (on === null ? 'in time' : `on ${instantText(on).slice(0, 10)}`) : `after ${counted(afterDays, 'day')}`}, from where each must be brought back before it can be read`,
    );
}

export function ruleText({ ruleId }: Rule): string {
  return ruleId === null || ruleId === '' ? 'a lifecycle rule' : `lifecycle rule ${ruleId}`;
}

/** A store below a prefix holds what lies below it as in a directory. */
export function withSlash(prefix: string): string {
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
}
