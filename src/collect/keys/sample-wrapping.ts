import { SourceError } from '../../model/source-error.ts';
import type { WrappedSample } from './key-provider.ts';

/** How a sample was wrapped, or what is said of it that is none of the ways known. */
export type StatedWrapping<W extends string> =
  | { readonly is: 'known'; readonly wrapping: W }
  | { readonly is: 'other' };

/**
 * What the sample's own record says, else what the configuration of its provider does.
 *
 * @param known every way of this kind of provider by which unwrapping would show something
 * @param locator the provider, safe to print
 * @throws SourceError not-asked where neither says anything
 */
export function statedWrapping<W extends string>(
  sample: WrappedSample,
  configured: W | null,
  known: readonly W[],
  locator: string,
): StatedWrapping<W> {
  const recorded = sample.mechanism?.trim() ?? '';
  if (recorded === '' && configured !== null) return { is: 'known', wrapping: configured };
  if (recorded === '') {
    throw new SourceError(
      'not-asked',
      `${locator}: nothing tells how the samples were wrapped, and guessing could show nothing`,
      `State wrapping of the provider in the configuration, or give samples a column mechanism in the mapping: one of ${known.join(', ')}.`,
    );
  }
  const wrapping = known.find((one) => one.toLowerCase() === recorded.toLowerCase());
  return wrapping === undefined ? { is: 'other' } : { is: 'known', wrapping };
}

/** Why a way that is not listed proves nothing. */
export function otherWrapping(known: readonly string[]): string {
  return `the mechanism that its record names is none by which a wrong key would be noticed: ${known.join(', ')}`;
}

/** The bytes of a sample that was read as bytes (`\x` and hexadecimal digits), or as text in base64 or base64url; null for what is neither. */
export function bytesOfSample(value: string): Buffer | null {
  if (value.startsWith('\\x')) return Buffer.from(value.slice(2), 'hex');
  const text = value.trim();
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}
