import type { LocationConfig } from '../../config/location-schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import { SourceError } from '../../model/source-error.ts';
import type { DeclaredCopy, StorePaths } from '../second-copies/second-copy.ts';
import { DamagedData } from '../trees/damaged-data.ts';
import type { RecordedCopySample } from './copy-sample-line.ts';
import { fileSetDefinition } from './file-set-definition.ts';
import type { RecordedLocation } from './recorded-location.ts';

/** The newest snapshot that holds a store, as the host told that can open it. */
export function recordedSnapshotCopies(
  { host, failure, fileSet, copySample }: RecordedLocation,
  config: LocationConfig,
  { roots: [root = ''], pathsOf }: StorePaths,
): readonly DeclaredCopy[] {
  const { name: location } = config;
  const sample = copySample(root);
  const blind = (blindSpot: BlindSpot): readonly DeclaredCopy[] => [{ location, blindSpot }];
  if (sample === null) return blind(failure ?? notPlanned(location, host));
  if (fileSet?.definition !== fileSetDefinition(config)) return blind(notPlanned(location, host));
  const { copy, blindSpot } = sample;
  if (copy === null) return blindSpot === null ? [] : blind(blindSpot);
  const known = new Map(copy.files.map((file) => [file.objectKey, file]));
  return [
    {
      location,
      copy: copy.name,
      method: copy.method,
      moment: copy.moment,
      ...(copy.passedOver === undefined ? {} : { passedOver: copy.passedOver }),
      probe: {
        locator: `${location}: ${copy.name}`,
        source: `location ${location}`,
        async look(key) {
          if (pathsOf(key).length === 0) return { is: 'refused' };
          const file = known.get(key);
          if (file === undefined) {
            const { reason, detail, remedy } = blindSpot ?? drawnOtherwise(location, host);
            throw new SourceError(reason, detail, remedy);
          }
          if (file.is === 'missing' || file.is === 'refused' || file.is === 'link') return { is: file.is };
          return { is: 'found', bytes: file.size, sha256: null, copied: null, locked: false };
        },
        async checksum(key) {
          const file = known.get(key);
          if (file?.is !== 'damaged') return file?.digest ?? null;
          throw new DamagedData(`a file of ${copy.name} in ${location} is damaged`, REPAIR);
        },
      },
    },
  ];
}

/** What was told of one store by two lines of a bundle, or by two bundles, the first of them newer. */
export function unitedCopySamples(
  newer: RecordedCopySample | null,
  older: RecordedCopySample | null,
): RecordedCopySample | null {
  if (newer === null || older === null) return newer ?? older;
  // What was seen before a look that failed may be gone since.
  if (newer.copy === null || older.copy === null) return newer;
  if (newer.copy.name !== older.copy.name) return newer;
  const own = new Set(newer.copy.files.map(({ objectKey }) => objectKey));
  const more = older.copy.files.filter(({ objectKey }) => !own.has(objectKey));
  return { copy: { ...newer.copy, files: [...newer.copy.files, ...more] }, blindSpot: newer.blindSpot };
}

const REPAIR = 'Check the repository with its own program, repair it, and take a new backup.';

function notPlanned(location: string, host: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: no files of this store were looked for in its snapshots when host ${host} was collected`,
    remedy:
      'Write a new plan with the names of files in it, and collect by it: recoverage plan, without --no-file-names.',
  };
}

function drawnOtherwise(location: string, host: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: host ${host} looked in its snapshots for other files than were drawn now`,
    remedy:
      'Write a new plan and collect by it on the day of the audit; collect.fileSample.seed keeps the draw the same for longer.',
  };
}
