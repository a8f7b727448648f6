import type { PlannedProvider } from '../../config/host-plan.ts';
import type { FactKind, Facts } from '../../model/facts.ts';
import { type Answer, type Asker, systemClock } from '../ask.ts';
import { eachOf } from '../concurrency.ts';
import type { KeyProvider } from '../keys/key-provider.ts';
import { openKeyProvider } from '../keys/open-key-provider.ts';
import { unansweringKeyProvider } from '../keys/unanswering-key-provider.ts';
import { definitionDigest } from './provider-definition.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

/** What asking a provider takes. */
export type ProviderAccess = Pick<RecordingAccess, 'asker' | 'signal' | 'secret' | 'sampleDigest'> & {
  /** For one question. */
  readonly timeoutMillis: number;
  /** Whether whoever collects wants keys to be proven: the samples of a plan alone let nothing be unwrapped. */
  readonly proveKeys: boolean;
};

/** Keys that are asked about at once. */
const AT_ONCE = 4;

/**
 * Asks a key provider what a scan would ask it: what it is, and what it says of each key. Proves keys by the samples of
 * the plan only where whoever collects wants that.
 *
 * @throws only when interrupted, and what `put` throws
 */
export async function recordProvider(access: ProviderAccess, planned: PlannedProvider, put: PutAnswer): Promise<void> {
  const { asker, signal, timeoutMillis, proveKeys } = access;
  const { definition, keys, samples } = planned;
  const { id, kind } = definition;
  const prove = proveKeys && samples.length > 0;
  const provider = await openKeyProvider(definition, {
    timeoutMillis,
    signal,
    prove,
    secret: (setting, reference) => access.secret(`provider ${id}: ${setting}`, reference),
  }).catch((error: unknown) => unansweringKeyProvider(id, kind, error));
  try {
    await recordItself(access, planned, provider, put);
    await eachOf(keys, AT_ONCE, (keyRef) => recordKey(access, provider, keyRef, put));
    if (!prove || provider.prove === undefined) return;
    for (const { keyRef, version, value, context, mechanism } of samples) {
      const sample = { value, context, mechanism };
      // Of what is unwrapped here, not of what the plan says: another sample of today shows so in the scan.
      const digest = access.sampleDigest(sample);
      const line = {
        type: 'proof',
        provider: id,
        keyRef,
        version,
        ...(digest === null ? {} : { sample: digest }),
        collectedAt: systemClock(),
      } as const;
      try {
        const proof = await provider.prove(keyRef, version, sample);
        await put({ ...line, proof, blindSpot: null });
      } catch (error) {
        signal.throwIfAborted();
        await put({ ...line, proof: null, blindSpot: asker.blindSpotOf(error, `provider ${id}`) });
      }
    }
  } finally {
    await provider.close();
  }
}

async function recordItself(
  access: ProviderAccess,
  { definition, rights: asked, samplesLeftOut }: PlannedProvider,
  provider: KeyProvider,
  put: PutAnswer,
): Promise<void> {
  const source = `provider ${provider.id}`;
  const collectedAt = systemClock();
  const { peer } = provider;
  const state = await answered(access, source, () => provider.state());
  const rights = provider.rights(asked);
  await put({
    type: 'provider',
    provider: provider.id,
    collectedAt,
    definition: definitionDigest(definition),
    locator: provider.locator,
    operations: provider.operations,
    tells: {
      settings: provider.settings !== undefined,
      rotation: provider.rotation !== undefined,
      proofs: provider.prove !== undefined,
    },
    state,
    rights: rights === null ? null : await answered(access, source, () => rights),
    peer:
      peer === undefined
        ? null
        : {
            locator: peer.locator,
            operations: peer.operations,
            state: await answered(access, `peer of ${source}`, () => peer.state()),
          },
    domain: provider.observedDomain(),
    clockOffsetMillis: provider.clockOffsetMillis(),
    mountUuid: provider.mountUuid(),
    ...(samplesLeftOut === undefined ? {} : { samplesLeftOut }),
  });
}

async function recordKey(access: ProviderAccess, provider: KeyProvider, keyRef: string, put: PutAnswer): Promise<void> {
  const source = `provider ${provider.id}`;
  const collectedAt = systemClock();
  const { peer, settings, rotation } = provider;
  await put({
    type: 'key',
    provider: provider.id,
    keyRef,
    collectedAt,
    state: await answered(access, source, () => provider.key(keyRef)),
    settings: settings === undefined ? null : await answered(access, source, () => settings(keyRef)),
    rotation: rotation === undefined ? null : await answered(access, source, () => rotation(keyRef)),
    peer: peer === undefined ? null : await answered(access, `peer of ${source}`, () => peer.key(keyRef)),
  });
}

/** As a scan would record it: what is thrown becomes a blind spot. */
async function answered<K extends FactKind>(
  { asker, signal }: { readonly asker: Asker; readonly signal: AbortSignal },
  source: string,
  ask: () => Promise<Answer<K>>,
): Promise<{ readonly items: Facts[K][]; readonly blindSpot: NonNullable<Answer<K>['blindSpot']> | null }> {
  try {
    const { items, blindSpot = null } = await ask();
    return { items: [...items], blindSpot };
  } catch (error) {
    signal.throwIfAborted();
    return { items: [], blindSpot: asker.blindSpotOf(error, source) };
  }
}
