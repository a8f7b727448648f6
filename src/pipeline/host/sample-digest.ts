import type { WrappedSample } from '../../collect/keys/key-provider.ts';
import { sampleText } from '../../collect/keys/sample-text.ts';
import type { Secret } from '../../model/secret.ts';
import { macFor } from './shared-key.ts';

/**
 * What tells the same wrapped sample on two hosts that share a key, and nothing of it to anybody else. The same in every
 * bundle, so that two of them can be united.
 *
 * @param key the digestKey; null where there is none, and then nothing can be compared
 */
export function sampleDigestBy(key: Secret | null): (sample: WrappedSample) => string | null {
  return (sample) => (key === null ? null : macFor(key, 'wrapped samples').update(sampleText(sample)).digest('hex'));
}
