import { describe, expect, it } from 'vitest';
import type { WrappedSample } from '../../../src/collect/keys/key-provider.ts';
import { type ProofLine, type ProviderLine, proofLine } from '../../../src/collect/recorded/provider-lines.ts';
import {
  proofKey,
  type RecordedProvider,
  recordedKeyProvider,
  unitedProviders,
} from '../../../src/collect/recorded/recorded-provider.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { Secret } from '../../../src/model/secret.ts';
import { sampleDigestBy } from '../../../src/pipeline/host/sample-digest.ts';
import { ago } from '../../evaluate/fixture.ts';
import { providerAnswer } from './provider-answer.ts';

const digestOf = sampleDigestBy(new Secret('one key for both hosts'));
const sampled = (value: string, changes: Partial<WrappedSample> = {}): WrappedSample => ({
  value,
  context: undefined,
  mechanism: null,
  ...changes,
});
const TODAY = sampled('vault:v1:dG9kYXk=');
const BEFORE = sampled('vault:v1:YmVmb3Jl');

function line(sample: WrappedSample | null, outcome: 'unwrapped' | 'refused' | 'blind' = 'unwrapped'): ProofLine {
  const digest = sample === null ? null : digestOf(sample);
  return proofLine.parse({
    type: 'proof',
    provider: 'hsm',
    keyRef: 'acme',
    version: 1,
    ...(digest === null ? {} : { sample: digest }),
    collectedAt: ago(HOUR),
    proof: outcome === 'blind' ? null : { version: 1, outcome, because: `it was ${outcome}` },
    blindSpot: outcome === 'blind' ? { reason: 'timeout', detail: 'no answer', remedy: 'Wait.' } : null,
  });
}

function recorded(lines: readonly ProofLine[], at = ago(HOUR), itself: Partial<ProviderLine> = {}): RecordedProvider {
  return {
    id: 'hsm',
    host: 'vault-room',
    collectedAt: at,
    itself: providerAnswer(at, itself),
    keys: new Map(),
    proofs: new Map(lines.map((one) => [proofKey(one.keyRef, one.version, one.sample ?? null), one])),
    sampleDigest: digestOf,
  };
}

async function proven(found: RecordedProvider, sample: WrappedSample): Promise<string> {
  try {
    const { outcome } = (await recordedKeyProvider('pkcs11', found).prove?.('acme', 1, sample)) ?? {};
    return outcome ?? 'not offered';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
}

describe('a proof of another host counts for the sample that was unwrapped there', () => {
  it('which is the one that the database has now', async () => {
    expect(await proven(recorded([line(TODAY)]), TODAY)).toBe('unwrapped');
    expect(await proven(recorded([line(TODAY, 'refused')]), TODAY)).toBe('refused');
  });

  it('and for no other one, whatever came of that', async () => {
    for (const outcome of ['unwrapped', 'refused'] as const) {
      expect(await proven(recorded([line(BEFORE, outcome)]), TODAY)).toMatch(
        /the sample was changed since the plan was written$/,
      );
    }
  });

  it('with the same context, wrapped the same way', async () => {
    for (const other of [{ context: 'YQ==' }, { context: null }, { mechanism: 'CKM_AES_KEY_WRAP' }]) {
      expect(await proven(recorded([line(TODAY)]), { ...TODAY, ...other })).toContain('the sample was changed');
    }
  });

  it('so that of a key that two organizations use each has its own', async () => {
    const both = recorded([line(TODAY), line(BEFORE, 'refused')]);
    expect([await proven(both, TODAY), await proven(both, BEFORE)]).toEqual(['unwrapped', 'refused']);
  });

  it('and says that it may have been left out, where collect.proofs left any out', async () => {
    const less = (lines: readonly ProofLine[]) => recorded(lines, ago(HOUR), { samplesLeftOut: 3 });
    expect(await proven(less([line(BEFORE)]), TODAY)).toMatch(/changed .*, or collect.proofs left it out of the plan$/);
    expect(await proven(less([]), TODAY)).toMatch(/unwrapped no sample .*collect.proofs left it out of the plan$/);
    expect(await proven(recorded([]), TODAY)).toMatch(/unwrapped no sample of this key version when host vault-room/);
  });

  it('and not where the bundle is of a version that does not tell which it was', async () => {
    expect(await proven(recorded([line(null)]), TODAY)).toContain('does not tell which sample');
  });

  it('nor where the hosts share no key', async () => {
    const found = { ...recorded([line(TODAY)]), sampleDigest: sampleDigestBy(null) };
    expect(await proven(found, TODAY)).not.toBe('unwrapped');
  });

  it('is the newer of two, also where it failed, and an older one where the newer bundle tried none', async () => {
    const older = recorded([line(TODAY)], ago(9 * HOUR));
    expect(await proven(unitedProviders(older, recorded([line(TODAY, 'refused')])), TODAY)).toBe('refused');
    expect(await proven(unitedProviders(recorded([line(TODAY, 'blind')]), older), TODAY)).not.toBe('unwrapped');
    const united = unitedProviders(recorded([]), older);
    expect(await proven(united, TODAY)).toBe('unwrapped');
    expect(united.collectedAt).toBe(ago(9 * HOUR));
  });

  it('is told by a digest that shows nothing of it without the key', () => {
    const other = sampleDigestBy(new Secret('another key'));
    expect(digestOf(TODAY)).toMatch(/^[0-9a-f]{64}$/);
    expect(other(TODAY)).not.toBe(digestOf(TODAY));
  });
});
