import type { BlindSpot } from '../../../../model/evidence.ts';
import { HOUR, type Instant, MINUTE, toMillis } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { counted, instantText } from '../../../../model/text.ts';
import type { ArtifactFile, ArtifactTree } from '../../../trees/artifact-tree.ts';
import type { PhysicalContents } from '../physical-copy.ts';
import { readSmallFile } from '../repository-reading.ts';
import { unmatchedList } from '../unmatched-list.ts';
import { readBtrfsListing } from './btrfs-listing.ts';
import { readLvmListing } from './lvm-listing.ts';
import { snapshotCopies } from './snapshot-copies.ts';
import type { SnapshotListing, SnapshotSettings } from './snapshot-listing.ts';
import { readZfsListing } from './zfs-listing.ts';

export interface ListingReading {
  readonly settings: SnapshotSettings;
  /** Zone of times in the listing that bear none; null where none is configured. */
  readonly timeZone: string | null;
  /** The time by which the listing is fresh or stale. */
  readonly now: Instant;
  readonly signal: AbortSignal;
  readonly blindSpotOf: (error: unknown) => BlindSpot;
}

/** A listing tells what was there when it was written: older than this, it tells nothing of today. */
export const LISTING_COUNTS_HOURS = 24;
const LARGEST_LISTING = 64 * 1024 * 1024;

/**
 * Reads the snapshots of the file systems of one server from a file that holds their tool's listing.
 *
 * @throws only what `signal` was fired with; all else becomes a blind spot
 */
export async function readFilesystemSnapshots(tree: ArtifactTree, reading: ListingReading): Promise<PhysicalContents> {
  const nothing: PhysicalContents = { copies: [], archives: [], plans: [], unmatched: [], blindSpot: null };
  const { settings, signal } = reading;
  // Of files alone: what it says of those is read with the other copies of files.
  if (settings.server === undefined) return nothing;
  try {
    const { snapshots, listedAt, damage } = await readSnapshotListing(tree, reading);
    const unmatched = unmatchedList();
    const copies = snapshotCopies(snapshots, settings, listedAt, unmatched);
    return {
      ...nothing,
      copies,
      unmatched: unmatched.facts(),
      blindSpot: damage === null ? null : reading.blindSpotOf(damage),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ...nothing, blindSpot: reading.blindSpotOf(error) };
  }
}

/**
 * The snapshots of a listing, when it was written, and what in it cannot be read.
 *
 * @throws SourceError where there is no listing that counts
 */
export async function readSnapshotListing(
  tree: ArtifactTree,
  reading: Omit<ListingReading, 'blindSpotOf'>,
): Promise<{
  readonly snapshots: SnapshotListing['snapshots'];
  readonly listedAt: Instant;
  readonly damage: SourceError | null;
}> {
  const { settings, signal } = reading;
  const file = await listingFile(tree, settings.listing, signal);
  const stale = staleness(file, reading.now);
  if (stale !== null) throw stale;
  const text = new TextDecoder().decode(await readSmallFile(tree, file.path, LARGEST_LISTING, signal));
  const { snapshots, unreadable } = parse(text, reading);
  const damage = unreadable.length === 0 ? null : unreadableLines(file.path, unreadable);
  return { snapshots, listedAt: file.modifiedAt, damage };
}

function parse(text: string, { settings, timeZone }: Omit<ListingReading, 'blindSpotOf'>): SnapshotListing {
  switch (settings.format) {
    case 'zfs':
      return readZfsListing(text);
    case 'lvm':
      return readLvmListing(text, timeZone);
    case 'btrfs':
      return readBtrfsListing(text, timeZone);
  }
}

async function listingFile(tree: ArtifactTree, path: string, signal: AbortSignal): Promise<ArtifactFile> {
  for await (const file of tree.list(signal)) if (file.path === path) return file;
  const remedy =
    'Let a timer of the server write the listing of its snapshots there, and check filesystemSnapshots.listing.';
  throw new SourceError('unreachable', `there is no listing ${JSON.stringify(path)}`, remedy);
}

function staleness({ path, modifiedAt }: ArtifactFile, now: Instant): SourceError | null {
  const age = toMillis(now) - toMillis(modifiedAt);
  const isFresh = age <= LISTING_COUNTS_HOURS * HOUR && age >= -5 * MINUTE;
  if (isFresh) return null;
  const written = `the listing ${JSON.stringify(path)} is of ${instantText(modifiedAt)}`;
  const message = age < 0 ? `${written}, in the future` : `${written}; it counts for ${LISTING_COUNTS_HOURS} h`;
  return new SourceError('stale', message, 'Let a timer of the server write the listing anew at least once a day.');
}

function unreadableLines(path: string, lines: readonly number[]): SourceError {
  const shown = lines.slice(0, 10).join(', ');
  const message = `${counted(lines.length, 'entry', 'entries')} of the listing ${JSON.stringify(path)} cannot be read: number ${shown}`;
  const remedy = 'Write it with the command that the documentation of filesystemSnapshots.format gives.';
  return new SourceError('malformed', message, remedy);
}
