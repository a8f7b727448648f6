import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import { judged, regardless } from './define-control.ts';
import { type HeldInSnapshot, withSnapshot } from './deleted-keys.ts';
import { withKeptMaterial } from './imported-material.ts';
import { withProof } from './key-proofs.ts';
import { type KeyUse, type NeededVersion, versionText } from './keys.ts';
import { liveVersion } from './live-key.ts';
import type { LiveVersion } from './live-version.ts';
import { liveNamedVersion } from './named-versions.ts';
import { isNoVersion, liveNoVersion } from './no-version.ts';

/** How many versions one sentence names. */
const NAMED = 3;

/** Versions in use now: those of active records, each certainly needed. */
export function activeVersions(uses: readonly KeyUse[]): readonly NeededVersion[] {
  return uses
    .filter((use) => use.state === 'active')
    .map((use) => ({ version: use.version, certainty: 'holds' as const, use }));
}

/** What may bring a key back that cannot be used. */
export interface WaysBack {
  readonly snapshot: HeldInSnapshot | null;
  readonly material: readonly Observation<'declaration'>[];
  /** What was unwrapped, which shows of some keys that they can be used. */
  readonly proofs: readonly Observation<'unwrap-proof'>[];
}

/**
 * Whether the live key can decrypt every version needed. What is lost is named before what is only blocked.
 *
 * @param back what may bring the key back: a snapshot that holds it, should it have been deleted, and what is attested of
 *   its imported material
 * @param uses all of the key that are known, where numbers alone tell versions with names apart
 * @param neededBy who needs a version that cannot be used, as a clause
 */
export function judgeLiveVersions(
  needed: readonly NeededVersion[],
  key: Observation<'key-state'> | undefined,
  asOf: Instant,
  back: WaysBack,
  uses: readonly KeyUse[] = [],
  neededBy: (one: NeededVersion) => string = () => '',
): Judgement {
  const looked = needed.map((one) => ({
    ...one,
    live: withKeptMaterial(
      withSnapshot(withProof(liveOf(one, key?.value, asOf, uses), one, back.proofs), back.snapshot, one.use),
      back.material,
    ),
  }));
  const cites = [...(key === undefined ? [] : [key]), ...needed.map((one) => one.use.observation)];
  const isBad = (one: (typeof looked)[number]) => one.live.state === 'lost' || one.live.state === 'blocked';
  const bad = looked
    .filter((one) => isBad(one) && one.certainty === 'holds')
    .sort((a, b) => b.live.state.localeCompare(a.live.state));
  if (bad.length > 0) {
    const named = bad
      .slice(0, NAMED)
      .map((one) => `${one.live.state}: ${versionText(one.version)} ${one.live.because}${neededBy(one)}`);
    const more = bad.length > NAMED ? `; and ${bad.length - NAMED} more versions` : '';
    return judged('fails', `${named.join('; ')}${more}`, cites);
  }
  const open = looked.find((one) => one.live.state === 'unknown');
  if (open !== undefined) return judged('unknown', `${versionText(open.version)} ${open.live.because}`, cites);
  const maybe = looked.find(isBad);
  if (maybe !== undefined) {
    const recorded = maybe.isUnrecorded === true ? ' although no record of it is left' : '';
    const text = `${versionText(maybe.version)}, which may be needed${recorded}, ${maybe.live.because}${neededBy(maybe)}`;
    return judged('unknown', text, cites);
  }
  const recorded = needed.filter((one) => one.isUnrecorded !== true);
  const versions = [...new Set(recorded.map((one) => one.version).filter((version) => version !== null))];
  const what = versions.length === 0 ? 'the key' : `every version needed (${versionList(versions)})`;
  return judged('holds', `the provider can use ${what}`, cites);
}

/**
 * Whether what the records need is usable, taken together: a judgement that fails whatever else uses the key, or one that
 * looks at all uses to tell which version with a name a number means.
 *
 * @param others name of the need that shows all uses
 */
export function judgeVersionsBesideOthers(
  judge: (uses: readonly KeyUse[]) => Judgement,
  key: Observation<'key-state'> | undefined,
  uses: () => readonly KeyUse[],
  others: string,
): Judgement {
  const alone = judge([]);
  if (alone.truth === 'fails' || key === undefined || key.value.namedVersions === undefined) {
    return regardless(alone, others);
  }
  return judge(uses());
}

/** Like {@link liveVersion}; of a key with versions, a record that tells none leaves open which one must be usable. */
export function liveOf(
  { version, use }: Pick<NeededVersion, 'version' | 'use'>,
  key: Facts['key-state'] | undefined,
  asOf: Instant,
  uses: readonly KeyUse[],
): LiveVersion {
  if (key?.namedVersions !== undefined) return liveNamedVersion(key, version, use, uses, asOf);
  if (isNoVersion(version, use.isNumbered === true)) return liveNoVersion(liveVersion(key, null, asOf));
  const only = version === null ? onlyVersion(key) : null;
  const live = liveVersion(key, only ?? version, asOf);
  if (only !== null) return live;
  if (version !== null || live.state !== 'usable' || (key?.latestVersion ?? null) === null) return live;
  return {
    state: 'unknown',
    because: 'has several versions, and its record does not tell which one is used',
    until: null,
  };
}

/** The one version that a key ever had, which a record without a version can only mean; null where there may be others. */
export function onlyVersion(key: Facts['key-state'] | undefined): number | null {
  if (key === undefined || key.state === 'missing' || key.latestVersion !== 1) return null;
  return key.versions?.every(({ version }) => version === 1) === true ? 1 : null;
}

function versionList(versions: readonly number[]): string {
  const sorted = [...versions].sort((a, b) => a - b);
  return sorted.length <= 5 ? sorted.join(', ') : `${sorted.slice(0, 3).join(', ')} to ${sorted.at(-1)}`;
}
