import type { CertificateReading } from './certificate-reading.ts';
import type { HostProbe } from './probe/host-probe.ts';

/** A file with a chain of certificates and a key beside it has some kilobytes. Bytes. */
const LARGEST = 1024 * 1024;

/**
 * The first certificate of a PEM file on the host that this runs on. A key in the same file leaves the probe's process
 * in no answer.
 *
 * @throws SourceError where it is not there, cannot be looked at, or holds none
 */
export function readCertificateFile(
  { probe, signal }: { readonly probe: HostProbe; readonly signal: AbortSignal },
  path: string,
): Promise<CertificateReading> {
  return probe.ask({ ask: 'certificate', path, most: LARGEST }, signal);
}
