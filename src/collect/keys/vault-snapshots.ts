import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { readFileArchive } from '../formats/vault-snapshot/file-archive.ts';
import { isFileEntry, storageRootOf } from '../formats/vault-snapshot/file-entry.ts';
import { readVaultSnapshot } from '../formats/vault-snapshot/read-snapshot.ts';
import type { ArtifactFile, ByteReader } from '../trees/artifact-tree.ts';
import { MISMATCH, StoredChecksumMismatch } from '../trees/stored-checksum-mismatch.ts';
import { type ClosedFile, closedBlindSpot, closedSnapshot } from './closed-snapshots.ts';
import {
  type FoundSnapshot,
  fileCopyFact,
  foundSnapshot,
  type SnapshotLocation,
  type SnapshotPlace,
  snapshotFact,
} from './found-snapshot.ts';
import { type HeldKeys, heldKeys } from './held-keys.ts';
import { readFileCopies } from './vault-file-copies.ts';

/**
 * Opens everything in a location as a copy of Vault's storage: raft snapshots, snapshots of the Consul that it stores in,
 * and copies of the files that it stores in, as they are or in an archive. A file that cannot be read is a blind spot of
 * the location, and so is one that may hold a snapshot inside something that is not opened; what is something else is
 * unmatched.
 */
export async function readSnapshotLocation(
  place: SnapshotPlace,
  blindSpotOf: (error: unknown) => BlindSpot,
  signal: AbortSignal,
): Promise<SnapshotLocation> {
  const { tree } = place;
  const snapshots: FoundSnapshot[] = [];
  const unmatched: Facts['unmatched-artifact'][] = [];
  const roots = new Set<string>();
  const closed: ClosedFile[] = [];
  let blindSpot: BlindSpot | null = null;
  let hasEntries = false;

  async function readFile(file: ArtifactFile): Promise<void> {
    try {
      const reader = await tree.open(file.path, signal);
      try {
        const found = await comparedSnapshotsIn(place, file, reader, signal);
        if ('snapshots' in found) snapshots.push(...found.snapshots);
        else {
          const hidden = found.isKnown ? null : await closedSnapshot(file, interruptible(reader, signal));
          if (hidden !== null) closed.push(hidden);
          unmatched.push(unmatchedFile(file, hidden?.what ?? found.because));
        }
      } finally {
        await reader.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      blindSpot ??= blindSpotOf(error);
    }
  }

  try {
    for await (const file of tree.list(signal)) {
      const root = storageRootOf(file.path);
      if (root !== null) roots.add(root);
      if (isFileEntry(file.path)) hasEntries = true;
      else await readFile(file);
    }
    if (hasEntries) {
      const copies = await readFileCopies(place, roots, readFile, signal);
      snapshots.push(...copies.snapshots);
      if (copies.failure !== null) blindSpot ??= blindSpotOf(copies.failure.error);
    }
  } catch (error) {
    signal.throwIfAborted();
    blindSpot = blindSpotOf(error);
  }
  const opened = snapshots.map(({ fact }) => fact.path);
  blindSpot ??= closedBlindSpot(place.name, closed, opened);
  return { snapshots, unmatched, blindSpot };
}

/** What a file holds; or in words why it holds nothing that was opened, and whether that tells what it is. */
type FileReading =
  | { readonly snapshots: readonly FoundSnapshot[] }
  | { readonly because: string; readonly isKnown: boolean };

/** As {@link snapshotsIn}; what is not what the store keeps the checksum of is damaged, and told with what it holds. */
async function comparedSnapshotsIn(...given: Parameters<typeof snapshotsIn>): Promise<FileReading> {
  try {
    return await snapshotsIn(...given);
  } catch (error) {
    if (!(error instanceof StoredChecksumMismatch)) throw error;
    const found = await snapshotsIn(...given);
    if (!('snapshots' in found)) return found;
    return {
      snapshots: found.snapshots.map((one) => ({
        ...one,
        fact: { ...one.fact, checksumsMatch: false, because: MISMATCH },
      })),
    };
  }
}

async function snapshotsIn(
  place: SnapshotPlace,
  file: ArtifactFile,
  reader: ByteReader,
  signal: AbortSignal,
): Promise<FileReading> {
  const { name } = place;
  const keys = heldKeys();
  const reading = await readVaultSnapshot(reader, { signal, onKey: keys.note });
  if (reading.recognized) {
    const storage = reading.what === 'consul-snapshot' ? { storage: 'consul' as const } : {};
    return { snapshots: [foundSnapshot({ ...snapshotFact(name, file.path, reading), ...storage }, keys, reader)] };
  }
  if (reading.what !== 'other') return { because: reading.because, isKnown: true };
  const ofRoots = new Map<string, HeldKeys>();
  const archived = await readFileArchive(interruptible(reader, signal), (root) => {
    const own = heldKeys();
    ofRoots.set(root, own);
    return own.note;
  });
  if (archived.length === 0) return { because: reading.because, isKnown: false };
  const found = archived.map(({ root, reading: copy }) => {
    const path = archived.length === 1 ? file.path : `${file.path}:${root}`;
    // The size is that of the archive, as of every other file.
    const fact = { ...fileCopyFact(place, path, copy), bytes: file.bytes };
    return foundSnapshot(fact, ofRoots.get(root) ?? heldKeys(), reader);
  });
  return { snapshots: found };
}

function interruptible(reader: ByteReader, signal: AbortSignal): ByteReader {
  return {
    ...reader,
    async *stream(offset) {
      for await (const chunk of reader.stream(offset)) {
        signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

function unmatchedFile({ path, bytes, modifiedAt }: ArtifactFile, what: string): Facts['unmatched-artifact'] {
  return { path, bytes, modifiedAt, what, foundName: null };
}
