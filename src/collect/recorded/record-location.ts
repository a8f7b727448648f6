import type { LocationConfig } from '../../config/location-schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import { systemClock } from '../ask.ts';
import { type DumpArtifact, readLocation, readToEnd } from '../backups/artifact-index.ts';
import { listLocation } from '../backups/list-location.ts';
import type { OpenLocation } from '../estate.ts';
import { readInstallers } from '../hosts/installer-packages.ts';
import { lookAtLocation } from '../hosts/location-mount.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import { readSnapshotLocation } from '../keys/vault-snapshots.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { localDirectoryTree } from '../trees/local-directory.ts';
import type { HostAnswer } from './host-bundle-lines.ts';
import { recordCopySamples } from './record-copy-samples.ts';
import { recordFileCopies } from './record-file-copies.ts';
import { recordPhysical } from './record-physical.ts';
import { recordReadings } from './recorded-location.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

export type DirectoryLocation = Extract<LocationConfig, { readonly kind: 'directory' }>;

const FILES_IN_LINE = 1000;

/**
 * Reads a directory of copies by the same rules as a scan would, and tells what it found as lines of a bundle: names,
 * sizes, times and verdicts of readers, never what is in the files.
 */
export async function recordLocation(
  access: RecordingAccess,
  config: DirectoryLocation,
  put: PutAnswer,
): Promise<void> {
  const { asker, signal, probe } = access;
  const { name, path } = config;
  const collectedAt = systemClock();
  const blindSpotOf = (error: unknown): BlindSpot => asker.blindSpotOf(error, `location ${name}`);
  const tree = localDirectoryTree({ root: path });
  const opening = { type: 'location', collectedAt, location: name, locator: tree.locator } as const;
  let attachment: Attachment = 'unknown';
  try {
    await lookAtLocation(config, config.reachableFrom ?? null, { probe, signal }, (seen) => {
      attachment = seen;
    });
  } catch (error) {
    signal.throwIfAborted();
    await put({ ...opening, attachment, failure: blindSpotOf(error), links: [] });
    return;
  }
  const { files, links, failure } = await listLocation(tree, signal);
  if (failure !== null) signal.throwIfAborted();
  const whyNot = failure === null ? null : blindSpotOf(failure.error);
  const listedAt = systemClock();
  await put({ ...opening, listedAt, attachment, failure: whyNot, links: links.map(fileLine) });
  for (let at = 0; at < files.length; at += FILES_IN_LINE) {
    await put({ type: 'files', location: name, files: files.slice(at, at + FILES_IN_LINE).map(fileLine) });
  }
  const purposes = new Set(config.purposes);
  if (purposes.has('dumps')) await recordDumps(access, config, tree, put);
  const open: OpenLocation = {
    config,
    subject: { kind: 'location', key: name, organizationId: null, name },
    tree,
    blindSpot: null,
    bucket: null,
    clockOffsetMillis: () => null,
  };
  if (purposes.has('files')) {
    await recordFileCopies(access, open, put);
    await recordCopySamples(access, open, put);
  }
  if (purposes.has('vault-snapshots')) await recordSnapshots(access, config, tree, put);
  if (purposes.has('installers')) {
    const packages = await readInstallers(name, tree, access.productVersion, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      void error;
      return null;
    });
    if (packages !== null) await put({ type: 'packages', location: name, packages });
  }
  await recordPhysical(access, open, put);
}

function fileLine({ path, bytes, modifiedAt, version, archivedIn, linked, special }: ArtifactFile) {
  return {
    path,
    bytes,
    modifiedAt,
    ...(version === undefined ? {} : { version }),
    ...(special === undefined ? {} : { special }),
    ...(archivedIn === undefined ? {} : { archivedIn }),
    ...(linked === undefined ? {} : { linked }),
  };
}

async function recordDumps(
  { asker, signal, depth }: RecordingAccess,
  { name, timeZone, servers }: DirectoryLocation,
  tree: ArtifactTree,
  put: PutAnswer,
): Promise<void> {
  const blindSpotOf = (error: unknown): BlindSpot => asker.blindSpotOf(error, `location ${name}`);
  // Written as they come: of a hundred thousand dumps only those that wait for the disk are held.
  let written: Promise<void> = Promise.resolve();
  recordReadings(tree, (path, read, outcome) => {
    if (signal.aborted) return;
    const line = { type: 'reading', location: name, path, depth: read, readAt: systemClock() } as const;
    const answer: HostAnswer =
      'error' in outcome
        ? { ...line, recognition: null, failure: blindSpotOf(outcome.error) }
        : { ...line, recognition: outcome, failure: null };
    written = written.then(() => put(answer));
    // Its failure is seen where all of it is awaited.
    written.catch(() => undefined);
  });
  const place = { name, tree, timeZone: timeZone ?? null, servers: servers ?? null };
  // Which names are those of databases is known where the bundle is judged.
  const contents = await readLocation(place, new Set(), blindSpotOf, signal);
  await written;
  if (depth === 'structure') return;
  const wanted = depth === 'full' ? contents.artifacts : newestOfEach(contents.artifacts);
  for (const artifact of wanted) {
    await readToEnd(artifact, signal).catch(() => signal.throwIfAborted());
    await written;
  }
}

/** The newest dump of every database that is named inside; of those without a name, of every directory. */
function newestOfEach(artifacts: readonly DumpArtifact[]): readonly DumpArtifact[] {
  const newest = new Map<string, DumpArtifact>();
  for (const artifact of artifacts) {
    const above = artifact.path.slice(0, Math.max(0, artifact.path.lastIndexOf('/')));
    const key = artifact.reading.databaseName === null ? `in ${above}` : `of ${artifact.reading.databaseName}`;
    const known = newest.get(key);
    if (known === undefined || artifact.modifiedAt > known.modifiedAt) newest.set(key, artifact);
  }
  return [...newest.values()];
}

async function recordSnapshots(
  { asker, signal, keyDigest }: RecordingAccess,
  { name: location, vaultFiles }: DirectoryLocation,
  tree: ArtifactTree,
  put: PutAnswer,
): Promise<void> {
  const blindSpotOf = (error: unknown): BlindSpot => asker.blindSpotOf(error, `location ${location}`);
  const copiedWhileStopped = vaultFiles?.copiedWhileStopped ?? false;
  const place = { name: location, tree, copiedWhileStopped, keepsFileTimes: true };
  const found = await readSnapshotLocation(place, blindSpotOf, signal);
  for (const { fact, keys, writtenAt } of found.snapshots) {
    const held = [...(keys?.() ?? [])];
    const written = held.flatMap((id) => {
      const at = writtenAt(...mountAndName(id));
      return at === null ? [] : [[keyDigest(id), at] as const];
    });
    const times = written.length === 0 ? {} : { written: Object.fromEntries(written.sort()) };
    await put({ type: 'snapshot', location, fact, keys: held.map(keyDigest).sort(), ...times });
  }
  await put({ type: 'snapshots', location, unmatched: [...found.unmatched], blindSpot: found.blindSpot });
}

/** The two parts of `<mount uuid>/<name>`. */
function mountAndName(id: string): readonly [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}
