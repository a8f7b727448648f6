import type { LocationConfig } from '../../config/location-schema.ts';
import type { BlindSpot } from '../../model/evidence.ts';
import { counted } from '../../model/text.ts';
import { systemClock } from '../ask.ts';
import { readInventory } from '../backups/inventory/read-inventory.ts';
import { readSnapshotListing } from '../backups/physical/filesystem/filesystem-snapshots.ts';
import type { Collection, FileCopies, OpenLocation } from '../estate.ts';
import { readDatedCopies } from '../hosts/dated-copies.ts';
import { datedCopySettings, unfittingNames } from '../hosts/unfitting-names.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import type { ArtifactTree } from '../trees/artifact-tree.ts';
import { readArchiveSet } from './archive-set.ts';
import { readMirrorSet } from './mirror-set.ts';
import { repositoryOf } from './opened-repository.ts';
import { readRecordedSet } from './recorded-set.ts';
import { readSnapshotSet } from './snapshot-set.ts';
import { snapshotsOfDirectories, statedFileCopies } from './stated-set.ts';

/** Whether copies of files are in the snapshots of a program, and not in dated directories. */
export function isRepositoryOfFiles({ purposes }: Pick<LocationConfig, 'purposes'>): boolean {
  return purposes.includes('files') && (purposes.includes('restic') || purposes.includes('borg'));
}

/** Whether copies of files are told by listings that name each. */
export function namesItsFiles(config: Pick<LocationConfig, 'purposes'>): boolean {
  const isStated = config.purposes.some(
    (purpose) => purpose === 'filesystem-snapshots' || purpose === 'inventory' || purpose === 'managed-backups',
  );
  return !isRepositoryOfFiles(config) && !isStated;
}

/** Whether the names that lie in a location tell its copies: of directories, and not of what would have to be opened. */
export function isToldByNames(config: Pick<LocationConfig, 'purposes' | 'files'>): boolean {
  return namesItsFiles(config) && config.files?.layout !== 'archives';
}

type Access = Pick<Collection, 'asker' | 'signal' | 'secret'>;

/**
 * Lists every location that holds copies of files.
 *
 * @param kept paths of the source host whose copies are compared with what is there
 */
export async function readFileCopies(
  access: Access,
  locations: readonly OpenLocation[],
  kept: readonly string[],
): Promise<readonly FileCopies[]> {
  return Promise.all(
    locations
      .filter((location) => location.config.purposes.includes('files'))
      .map(async (location): Promise<FileCopies> => {
        const settings = datedCopySettings(location.config);
        if (location.tree === null) return { location, settings, copies: null, blindSpot: location.blindSpot };
        try {
          return { location, settings, ...(await copiesIn(access, location, kept)) };
        } catch (error) {
          access.signal.throwIfAborted();
          const blindSpot = access.asker.blindSpotOf(error, `location ${location.config.name}`);
          return { location, settings, copies: null, blindSpot };
        }
      }),
  );
}

async function copiesIn(
  access: Access,
  location: OpenLocation,
  kept: readonly string[],
): Promise<Omit<FileCopies, 'location' | 'settings'>> {
  const { signal } = access;
  const { config, tree } = location;
  if (tree === null) throw new TypeError('the location is open');
  const settings = datedCopySettings(config);
  const layout = config.files?.layout ?? 'dated';
  const recorded = recordedIn(tree);
  if (recorded !== null && !isToldByNames(config)) {
    return readRecordedSet({ config, tree }, recorded, settings, signal);
  }
  if (isRepositoryOfFiles(config)) {
    const files = await repositoryOf(access, location);
    const { copies, contents, left } = await readSnapshotSet(files, settings.sourceRoot, kept, signal);
    return { copies, contents, blindSpot: left === 0 ? null : notAllLooked(config, left) };
  }
  const stated = await statedIn(access, config, tree);
  if (stated !== null) return stated;
  if (layout === 'archives') {
    const { copies, contents, unread } = await readArchiveSet(tree, settings, kept, signal);
    const unfitting = copies.copies.length > 0 ? null : unfittingNames(config, settings, copies.strays);
    return { copies, contents, blindSpot: notOpened(config, unread) ?? unfitting };
  }
  if (layout === 'mirror') {
    return { copies: await readMirrorSet(tree, settings, config.name, signal), blindSpot: null };
  }
  const copies = await readDatedCopies(tree, settings, signal);
  return { copies, blindSpot: copies.copies.length > 0 ? null : unfittingNames(config, settings, copies.strays) };
}

function notAllLooked({ name }: Pick<LocationConfig, 'name'>, left: number): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${name}: ${counted(left, 'series of snapshots', 'series of snapshots')} ${left === 1 ? 'was' : 'were'} not looked into`,
    remedy: 'Keep the files of the install in a repository of their own, or fewer series of snapshots in one.',
  };
}

/** Archives that may be whole, and that nobody could look into. */
function notOpened({ name }: Pick<LocationConfig, 'name'>, unread: readonly string[]): BlindSpot | null {
  const [first, ...more] = unread;
  if (first === undefined) return null;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  return {
    reason: 'unsupported',
    detail: `location ${name}: ${first}${others}`,
    remedy: 'Keep archives that the audit can open, in gzip, zstd, lz4, bzip2 or xz, or attest what is kept there.',
  };
}

/** What a listing of snapshots or an inventory says of files; null where the location is neither. */
async function statedIn(
  { asker, signal }: Access,
  config: LocationConfig,
  tree: ArtifactTree,
): Promise<Omit<FileCopies, 'location' | 'settings'> | null> {
  const { filesystemSnapshots, inventory, purposes, timeZone = null } = config;
  const now = systemClock();
  const blindSpotOf = (error: unknown): BlindSpot => asker.blindSpotOf(error, `location ${config.name}`);
  if (purposes.includes('filesystem-snapshots') && filesystemSnapshots !== undefined) {
    const settings = filesystemSnapshots;
    const { snapshots, damage } = await readSnapshotListing(tree, { settings, timeZone, now, signal });
    const copies = snapshotsOfDirectories(snapshots, settings);
    return { copies, blindSpot: damage === null ? null : blindSpotOf(damage), grade: 'declared' };
  }
  if (purposes.includes('inventory') && inventory !== undefined) {
    const around = { settings: inventory, timeZone, servers: new Set<string>(), now };
    const read = await readInventory(tree, { ...around, databaseNames: new Set(), signal, blindSpotOf });
    const { stated = [], blindSpot } = read;
    return { copies: statedFileCopies(stated), blindSpot, grade: 'declared' };
  }
  return null;
}
