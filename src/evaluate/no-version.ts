import { type LiveVersion, live } from './live-version.ts';

/* Records of key versions that their provider can never have had. */

/** Vault numbers from here on, and takes `min_decryption_version=0` for this (Vault API documentation, Transit). */
const FIRST_VERSION = 1;
const NO_VERSION =
  'is none that its provider can have, which numbers them from 1: the record is malformed and does not tell which one is used';

/** @param isNumbered of a provider that numbers versions */
export function isNoVersion(version: number | null, isNumbered: boolean): version is number {
  return isNumbered && version !== null && version < FIRST_VERSION;
}

/**
 * What the live key can do with such a version: nothing tells which one is meant, and of a lost key every one is lost.
 *
 * @param whole what it can do as a whole
 */
export function liveNoVersion(whole: LiveVersion): LiveVersion {
  if (whole.state !== 'lost') return { ...live('unknown', NO_VERSION), tellsNone: true };
  return { ...whole, because: `${whole.because}, and ${NO_VERSION}`, tellsNone: true };
}
