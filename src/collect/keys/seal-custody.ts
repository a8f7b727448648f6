import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import { type Holder, holderOfKmsKey, type Need, type OtherProviders, statedKey } from '../custody.ts';
import type { Collection, OpenProvider } from '../estate.ts';
import { parseKmsArn } from './kms-arn.ts';

/**
 * Who holds the key that unseals a Vault: as stated, else as its newest snapshot that names one says. Neither Vault nor
 * its snapshots name a key of Transit. What seals it is told by its state.
 */
export function providerCustody(
  collection: Collection,
  estate: OtherProviders,
  subject: Subject,
  open: OpenProvider,
): AnyEvidence {
  const { needs, isStated } = sealNeeds(estate, open);
  const { config, provider } = open;
  return collection.asker.record(
    {
      kind: 'custody',
      subject,
      source: `provider ${config.id}`,
      operation: isStated ? 'seal in the configuration' : 'keys that its snapshots name',
      locator: provider.locator,
      grade: isStated ? 'declared' : 'observed',
    },
    { items: [{ needs: [...needs], kind: config.kind }] },
  );
}

/** The key that unseals a provider, with whoever is known to hold it. */
export function sealNeeds(
  estate: OtherProviders,
  open: Pick<OpenProvider, 'config' | 'snapshots' | 'provider'>,
): { readonly needs: readonly Need[]; readonly isStated: boolean } {
  const { config } = open;
  const stated = config.kind === 'vault-transit' ? config.seal : undefined;
  if (stated !== undefined) {
    return { needs: [{ what: 'unseal-key', heldBy: [statedKey(stated)], origin: 'stated' }], isStated: true };
  }
  const named = namedSealKey(estate, open);
  return {
    needs: named === null ? [] : [{ what: 'unseal-key', heldBy: [named], origin: 'observed' }],
    isStated: false,
  };
}

/** The key of AWS KMS that the newest snapshot of a provider which names one says unseals it, whatever is stated; null where none does. */
export function namedSealKey(
  estate: OtherProviders,
  { provider, snapshots }: Pick<OpenProvider, 'snapshots' | 'provider'>,
): Holder | null {
  const own = provider.mountUuid();
  const named = snapshots
    .flatMap(({ found }) => found.snapshots.map(({ fact }) => fact))
    // Several Vaults may keep theirs in one place.
    .filter(({ mountUuids }) => own === null || mountUuids.length === 0 || mountUuids.includes(own))
    .sort((a, b) => ((a.takenAt ?? '') < (b.takenAt ?? '') ? 1 : -1))
    .flatMap((fact) => holderOfSealKey(estate, fact) ?? []);
  return named[0] ?? null;
}

/** Who holds the key by which a snapshot says that its Vault is unsealed; null where that is no key of AWS KMS. */
export function holderOfSealKey(
  estate: OtherProviders,
  { sealKeyId }: Pick<Facts['provider-snapshot'], 'sealKeyId'>,
): Holder | null {
  return sealKeyId === null || parseKmsArn(sealKeyId) === null ? null : holderOfKmsKey(estate, sealKeyId, null);
}
