import type { LocationConfig } from '../../config/location-schema.ts';
import { type Attachment, isMountedAt } from './mounted-on.ts';
import type { HostProbe } from './probe/host-probe.ts';
import { MountError, notMounted } from './probe/mount-error.ts';

type Directory = Extract<LocationConfig, { readonly kind: 'directory' }>;

/**
 * Looks whether a directory of copies is the one that is meant, and not what is left of it where nothing is mounted: an
 * empty one then is no place without copies, but one of which nothing can be seen.
 *
 * @param host that this runs on, as the configuration calls it; null where that is not known
 * @param onAttachment told how the directory is attached, also where it is not the one that is meant
 * @throws SourceError where it is not, and where its file system does not answer
 */
export async function lookAtLocation(
  { path, mountPoint, failureDomain }: Directory,
  host: string | null,
  { probe, signal }: { readonly probe: HostProbe; readonly signal: AbortSignal },
  onAttachment: (attachment: Attachment) => void,
): Promise<void> {
  const attachment = await probe.ask({ ask: 'attachment', path }, signal);
  onAttachment(attachment);
  // A share that hangs shows here, where it holds up nothing else, and an automounter mounts it.
  const { empty } = await probe.ask({ ask: 'directory', path }, signal);
  if (mountPoint !== undefined && isMountedAt(mountPoint) === false) {
    throw notMounted(path, mountPoint, 'the configuration');
  }
  const stated = failureDomain?.host;
  const isElsewhere = stated !== undefined && host !== null && stated.toLowerCase() !== host.toLowerCase();
  if (!empty || attachment !== 'local' || !isElsewhere || failureDomain?.attachedAs !== undefined) return;
  throw new MountError(
    'unreachable',
    `${JSON.stringify(path)} is stated to stand on host ${stated}, and is an empty directory on a disk of ${host}: nothing seems to be mounted there`,
    `Mount it and run the audit again, or correct its failureDomain: attachedAs, where it looks like a disk of ${host} and is none.`,
  );
}
