import type { Facts } from '../model/facts.ts';
import { type Instant, MINUTE, toMillis } from '../model/instant.ts';
import type { KeyUse } from './keys.ts';
import { type LiveVersion, live } from './live-version.ts';
import { decrypts, deletedNamedKey } from './named-key.ts';

/**
 * Which version of a key a record means where versions have names and records may have numbers. A record that holds the
 * name says it. Otherwise nothing does, and what is certain is used instead: a record means a version that existed when
 * it was made, and a higher number means a later version. Where all that it may mean can be used, so can the one meant.
 */

type KeyState = Facts['key-state'];
type NamedVersion = NonNullable<KeyState['namedVersions']>[number];

/** By how much the clocks of provider and database may differ: the catalogue's own tolerance. */
const CLOCKS = 5 * MINUTE;

/**
 * Whether the live key can decrypt what a use encrypted. Dates of a version do not matter here: outside them it still decrypts.
 *
 * @param version number of the use that is asked about
 * @param uses all of the key that are known, whose numbers tell versions apart
 */
export function liveNamedVersion(
  key: KeyState,
  version: number | null,
  use: Pick<KeyUse, 'since' | 'named'> | undefined,
  uses: readonly KeyUse[],
  asOf: Instant,
): LiveVersion {
  const gone = deletedNamedKey(key, asOf);
  if (gone !== null) return gone;
  const versions = key.namedVersions ?? null;
  if (versions === null) return live('unknown', 'has versions that its provider does not show');
  const name = use?.named?.name ?? null;
  if (name !== null) {
    const named = versions.find((one) => one.name === name);
    if (named === undefined) return live('lost', `has no version ${name} in the provider`);
    return judgeAll([named], version);
  }
  const existing = existedBy(versions, use?.since ?? null);
  if (existing.length === 0) {
    return live('lost', 'has no version in the provider that is as old as the record that uses it');
  }
  const plain = judgeAll(existing, version);
  if (version === null) return plain;
  const narrowed = meantByNumber(versions, version, use?.since ?? null, uses);
  if (narrowed.length > 0) return judgeAll(narrowed, version);
  // More numbers than versions: one that records know is not there, whatever the others can do.
  if (plain.state !== 'usable') return plain;
  return live('unknown', 'has fewer versions in the provider than the records number');
}

/** Whether a use is certainly of the first version, so that none was used before it. */
function isFirstVersion(key: KeyState | undefined, { version, named }: Pick<KeyUse, 'version' | 'named'>): boolean {
  if (named === undefined || version !== null) return (version ?? 1) <= 1;
  const versions = key?.namedVersions ?? [];
  return named.name === null ? versions.length === 1 : versions[0]?.name === named.name;
}

/**
 * Whether the records of a key reach back to its first version, so that nothing older was ever encrypted with it. Records of
 * first versions may have been removed since, and one of the future proves no past.
 */
export function reachFirstVersion(key: KeyState | undefined, uses: readonly KeyUse[], asOf: Instant): boolean {
  return uses.some((use) => isFirstVersion(key, use) && use.since !== null && use.since <= asOf);
}

/** What is true of the one that is meant, whichever of these it is. */
function judgeAll(versions: readonly NamedVersion[], number: number | null): LiveVersion {
  const looked = versions.map((version) => ({ version, live: judgeOne(version) }));
  const [first] = looked;
  if (first === undefined) return live('unknown', 'has no version that is known');
  if (looked.every((one) => one.live.state === 'usable')) return first.live;
  const bad = looked.find((one) => one.live.state !== 'usable') ?? first;
  const { name } = bad.version;
  if (looked.length === 1) {
    const which = number === null ? `stands for its version ${name}, which` : `is ${name} in the provider, which`;
    return live(bad.live.state, `${which} ${bad.live.because}`);
  }
  const among = `may be any of ${looked.length} versions`;
  if (looked.every((one) => one.live.state === bad.live.state)) {
    return live(bad.live.state, `${among}, none of which is usable: version ${name} ${bad.live.because}`);
  }
  const because = `${among}, and version ${name} ${bad.live.because}; the record does not tell which is meant`;
  const neverLost = looked.every((one) => one.live.state === 'usable' || one.live.state === 'blocked');
  return { ...live('unknown', because), neverLost };
}

function judgeOne(version: NamedVersion): LiveVersion {
  if (!version.enabled) return live('blocked', 'is disabled; enabling it brings it back');
  return decrypts(version) ?? live('usable', 'is enabled');
}

/** Those of unknown creation are older than all that have one. */
function existedBy(versions: readonly NamedVersion[], since: Instant | null): readonly NamedVersion[] {
  return versions.slice(0, lastBy(versions, since) + 1);
}

function lastBy(versions: readonly NamedVersion[], since: Instant | null): number {
  if (since === null) return versions.length - 1;
  const limit = toMillis(since) + CLOCKS;
  return versions.findLastIndex((one) => one.createdAt === null || toMillis(one.createdAt) <= limit);
}

/**
 * The versions that a number may mean, beside the other numbers: each means one of its own, in rising order. None where
 * that cannot be; all that existed where the order of versions is not certain.
 */
function meantByNumber(
  versions: readonly NamedVersion[],
  number: number,
  since: Instant | null,
  uses: readonly KeyUse[],
): readonly NamedVersion[] {
  const times = new Set(versions.map((one) => one.createdAt));
  if (times.size < versions.length) return existedBy(versions, since);
  const latest = new Map<number, number>();
  for (const one of [...uses, { version: number, since }]) {
    if (one.version === null) continue;
    latest.set(one.version, Math.min(latest.get(one.version) ?? versions.length, lastBy(versions, one.since)));
  }
  const numbers = [...latest.keys()].sort((a, b) => a - b);
  const low = numbers.indexOf(number);
  let high = versions.length;
  for (const other of numbers.filter((one) => one >= number).reverse()) {
    high = Math.min(high - 1, latest.get(other) ?? high - 1);
  }
  return versions.slice(low, high + 1);
}
