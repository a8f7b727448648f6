import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { PhysicalContents } from '../backups/physical/physical-copy.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import type { RecordedCopySample } from './copy-sample-line.ts';
import type { HostAnswer } from './host-bundle-lines.ts';
import type { JoinedBundle } from './joined-hosts.ts';
import type { PhysicalLine } from './physical-lines.ts';
import { unitedCopySamples } from './recorded-copy-samples.ts';
import { fileSetBuilder } from './recorded-file-set.ts';
import type { RecordedLocation, RecordedReading, RecordedSnapshot } from './recorded-location.ts';

/** One line about a location that was opened before. */
export type LocationAnswer = Exclude<Extract<HostAnswer, { readonly location: string }>, { readonly type: 'location' }>;
/** Takes in the lines about one location. */
export interface LocationBuilder {
  take(answer: LocationAnswer): void;
  build(): RecordedLocation;
}

/**
 * @param keyDigest the keyed digest of a key's id, as the bundle has them
 * @param names of the databases whose copies were looked for by name; filled while the bundle is read
 */
export function locationBuilder(
  bundle: JoinedBundle,
  opening: Extract<HostAnswer, { readonly type: 'location' }>,
  keyDigest: (id: string) => string,
  names: ReadonlySet<string>,
): LocationBuilder {
  const files: ArtifactFile[] = [];
  const readings = { structure: new Map<string, RecordedReading>(), full: new Map<string, RecordedReading>() };
  const digests = new Map<string, Pick<Facts['file-copy'], 'digest' | 'digestOfModes' | 'links'>>();
  const fileSet = fileSetBuilder();
  const copySamples = new Map<string, RecordedCopySample>();
  const snapshots: RecordedSnapshot[] = [];
  const physical = new Map<string, PhysicalContents>();
  let notSnapshots: readonly Facts['unmatched-artifact'][] = [];
  // Where the line about them is missing, nobody looked.
  let snapshotsBlindSpot: BlindSpot | null = NOT_OPENED;
  let packages: readonly Facts['installer-package'][] | null = null;
  return {
    take(answer) {
      switch (answer.type) {
        case 'files':
          for (const file of answer.files) files.push(fileOn(bundle.collectorHost, file));
          break;
        case 'reading': {
          const { path, depth, readAt, recognition, failure } = answer;
          const outcome = recognition ?? (failure === null ? null : { failure });
          if (outcome !== null) readings[depth].set(path, { readAt, outcome });
          break;
        }
        case 'copied': {
          const { copy, sourcePath, digest, digestOfModes, links } = answer;
          const found = {
            digest,
            ...(digestOfModes === undefined ? {} : { digestOfModes }),
            ...(links === undefined ? {} : { links }),
          };
          digests.set(`${copy}\0${sourcePath}`, found);
          break;
        }
        case 'file-set':
        case 'file-copy':
        case 'copy-files':
        case 'copy-directories':
          fileSet.take(answer);
          break;
        case 'copy-sample':
          copySamples.set(answer.root, unitedCopySamples(answer, copySamples.get(answer.root) ?? null) ?? answer);
          break;
        case 'snapshot': {
          const keys = new Set(answer.keys);
          const holds = (mountUuid: string, keyName: string) => keys.has(keyDigest(`${mountUuid}/${keyName}`));
          const written = new Map(Object.entries(answer.written ?? {}));
          const writtenAt = (mountUuid: string, keyName: string) =>
            written.get(keyDigest(`${mountUuid}/${keyName}`)) ?? null;
          snapshots.push({ fact: answer.fact, holds, writtenAt });
          break;
        }
        case 'snapshots':
          notSnapshots = answer.unmatched;
          snapshotsBlindSpot = answer.blindSpot;
          break;
        case 'physical':
          physical.set(answer.purpose, {
            ...contentsOn(bundle.collectorHost, answer.contents),
            ...(answer.byNames === true ? { databasesLookedFor: names } : {}),
          });
          break;
        case 'packages':
          packages = answer.packages;
          break;
      }
    },
    build: () => ({
      name: opening.location,
      host: bundle.collectorHost,
      collectedAt: opening.collectedAt,
      listedAt: opening.listedAt ?? opening.collectedAt,
      locator: opening.locator,
      attachment: opening.attachment,
      files,
      links: opening.links.map(({ path, bytes, modifiedAt }) => ({ path, bytes, modifiedAt })),
      failure: opening.failure,
      reading: (path, depth) => readings[depth].get(path) ?? null,
      digests: (copy, sourcePath) => digests.get(`${copy}\0${sourcePath}`) ?? null,
      fileSet: fileSet.build(),
      copySample: (root) => copySamples.get(root) ?? null,
      snapshots,
      notSnapshots,
      snapshotsBlindSpot: opening.failure ?? snapshotsBlindSpot,
      physical,
      packages,
    }),
  };
}

/** What tells files with several names apart does so on one host. */
function fileOn(host: string, file: ArtifactFile): ArtifactFile {
  return file.linked === undefined ? file : { ...file, linked: `${host} ${file.linked}` };
}

function contentsOn(host: string, { linked, ...contents }: PhysicalLine): PhysicalContents {
  return linked === undefined ? contents : { ...contents, linked: new Set(linked.map((file) => `${host} ${file}`)) };
}

const NOT_OPENED: BlindSpot = {
  reason: 'not-asked',
  detail: 'snapshots were not opened where the location was collected',
  remedy: 'Write a new plan, which asks for them, and collect again: recoverage plan, collect --plan.',
};
