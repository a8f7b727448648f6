import type { BlindSpot } from '../../model/evidence.ts';
import type { PlannedDraw } from '../../model/planned-draw.ts';
import { systemClock } from '../ask.ts';
import { eachOf } from '../concurrency.ts';
import { localFileProbe } from '../local-file-probe.ts';
import { type FileProbe, type FoundFile, OneFileError } from '../stores/file-probe.ts';
import type { FileSampleLine } from './file-sample-line.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

/** What looking for files takes. */
export type FileSampleAccess = Pick<RecordingAccess, 'asker' | 'signal' | 'probe' | 'checksums'>;

type Found = FileSampleLine['files'][number];

/** Files of one store that are looked for at once. */
const AT_ONCE = 8;

/**
 * Looks for the files of one draw in their store. After the first that the file system does not answer about, no other
 * is asked for; one that is written to while it is read keeps no other from being asked for.
 *
 * @throws only when interrupted, and what `put` throws
 */
export async function recordFileSample(access: FileSampleAccess, draw: PlannedDraw, put: PutAnswer): Promise<void> {
  const { asker, signal } = access;
  const probe = localFileProbe(draw.store, access);
  const collectedAt = systemClock();
  const found = new Map<string, Found>();
  let blindSpot: BlindSpot | null = null;
  let isStopped = false;
  await eachOf(draw.files, AT_ONCE, async (row) => {
    const unseen: Found = { ...row, is: null, size: null, modifiedAt: null, digest: null };
    if (isStopped) {
      found.set(row.objectKey, unseen);
      return;
    }
    try {
      const looked = await probe.look(row.objectKey);
      const seen: Found = { ...unseen, is: looked.is };
      found.set(row.objectKey, looked.is === 'found' ? await described(access, probe, seen, looked) : seen);
    } catch (error) {
      signal.throwIfAborted();
      blindSpot ??= asker.blindSpotOf(error, probe.source);
      isStopped ||= !(error instanceof OneFileError);
      found.set(row.objectKey, unseen);
    }
  });
  const { files, ...drawn } = draw;
  const inOrder = files.flatMap(({ objectKey }) => found.get(objectKey) ?? []);
  await put({ type: 'file-sample', collectedAt, ...drawn, files: inOrder, blindSpot });
}

async function described(
  { checksums }: FileSampleAccess,
  probe: FileProbe,
  row: Found,
  file: FoundFile,
): Promise<Found> {
  const isWanted = checksums && row.sha256 !== null && (row.bytes === null || row.bytes === file.bytes);
  const { bytes: size, modifiedAt = null, linked } = file;
  const shared = linked === undefined ? {} : { linked };
  return { ...row, ...shared, size, modifiedAt, digest: isWanted ? await probe.checksum(row.objectKey, file) : null };
}
