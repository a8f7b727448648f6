import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { PhysicalContents } from '../backups/physical/physical-copy.ts';
import type { CertificateReading } from '../hosts/certificate-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import type { HostAnswer } from './host-bundle-lines.ts';
import {
  type JoinedAnswer,
  type JoinedBundle,
  type JoinedHosts,
  type JoinedStore,
  unitedLocations,
} from './joined-hosts.ts';
import type { RecordedLocation, RecordedReading, RecordedSnapshot } from './recorded-location.ts';

/** A bundle whose answers are taken in one by one. */
export interface JoinedBundleSource {
  readonly bundle: JoinedBundle;
  readonly answers: AsyncIterable<HostAnswer>;
  /** The keyed digest of a key's id, as this bundle has them. */
  readonly keyDigest: (id: string) => string;
}

/** Takes in every answer of the bundles. @throws what reading one throws */
export async function joinBundles(sources: readonly JoinedBundleSource[]): Promise<JoinedHosts> {
  const files = new Map<string, JoinedAnswer<Facts['host-file']>[]>();
  const licenses = new Map<string, JoinedAnswer<Facts['license-file']>[]>();
  const certificates = new Map<string, JoinedAnswer<CertificateReading>[]>();
  const systems: JoinedAnswer<Facts['host-system']>[] = [];
  const stores = new Map<string, JoinedAnswer<JoinedStore>[]>();
  const attachments = new Map<string, { readonly at: Instant; readonly attachment: Attachment }>();
  const locations = new Map<string, RecordedLocation>();
  const attached = (path: string, at: Instant, attachment: Attachment): void => {
    const known = attachments.get(path);
    if (known === undefined || known.at <= at) attachments.set(path, { at, attachment });
  };
  for (const { bundle, answers, keyDigest } of sources) {
    const own = new Map<string, LocationBuilder>();
    for await (const answer of answers) {
      switch (answer.type) {
        case 'host-file': {
          const { collectedAt, blindSpot, fact } = answer;
          append(files, `${answer.role} ${answer.path}`, { bundle, collectedAt, blindSpot, value: fact });
          break;
        }
        case 'license-file': {
          const { collectedAt, blindSpot, fact, path } = answer;
          append(licenses, path, { bundle, collectedAt, blindSpot, value: fact });
          break;
        }
        case 'certificate-file': {
          const { collectedAt, blindSpot, certificate, path } = answer;
          append(certificates, path, { bundle, collectedAt, blindSpot, value: certificate });
          break;
        }
        case 'host-system':
          systems.push({ bundle, collectedAt: answer.collectedAt, blindSpot: answer.blindSpot, value: answer.fact });
          break;
        case 'store': {
          const { collectedAt, blindSpot, state, path } = answer;
          append(stores, path, { bundle, collectedAt, blindSpot, value: state });
          attached(path, collectedAt, answer.attachment);
          break;
        }
        case 'location':
          own.set(answer.location, newBuilder(bundle, answer, keyDigest));
          attached(answer.locator, answer.collectedAt, answer.attachment);
          break;
        case 'finished':
          break;
        default:
          own.get(answer.location)?.take(answer);
      }
    }
    for (const [name, builder] of own) {
      const known = locations.get(name);
      const built = builder.build();
      locations.set(name, known === undefined ? built : unitedLocations(known, built));
    }
  }
  return {
    bundles: sources.map(({ bundle }) => bundle),
    hostFiles: (role, path) => files.get(`${role} ${path}`) ?? [],
    licenseFiles: (path) => licenses.get(path) ?? [],
    certificateFiles: (path) => certificates.get(path) ?? [],
    systems: () => systems,
    store: (path) => stores.get(path) ?? [],
    attachment: (path) => attachments.get(path)?.attachment ?? null,
    location: (name) => locations.get(name) ?? null,
  };
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

type LocationAnswer = Exclude<
  HostAnswer,
  {
    readonly type:
      | 'host-file'
      | 'license-file'
      | 'certificate-file'
      | 'host-system'
      | 'store'
      | 'location'
      | 'finished';
  }
>;
interface LocationBuilder {
  take(answer: LocationAnswer): void;
  build(): RecordedLocation;
}

function newBuilder(
  bundle: JoinedBundle,
  opening: Extract<HostAnswer, { readonly type: 'location' }>,
  keyDigest: (id: string) => string,
): LocationBuilder {
  const files: ArtifactFile[] = [];
  const readings = { structure: new Map<string, RecordedReading>(), full: new Map<string, RecordedReading>() };
  const digests = new Map<string, Pick<Facts['file-copy'], 'digest' | 'digestOfModes'>>();
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
          for (const { path, bytes, modifiedAt, version } of answer.files) {
            files.push({ path, bytes, modifiedAt, ...(version === undefined ? {} : { version }) });
          }
          break;
        case 'reading': {
          const { path, depth, readAt, recognition, failure } = answer;
          const outcome = recognition ?? (failure === null ? null : { failure });
          if (outcome !== null) readings[depth].set(path, { readAt, outcome });
          break;
        }
        case 'copied': {
          const { copy, sourcePath, digest, digestOfModes } = answer;
          const found = { digest, ...(digestOfModes === undefined ? {} : { digestOfModes }) };
          digests.set(`${copy}\0${sourcePath}`, found);
          break;
        }
        case 'snapshot': {
          const keys = new Set(answer.keys);
          const holds = (mountUuid: string, keyName: string) => keys.has(keyDigest(`${mountUuid}/${keyName}`));
          snapshots.push({ fact: answer.fact, holds });
          break;
        }
        case 'snapshots':
          notSnapshots = answer.unmatched;
          snapshotsBlindSpot = answer.blindSpot;
          break;
        case 'physical':
          physical.set(answer.purpose, {
            ...answer.contents,
            archives: answer.contents.archives.map(({ readToEnd, ...archive }) =>
              readToEnd === undefined ? archive : { ...archive, readToEnd },
            ),
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
      locator: opening.locator,
      attachment: opening.attachment,
      files,
      links: opening.links.map(({ path, bytes, modifiedAt, special }) => ({
        path,
        bytes,
        modifiedAt,
        ...(special === undefined ? {} : { special }),
      })),
      failure: opening.failure,
      reading: (path, depth) => readings[depth].get(path) ?? null,
      digests: (copy, sourcePath) => digests.get(`${copy}\0${sourcePath}`) ?? null,
      snapshots,
      notSnapshots,
      snapshotsBlindSpot: opening.failure ?? snapshotsBlindSpot,
      physical,
      packages,
    }),
  };
}

const NOT_OPENED: BlindSpot = {
  reason: 'not-asked',
  detail: 'snapshots were not opened where the location was collected',
  remedy: 'Write a new plan, which asks for them, and collect again: recoverage plan, collect --plan.',
};
