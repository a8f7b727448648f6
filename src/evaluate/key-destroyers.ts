import type { Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Policy } from '../model/policy.ts';
import { namesText } from './names-text.ts';

type Settings = Facts['key-settings'];
type Destroyer = NonNullable<Settings['destroyers']>[number];

/** What the list of those who may destroy a key comes to. */
export interface DestroyerVerdict {
  readonly truth: Truth;
  readonly because: string;
}

/**
 * Compares those whom a key's own policy lets destroy it with those whom the audit's policy names. A conditional right
 * counts: nothing tells who meets its condition.
 *
 * An account that is named as a whole lets its own policies decide, and those are not read. Of the account the key
 * belongs to that is as its provider makes keys, so it is no finding where nobody states who may; where somebody does,
 * nobody knows whether those policies keep to it.
 *
 * Everybody without a condition is a finding whoever may be meant.
 *
 * @param allowed policy's `mayDeleteKeys`; null: nobody said
 */
export function judgeDestroyers(
  destroyers: readonly Destroyer[],
  account: string | null,
  allowed: Policy['mayDeleteKeys'],
): DestroyerVerdict {
  if (destroyers.length === 0) return { truth: 'holds', because: 'its key policy lets nobody delete or disable it' };
  const own = destroyers.find((one) => one.wholeAccount !== null && one.wholeAccount === account);
  const others = destroyers.filter((one) => one !== own);
  const listed = `its key policy lets ${namesText(destroyers.map(destroyerText))} delete or disable it, or change that policy`;
  const delegated = own === undefined ? '' : `; ${ownText(own)}`;
  if (allowed === null) {
    if (others.length === 0) return { truth: 'holds', because: `${listed}${delegated}` };
    if (others.some(isAnybody)) {
      return { truth: 'fails', because: `${listed}${delegated}; no list of those who may would name everybody` };
    }
    return { truth: 'unknown', because: `${listed}${delegated}; policy.mayDeleteKeys does not state who may` };
  }
  const outside = others.filter((one) => !isAllowed(one, allowed));
  if (outside.length > 0) {
    const names = namesText(outside.map(destroyerText));
    return { truth: 'fails', because: `policy.mayDeleteKeys does not name ${names}: ${listed}${delegated}` };
  }
  if (own !== undefined && !isAllowed(own, allowed)) {
    const because = `${listed}${delegated}, so whether only those in policy.mayDeleteKeys may is not known`;
    return { truth: 'unknown', because };
  }
  return { truth: 'holds', because: `${listed}, as policy.mayDeleteKeys states${delegated}` };
}

/** Whoever there is, in any account, without a condition: that is nobody's list. */
function isAnybody({ principal, conditional }: Destroyer): boolean {
  return principal === '*' && !conditional;
}

function isAllowed({ principal, wholeAccount }: Destroyer, allowed: readonly string[]): boolean {
  if (wholeAccount === null) return allowed.includes(principal);
  return allowed.some((name) => name === wholeAccount || name === principal || rootOf(name) === wholeAccount);
}

function rootOf(name: string): string | null {
  return /^arn:[a-z-]+:iam::(\d{12}):root$/.exec(name)?.[1] ?? null;
}

function ownText({ wholeAccount }: Destroyer): string {
  return `which users of account ${wholeAccount} that means is decided by the IAM policies there, which the audit does not read`;
}

function destroyerText({ principal, wholeAccount, conditional }: Destroyer): string {
  const name = wholeAccount !== null ? `account ${wholeAccount}` : principal === '*' ? 'everybody' : principal;
  return conditional ? `${name} (under conditions)` : name;
}
