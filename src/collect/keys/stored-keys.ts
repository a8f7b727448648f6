import type { StoredKey } from '../../model/facts/parts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { Estate } from '../estate.ts';
import { parseKmsArn } from './kms-arn.ts';
import { kmsProviderOf } from './kms-provider-of.ts';

/**
 * What the keys are that objects are encrypted with, by the configured provider of the account and region of each. The
 * credentials of the store are for the store alone, and are not used for it.
 *
 * @param keys as services name them, each once
 */
export async function storedKeyStates(
  estate: Pick<Estate, 'providers'>,
  keys: readonly string[],
): Promise<readonly StoredKey[]> {
  const told: StoredKey[] = [];
  // Services other than Amazon's name keys of a key server of their own, which their operator alone knows.
  for (const key of keys) if (parseKmsArn(key) !== null) told.push(await stateOf(estate, key));
  return told;
}

async function stateOf(estate: Pick<Estate, 'providers'>, key: string): Promise<StoredKey> {
  const untold = (because: string): StoredKey => ({ key, state: null, deletionDate: null, because });
  const open = kmsProviderOf(estate, key);
  if (open === undefined) {
    return untold('no provider of kind aws-kms of its account and region is configured, or none answered');
  }
  try {
    const { items, blindSpot } = await open.provider.key(key);
    const [found] = items;
    if (found === undefined) return untold(blindSpot?.detail ?? 'its provider did not show it');
    if (found.state === 'enabled' && found.canDecrypt === false)
      return { key, state: 'unavailable', deletionDate: null, because: 'it cannot decrypt' };
    return { key, state: found.state, deletionDate: found.deletionDate, because: null };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return untold(error.message);
  }
}
