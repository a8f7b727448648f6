import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { instantText } from '../model/text.ts';
import { allOf } from './conclude.ts';
import { survives } from './failure-domains.ts';

/**
 * The keys that a service encrypted a copy with: whoever cannot use them restores nothing from it, however whole it is
 * (Amazon RDS User Guide, "Encrypting Amazon RDS resources"; Amazon EBS User Guide, "Amazon EBS encryption").
 */

type Copy = Facts['copy'];
type CopyKey = NonNullable<NonNullable<Copy['kept']>['keys']>[number];

function keysOf({ kept }: Copy): readonly CopyKey[] {
  return kept?.keys ?? [];
}

/** Why nobody can ever open a copy again; null where that is not known. */
export function lostKey(copy: Copy, asOf: Instant): string | null {
  const lost = keysOf(copy).find(
    ({ state, deletionDate }) =>
      state === 'missing' ||
      (state === 'pending-deletion' && deletionDate !== null && toMillis(deletionDate) <= toMillis(asOf)),
  );
  return lost === undefined ? null : `the key that it is encrypted with does not exist any more (${lost.key})`;
}

/** What keeps a copy from being restored and can be undone, and how; null where nothing does. */
export function blockedKey(copy: Copy): string | null {
  const key = keysOf(copy).find(({ state }) => state !== null && state !== 'enabled' && state !== 'missing');
  if (key === undefined) return null;
  const named = `the key that it is encrypted with (${key.key})`;
  switch (key.state) {
    case 'disabled':
      return `${named} is disabled; enabling it lets the copy be restored`;
    case 'pending-deletion': {
      const until = key.deletionDate === null ? '' : ` on ${instantText(key.deletionDate)}`;
      return `${named} will be deleted${until}, and the copy can never be restored after that; cancelling that before then lets it be`;
    }
    case 'pending-import':
      return `${named} lacks its material; importing the same material lets the copy be restored`;
    default:
      return `${named} cannot be used (${key.because ?? 'its service does not tell why'})`;
  }
}

/** Why it is not known whether a copy can be restored; null where it is. */
export function untoldKey(copy: Copy): string | null {
  const key = keysOf(copy).find(({ state }) => state === null);
  return key === undefined
    ? null
    : `what state the key is in that it is encrypted with was not told (${key.key}): ${key.because ?? 'nobody asked'}`;
}

/** The key, where one is told that can be used. */
export function usableKeyText(copy: Copy): string {
  const [key] = keysOf(copy);
  return key === undefined ? 'no key of a service is needed for it' : `the key that it is encrypted with is enabled`;
}

/**
 * Whether the keys of a copy outlive the loss with it. A key where the copy itself is shares its fate; one of another
 * account, as after a copy was shared, has one of its own.
 */
export function keysSurvive(copy: Copy, loss: Loss): Truth {
  const { account = null, region = null } = copy.kept ?? {};
  const elsewhere = keysOf(copy).flatMap(({ key }) => {
    const place = placeOf(key);
    const isThere =
      place === null || ((account ?? place.account) === place.account && (region ?? place.region) === place.region);
    return isThere ? [] : [place];
  });
  return allOf(elsewhere.map((place) => survives([{ host: null, site: null, ...place, origin: 'observed' }], loss)));
}

/** `arn:partition:kms:region:account:key/…`; null where it does not tell. */
function placeOf(key: string): { readonly account: string; readonly region: string } | null {
  const [, region, account] = /^arn:[a-z-]+:kms:([a-z0-9-]+):(\d{12}):/.exec(key) ?? [];
  return region === undefined || account === undefined ? null : { account, region };
}
