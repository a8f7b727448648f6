import type { Judgement, Observation, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { instantText } from '../model/text.ts';
import { anyOf } from './conclude.ts';
import { regardless } from './define-control.ts';
import { apart, survives } from './failure-domains.ts';
import { PKCS11 } from './key-needs.ts';

/** Peers of HSMs: what serves the keys of one that is lost. Providers of other kinds have none. */

export function isHsm({ value }: Observation<'provider-state'>): boolean {
  return value.kind === PKCS11;
}

/** Where a peer is stated to stand. */
function domainOf({ host, site, account, region }: Facts['provider-peer']): readonly Facts['failure-domain'][] {
  return [{ host, site, account, region, origin: 'stated' }];
}

/** Whether a peer outlives the loss. */
export function peerSurvives(peer: Facts['provider-peer'], loss: Loss): Truth {
  return survives(domainOf(peer), loss);
}

/** Whether some peer outlives the loss. */
export function somePeerSurvives(peers: readonly Observation<'provider-peer'>[], loss: Loss): Truth {
  return anyOf(peers.map(({ value }) => peerSurvives(value, loss)));
}

/** Whether a peer stands apart from the provider that it is to stand in for. */
export function peerApart(peer: Facts['provider-peer'], provider: readonly Facts['failure-domain'][]): Truth {
  return apart(domainOf(peer), provider);
}

/** Whether a peer holds the key: a name alone leaves it open. */
export function holdsKey({ holds, proof }: Facts['key-peer']): Truth {
  if (!holds) return 'fails';
  return proof === null || proof === 'name' ? 'unknown' : 'holds';
}

/** That a peer's key cannot be used by its dates and how that is undone, as a clause after another; empty where it can. */
export function peerDatesText({ holds, startsAt, expiresAt }: Facts['key-peer'], asOf: Instant): string {
  if (!holds) return '';
  if (expiresAt !== undefined && toMillis(expiresAt) <= toMillis(asOf)) {
    return `; there it expired on ${instantText(expiresAt)}, and a later end date of the same key brings it back`;
  }
  if (startsAt === undefined || toMillis(startsAt) <= toMillis(asOf)) return '';
  return `; there it may not be used before ${instantText(startsAt)}, and an earlier start date of the same key brings it back`;
}

/** The same judgement, which peers could not change where no provider is an HSM: then nobody asks about any. */
export function exceptPeers(
  judgement: Judgement,
  observed: {
    readonly providers: readonly Observation<'provider-state'>[];
    readonly installProviders: readonly Observation<'provider-state'>[];
  },
): Judgement {
  const own = observed.providers.some(isHsm) ? [] : ['peers', 'keyPeers'];
  const install = observed.installProviders.some(isHsm) ? [] : ['installPeers', 'installKeyPeers'];
  return own.length + install.length === 0 ? judgement : regardless(judgement, ...own, ...install);
}
