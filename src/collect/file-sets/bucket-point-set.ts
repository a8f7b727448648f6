import type { BlindSpot } from '../../model/evidence.ts';
import type { PhysicalLocation } from '../backups/physical/cluster-copies.ts';
import type { BucketPoint } from '../backups/physical/physical-copy.ts';
import type { FileCopies, OpenLocation } from '../estate.ts';
import type { DatedCopy } from '../hosts/dated-copies.ts';
import { datedCopySettings } from '../hosts/unfitting-names.ts';

/**
 * Recovery points of AWS Backup that hold whole buckets, as copies of what lies in them: `/bucket` stands for the bucket, as
 * wherever files of one are copied.
 */
export function bucketPointSets(
  locations: readonly OpenLocation[],
  physical: readonly PhysicalLocation[],
): readonly FileCopies[] {
  return locations
    .filter(({ config }) => config.kind === 'aws' && config.purposes.includes('managed-backups'))
    .map((location) => {
      const contents = physical.find(({ name }) => name === location.config.name)?.contents;
      const points = contents?.bucketPoints ?? [];
      const undated = points.filter(({ takenAt }) => takenAt === null);
      const copies = points.flatMap(copyOf).sort((a, b) => b.moment.localeCompare(a.moment));
      return {
        location,
        settings: { ...datedCopySettings(location.config), sourceRoot: '/' },
        copies: { copies, strays: [] },
        blindSpot: contents?.blindSpot ?? location.blindSpot ?? momentsUntold(location.config.name, undated),
      };
    });
}

function copyOf({ bucket, arn, takenAt, complete, because }: BucketPoint): readonly DatedCopy[] {
  if (takenAt === null) return [];
  const [files, directories] = [new Map(), new Map()];
  return [
    { name: arn, moment: takenAt, complete, because, series: bucket, files, directories, statedPath: `/${bucket}` },
  ];
}

function momentsUntold(location: string, points: readonly BucketPoint[]): BlindSpot | null {
  const [first] = points;
  if (first === undefined) return null;
  return {
    reason: 'unsupported',
    detail: `location ${location}: AWS Backup does not tell to which moment recovery point ${first.arn} of bucket ${first.bucket} restores`,
    remedy: 'Have AWS Backup take periodic recovery points of the bucket as well, which tell when they are of.',
  };
}
