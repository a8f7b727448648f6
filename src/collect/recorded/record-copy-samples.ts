import type { BlindSpot } from '../../model/evidence.ts';
import type { PlannedCopyDraw } from '../../model/planned-draw.ts';
import { eachOf } from '../concurrency.ts';
import type { OpenLocation } from '../estate.ts';
import { isRepositoryOfFiles } from '../file-sets/read-file-copies.ts';
import type { SecondCopy } from '../second-copies/second-copy.ts';
import { snapshotCopiesOf } from '../second-copies/snapshot-copies-of.ts';
import type { FileProbe, FoundFile } from '../stores/file-probe.ts';
import { DamagedData } from '../trees/damaged-data.ts';
import type { CopySampleLine } from './copy-sample-line.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

type SamplesAccess = Pick<RecordingAccess, 'asker' | 'signal' | 'secret' | 'copySamples' | 'checksums'>;
type Found = NonNullable<CopySampleLine['copy']>['files'][number];

/** Stores that are asked for at once: one run of the program answers for those that come together. */
const STORES_AT_ONCE = 32;
/** Files of one store that are read at once. */
const FILES_AT_ONCE = 8;

/**
 * Looks for the files that a plan names in the snapshots of a location, as a scan would that can open it.
 *
 * @throws only when interrupted, and what `put` throws
 */
export async function recordCopySamples(access: SamplesAccess, open: OpenLocation, put: PutAnswer): Promise<void> {
  if (!isRepositoryOfFiles(open.config)) return;
  await eachOf(access.copySamples, STORES_AT_ONCE, async (draw) => put(await answerTo(access, open, draw)));
}

async function answerTo(access: SamplesAccess, open: OpenLocation, draw: PlannedCopyDraw): Promise<CopySampleLine> {
  const { root, files } = draw;
  const line = { type: 'copy-sample', location: open.config.name, root } as const;
  const pathsByKey = new Map(files.map(({ objectKey, paths }) => [objectKey, paths]));
  const paths = { roots: [root], pathsOf: (key: string) => pathsByKey.get(key) ?? [] };
  const [copy] = await snapshotCopiesOf(access, [open], paths, files);
  if (copy === undefined) return { ...line, copy: null, blindSpot: null };
  if ('blindSpot' in copy) return { ...line, copy: null, blindSpot: copy.blindSpot };
  const { found, blindSpot } = await lookedFor(access, copy, files);
  const { copy: name, moment, passedOver } = copy;
  const passed = passedOver === undefined ? {} : { passedOver };
  const method = open.config.purposes.includes('restic') ? 'restic' : 'borg';
  return { ...line, copy: { name, method, moment, ...passed, files: found }, blindSpot };
}

/** After the first file that cannot be read no other is asked for. */
async function lookedFor(
  { asker, signal, checksums }: SamplesAccess,
  { probe }: SecondCopy,
  files: PlannedCopyDraw['files'],
): Promise<{ readonly found: readonly Found[]; readonly blindSpot: BlindSpot | null }> {
  const found: Found[] = [];
  let blindSpot: BlindSpot | null = null;
  await eachOf(files, FILES_AT_ONCE, async ({ objectKey, bytes, sha256 }) => {
    if (blindSpot !== null) return;
    try {
      const looked = await probe.look(objectKey);
      if (looked.is !== 'found') {
        found.push({ objectKey, is: looked.is, size: null, digest: null });
        return;
      }
      const isWanted = checksums && sha256 !== null && (bytes === null || bytes === looked.bytes);
      const digest = isWanted ? await summed(probe, objectKey, looked) : null;
      const isDamaged = digest === DAMAGED;
      found.push({
        objectKey,
        is: isDamaged ? 'damaged' : 'found',
        size: looked.bytes,
        digest: isDamaged ? null : digest,
      });
      // A program tries for most of a minute to read what is damaged; one such file says enough of the place.
      if (isDamaged) blindSpot ??= NOT_READ;
    } catch (error) {
      signal.throwIfAborted();
      blindSpot ??= asker.blindSpotOf(error, probe.source);
    }
  });
  return { found, blindSpot };
}

const NOT_READ: BlindSpot = {
  reason: 'not-asked',
  detail: 'after a damaged file no other was read out of the snapshot',
  remedy: 'Check the repository with its own program, repair it, and take a new backup.',
};

const DAMAGED = Symbol('damaged');

async function summed(probe: FileProbe, key: string, file: FoundFile): Promise<string | null | typeof DAMAGED> {
  try {
    return await probe.checksum(key, file);
  } catch (error) {
    if (error instanceof DamagedData) return DAMAGED;
    throw error;
  }
}
