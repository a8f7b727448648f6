import type { Facts } from '../../model/facts.ts';
import { LARGEST_DIGESTED } from './file-digest.ts';
import type { HostAccess } from './read-host-file.ts';

/**
 * The license file on the host that this runs on: existence, mode, time, keyed digest and the validity that it states.
 *
 * @throws SourceError where it cannot be looked at
 */
export async function readLicenseFile(
  { probe, digestKey, signal }: HostAccess,
  path: string,
): Promise<Facts['license-file']> {
  const found = await probe.ask({ ask: 'license', path, key: digestKey.reveal(), most: LARGEST_DIGESTED }, signal);
  if (found === null) return { path, exists: false, mode: null, modifiedAt: null, digest: null, says: null };
  const { mode, modifiedAt, digest, says } = found;
  return { path, exists: true, mode, modifiedAt, digest, says };
}
