import type { Observation } from '../model/control.ts';
import type { Facts, Moment } from '../model/facts.ts';
import { type KeyUse, type NeededVersion, startedBy } from './keys.ts';

/**
 * What a keyring states beyond its records. A rotation that was written into the keyring, and whose version nobody recorded
 * as used yet, may have wrapped what was made since all the same.
 */

/**
 * The use of the version that a keyring states as current, where no record names it or a later one, and its provider does
 * not have it. Of one that is there the records tell whether it is used.
 */
export function statedUse(
  keyring: Observation<'keyring'>,
  uses: readonly KeyUse[],
  key: Facts['key-state'] | undefined,
): KeyUse | null {
  const { currentVersion, rotatedAt } = keyring.value;
  if (currentVersion === null || key === undefined || key.namedVersions !== undefined) return null;
  if (uses.some(({ version }) => version === null || version >= currentVersion)) return null;
  const isGone = key.state === 'missing' || (key.latestVersion !== null && key.latestVersion < currentVersion);
  if (!isGone) return null;
  return { version: currentVersion, state: 'active', since: rotatedAt, until: null, observation: keyring };
}

/** That use as what opening a copy of a moment may take; none where the copy is older than the rotation. */
export function neededAsStated(use: KeyUse | null, moment: Moment | null): readonly NeededVersion[] {
  if (use === null || startedBy(use.since, moment) === 'fails') return [];
  return [{ version: use.version, certainty: 'unknown', use }];
}

/** What such a version adds to a sentence about it, before what is known of it. */
export function asStated(version: number | null): string {
  return `the keyring states version ${version} as current, which no record names yet: `;
}

/**
 * Whether records tell of no version in use at the moment of a copy: all that were in use had been retired or destroyed by
 * then, and those that are on record since were not in use yet, so that another one must have taken their place.
 */
export function nothingInUse(uses: readonly KeyUse[], moment: Moment | null): boolean {
  const started = uses.filter(({ since }) => startedBy(since, moment) !== 'fails');
  if (started.length === 0) return false;
  return started.every(
    ({ state, until }) => state !== 'active' && (until === null || moment === null || until <= moment.notAfter),
  );
}
