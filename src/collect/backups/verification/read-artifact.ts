import { recordedIn } from '../../recorded/recorded-location.ts';
import { type DumpArtifact, readToEnd } from '../artifact-index.ts';
import { type Verification, verifiedNow } from './verification-memory.ts';

/** Reads a dump to its last byte. @throws SourceError when it cannot be read, and when interrupted */
export async function verifyArtifact(
  artifact: DumpArtifact,
  signal: AbortSignal,
): Promise<Omit<Verification, 'isNew'>> {
  const recognition = await readToEnd(artifact, signal);
  const recorded = recordedIn(artifact.location.tree)?.reading(artifact.path, 'full');
  const verifiedAt = recorded?.readAt ?? verifiedNow();
  if (recognition.kind !== 'dump') {
    return { outcome: 'damaged', because: recognition.what, reading: null, verifiedAt };
  }
  const { reading } = recognition;
  const { state, because } = reading.integrity;
  const outcome = ({ complete: 'whole', incomplete: 'damaged', unproven: 'unproven' } as const)[state];
  return { outcome, because, reading, verifiedAt };
}
