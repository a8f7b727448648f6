import type { ProviderConfig } from '../../config/provider-schema.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Answer } from '../ask.ts';
import type { Collection, Estate, OpenProvider } from '../estate.ts';
import type { KeyPeer } from './key-provider.ts';
import { keysNamed } from './leaned-on-keys.ts';

/** `operation` of a record that only says that no peer of a provider is declared. */
export const NO_PEER = 'none, as no peer is declared';

/**
 * Whether peers are asked about at all. Where one provider is an HSM it is told of the others, too, that they have none:
 * who has keys in both would else seem not to have been asked.
 */
export function hasHsm({ providers }: Pick<Estate, 'providers'>): boolean {
  return [...providers.values()].some(({ config }) => config.kind === 'pkcs11');
}

/** Whether a peer is declared for a provider. */
export function isPeered(config: ProviderConfig): boolean {
  return config.kind === 'pkcs11' && config.peer !== undefined;
}

/** The peer that is declared for a provider, and whether it holds the keys there that something is opened with. */
export async function providerPeerEvidence(
  { asker, config }: Pick<Collection, 'asker' | 'config'>,
  estate: Pick<Estate, 'providers'>,
  subject: Subject,
  open: OpenProvider,
): Promise<readonly AnyEvidence[]> {
  if (!hasHsm(estate)) return [];
  const { provider } = open;
  const peer = isPeered(open.config) ? provider.peer : undefined;
  if (peer === undefined) {
    const question = { subject, source: `provider ${provider.id}`, locator: provider.locator, operation: NO_PEER };
    return [
      asker.record({ kind: 'provider-peer', ...question }, { items: [] }),
      asker.record({ kind: 'key-peer', ...question }, { items: [] }),
    ];
  }
  const question = { subject, source: `peer of provider ${provider.id}`, locator: peer.locator };
  return [
    await asker.ask({
      kind: 'provider-peer',
      ...question,
      operation: peer.operations.state,
      answer: () => peer.state(),
    }),
    await asker.ask({
      kind: 'key-peer',
      ...question,
      operation: peer.operations.key,
      answer: () => keysLeanedOn(peer, keysNamed(config, provider.id)),
    }),
  ];
}

async function keysLeanedOn(peer: KeyPeer, keyRefs: readonly string[]): Promise<Answer<'key-peer'>> {
  const items: Answer<'key-peer'>['items'][number][] = [];
  for (const keyRef of keyRefs) {
    const answer = await peer.key(keyRef);
    items.push(...answer.items.map((item) => ({ ...item, keyRef })));
  }
  return { items };
}
