import type { Facts } from '../../model/facts.ts';
import type { Secret } from '../../model/secret.ts';
import { LARGEST_DIGESTED } from './file-digest.ts';
import type { HostProbe } from './probe/host-probe.ts';

type HostFile = Facts['host-file'];

/** What looking at host files takes. */
export interface HostAccess {
  readonly probe: HostProbe;
  readonly digestKey: Secret;
  readonly signal: AbortSignal;
}

/**
 * One file or directory that starting the install needs, on the host that this runs on. Existence, mode, owner, times
 * and keyed digests only: both can hold setup secrets.
 *
 * @throws SourceError where it cannot be looked at, or a part of it may not be read
 */
export async function readHostFile(
  { probe, digestKey, signal }: HostAccess,
  role: HostFile['role'],
  path: string,
): Promise<HostFile> {
  const key = digestKey.reveal();
  const most = role === 'bootstrap' ? LARGEST_DIGESTED : 0;
  const found = await probe.ask({ ask: 'file', path, key, most }, signal);
  if (found === null) return { role, path, exists: false, mode: null, digest: null };
  const { mode, owner, digest, modifiedAt } = found;
  const seen = { role, path, exists: true, mode, owner } as const;
  if (role === 'bootstrap' || !found.isDirectory) {
    return {
      ...seen,
      digest,
      modifiedAt,
      ...(found.isFile ? { bytes: found.bytes } : {}),
      ...(found.text ?? {}),
      ...(found.isLink ? { link: true } : {}),
    };
  }
  const tree = await probe.ask({ ask: 'tree', path, key, except: null }, signal);
  return {
    ...seen,
    digest: tree.digest,
    digestOfModes: tree.digestOfModes,
    modifiedAt: tree.newestAt,
    files: tree.files,
    bytes: tree.bytes,
    links: tree.links,
    setupSecrets: tree.setupSecrets,
  };
}
