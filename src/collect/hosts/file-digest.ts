import { createHmac } from 'node:crypto';

/** Files larger than this are no small configuration files and get no digest. */
export const LARGEST_DIGESTED = 1024 * 1024;

/** Keyed digest of a small file that may hold secrets: HMAC-SHA-256, so that nobody can test guesses against it. */
export function keyedDigest(key: string, contents: Uint8Array): string {
  return createHmac('sha256', key).update(contents).digest('hex');
}
