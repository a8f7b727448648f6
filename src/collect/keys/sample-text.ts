import { createHash } from 'node:crypto';
import type { WrappedSample } from './key-provider.ts';

/** Everything that unwrapping a sample depends on besides key and version: the same text for the same sample alone. */
export function sampleText({ value, context, mechanism }: WrappedSample): string {
  // Without a column for it, the context is not known to be nothing.
  return JSON.stringify([value, context === undefined ? [] : [context], mechanism]);
}

/** Tells samples of one run apart without keeping them. */
export function questionDigest(
  providerId: string,
  keyRef: string,
  version: number | null,
  sample: WrappedSample,
): string {
  const question = JSON.stringify([providerId, keyRef, version, sampleText(sample)]);
  return createHash('sha256').update(question).digest('base64');
}
