import type { Facts } from '../../model/facts.ts';
import type { FailureDomain } from '../../model/policy.ts';
import { SourceError } from '../../model/source-error.ts';
import { datesOf, keyAmong, keyTypeText, mayOpen } from './pkcs11-key-state.ts';
import type { KeyName, ObjectReading, TokenReading } from './pkcs11-messages.ts';
import type { Pkcs11Token } from './pkcs11-token.ts';

/** A peer that answered. Where it stands is stated, as of everything that has no other way to tell. */
export function peerFact(
  locator: string,
  peer: TokenReading,
  domain: FailureDomain | undefined,
): Facts['provider-peer'] {
  return {
    peer: locator,
    label: peer.label,
    serial: peer.serial,
    version: peer.firmware,
    host: domain?.host ?? null,
    site: domain?.site ?? null,
    account: domain?.account ?? null,
    region: domain?.region ?? null,
  };
}

/** @throws SourceError where both are one token, which would outlive nothing that the other does not */
export function refuseSelf(locator: string, own: TokenReading, peer: TokenReading): void {
  const name = ({ manufacturer, model, serial }: TokenReading) => JSON.stringify([manufacturer, model, serial]);
  if (name(own) !== name(peer)) return;
  throw new SourceError(
    'malformed',
    `${locator}: the peer is the very token that it is to stand in for`,
    'Name another token as peer, or none.',
  );
}

/**
 * Whether a peer holds a key, and how far that is shown.
 *
 * @param own the key in the token itself; null where it shows none, so that nothing can be compared
 */
export async function keyOnPeer(
  peer: Pkcs11Token,
  name: KeyName,
  own: ObjectReading | null,
): Promise<Facts['key-peer']> {
  const asked = await peer.objects(name);
  // Peers may label their copies otherwise; the id goes with the key.
  const byId = asked.length === 0 && name.by === 'label' && own?.id != null;
  const objects = byId ? await peer.objects({ by: 'id', value: own.id }) : asked;
  const found = keyAmong(objects, name, peer.locator);
  const fact = (holds: boolean, proof: Facts['key-peer']['proof'], because: string): Facts['key-peer'] => ({
    peer: peer.locator,
    holds,
    proof,
    because,
  });
  if (found.is === 'missing') return fact(false, null, 'it has no key of that name');
  if (found.is === 'no-key' || mayOpen(found.object) === false) {
    return fact(false, null, 'what bears that name there may open nothing');
  }
  const seen =
    own === null
      ? fact(true, 'name', 'a key there bears the name; there is none to compare it with')
      : compared(own, found.object, fact);
  const { startsAt, expiresAt } = datesOf(found.object);
  return {
    ...seen,
    ...(startsAt === null ? {} : { startsAt }),
    ...(expiresAt === null ? {} : { expiresAt }),
  };
}

function compared(
  own: ObjectReading,
  other: ObjectReading,
  fact: (holds: boolean, proof: Facts['key-peer']['proof'], because: string) => Facts['key-peer'],
): Facts['key-peer'] {
  const another = (because: string): Facts['key-peer'] => ({ ...fact(false, null, because), differs: true });
  if (own.objectClass !== other.objectClass || keyTypeText(own) !== keyTypeText(other)) {
    return another('the key of that name there is of another kind, so it is another key');
  }
  if (own.checkValue !== null && other.checkValue !== null) {
    return own.checkValue === other.checkValue
      ? fact(true, 'check-value', 'both tokens show the same check value for it')
      : another('the key of that name there has another check value, so it is another key');
  }
  if (own.publicDigest !== null && other.publicDigest !== null) {
    return own.publicDigest === other.publicDigest
      ? fact(true, 'public-key', 'both tokens show the same public part of it')
      : another('the key of that name there has another public part, so it is another key');
  }
  const same = own.id !== null && own.id === other.id && own.label === other.label;
  return same
    ? fact(true, 'attributes', 'id, label and kind agree; the tokens show no check value to compare')
    : fact(true, 'name', 'a key there bears the name, and neither id nor check value shows that it is the same');
}
