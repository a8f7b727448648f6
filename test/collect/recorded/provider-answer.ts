import type { ProviderLine } from '../../../src/collect/recorded/provider-lines.ts';

/** What the host that alone reaches the HSM said of the HSM itself: nothing is wrong. */
export function providerAnswer(collectedAt: string, changes: Partial<ProviderLine> = {}): ProviderLine {
  return {
    type: 'provider',
    provider: 'hsm',
    collectedAt,
    definition: 'as configured',
    locator: 'PKCS#11 token "keys"',
    operations: { state: 's', key: 'k', rights: 'none' },
    tells: { settings: false, rotation: false, proofs: true },
    state: { items: [], blindSpot: null },
    rights: null,
    peer: null,
    domain: null,
    clockOffsetMillis: null,
    mountUuid: null,
    ...changes,
  };
}
