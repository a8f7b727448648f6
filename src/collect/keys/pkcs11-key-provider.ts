import type { Facts } from '../../model/facts.ts';
import type { FailureDomain } from '../../model/policy.ts';
import type { Pkcs11Wrapping } from '../../model/wrapping.ts';
import type { KeyPeer, KeyProvider } from './key-provider.ts';
import { keyNameOf } from './pkcs11-key-name.ts';
import { type FoundKey, keyAmong, pkcs11KeyState } from './pkcs11-key-state.ts';
import type { TokenReading } from './pkcs11-messages.ts';
import { keyOnPeer, peerFact, refuseSelf } from './pkcs11-peer.ts';
import { provePkcs11Key } from './pkcs11-proof.ts';
import { neverInitialized, type Pkcs11Token } from './pkcs11-token.ts';

/** The token that is said to hold the same keys. */
export interface Pkcs11Peer {
  readonly token: Pkcs11Token;
  readonly domain: FailureDomain | undefined;
}

const OPERATIONS = {
  state: 'C_GetTokenInfo',
  key: 'C_FindObjects, C_GetAttributeValue',
  rights: 'none',
  names: 'C_FindObjects of all keys',
} as const;

/** How many keys are remembered: the peer is asked about a key right after the token itself. */
const MOST_REMEMBERED = 500;

/**
 * One token of an HSM as a key provider, with the peer that is declared for it.
 * @param wrapping how samples were wrapped that do not tell it themselves; null where that is not stated
 */
export function pkcs11KeyProvider(
  id: string,
  token: Pkcs11Token,
  peer: Pkcs11Peer | null,
  wrapping: Pkcs11Wrapping | null = null,
): KeyProvider {
  const keys = new Map<string, Promise<FoundKey>>();
  const found = (keyRef: string): Promise<FoundKey> => {
    const known = keys.get(keyRef);
    if (known !== undefined) return known;
    const asked = findKey(token, keyRef);
    keys.set(keyRef, asked);
    const [oldest] = keys.keys();
    if (keys.size > MOST_REMEMBERED && oldest !== undefined) keys.delete(oldest);
    return asked;
  };
  /** Which token it is does not change, so that it is asked for once and not with every key. */
  let itself: TokenReading | null = null;
  return {
    id,
    kind: 'pkcs11',
    locator: token.locator,
    operations: OPERATIONS,
    async state() {
      return { items: [providerState(await token.reading())] };
    },
    async key(keyRef) {
      const key = await found(keyRef);
      itself ??= await token.reading();
      return { items: [pkcs11KeyState(key, itself)] };
    },
    names: () => token.names(),
    async prove(keyRef, version, sample) {
      const question = { keyRef, version, sample };
      return await provePkcs11Key(token, await found(keyRef), wrapping, question);
    },
    ...(peer === null ? {} : { peer: keyPeer(token, peer, found) }),
    // Every PIN of a user opens sessions that write, too: PKCS#11 has no right that could be asked for.
    rights: () => null,
    observedDomain: () => null,
    clockOffsetMillis: () => null,
    mountUuid: () => null,
    close() {
      token.close();
      peer?.token.close();
    },
  };
}

function keyPeer(token: Pkcs11Token, peer: Pkcs11Peer, found: (keyRef: string) => Promise<FoundKey>): KeyPeer {
  /** Null where the token itself does not answer: then nothing can be compared. */
  const own = <T>(answer: Promise<T>): Promise<T | null> => answer.catch(() => null);
  let isAnother = false;
  const checked = async (): Promise<TokenReading> => {
    const reading = await peer.token.reading();
    if (!reading.initialized) throw neverInitialized(peer.token.locator);
    const itself = await own(token.reading());
    if (itself !== null) refuseSelf(peer.token.locator, itself, reading);
    isAnother = itself !== null;
    return reading;
  };
  return {
    locator: peer.token.locator,
    operations: { state: OPERATIONS.state, key: OPERATIONS.key },
    async state() {
      return { items: [peerFact(peer.token.locator, await checked(), peer.domain)] };
    },
    async key(keyRef) {
      if (!isAnother) await checked();
      const itself = await own(found(keyRef));
      const object = itself?.is === 'key' ? itself.object : null;
      return { items: [await keyOnPeer(peer.token, keyNameOf(keyRef), object)] };
    },
  };
}

async function findKey(token: Pkcs11Token, keyRef: string): Promise<FoundKey> {
  const name = keyNameOf(keyRef);
  return keyAmong(await token.objects(name), name, token.locator);
}

function providerState(reading: TokenReading): Facts['provider-state'] {
  const { label, serial, manufacturer, model, module, freePrivateBytes, totalPrivateBytes, sessions, maxSessions } =
    reading;
  return {
    kind: 'pkcs11',
    initialized: reading.initialized,
    sealed: null,
    version: reading.firmware,
    clusterId: null,
    sealType: null,
    sealThreshold: null,
    sealShares: null,
    account: null,
    region: null,
    mounts: null,
    raftServers: null,
    raftAppliedIndex: null,
    token: { label, serial, manufacturer, model, module, freePrivateBytes, totalPrivateBytes, sessions, maxSessions },
  };
}
