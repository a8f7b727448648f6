import { toMillis } from '../../model/instant.ts';
import { createFileCopy, type FileCopy } from '../formats/vault-snapshot/file-copy.ts';
import { fileEntryName, isFileEntry, MAX_FILE_ENTRY_BYTES } from '../formats/vault-snapshot/file-entry.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { type FoundSnapshot, fileCopyFact, foundSnapshot, type SnapshotPlace } from './found-snapshot.ts';
import { type HeldKeys, heldKeys } from './held-keys.ts';

/** Files opened at a time: in a bucket each takes a request. */
const AT_ONCE = 16;

export interface FileCopies {
  readonly snapshots: readonly FoundSnapshot[];
  /** Of the first file that could not be read. Its copy is left out: nothing is known of it. */
  readonly failure: { readonly error: unknown } | null;
}

interface Begun {
  readonly copy: FileCopy;
  readonly keys: HeldKeys;
  isUnreadable: boolean;
}

/**
 * Reads copies of the directory in which Vault's `file` storage lies.
 *
 * @param roots directories of storages, each with its final slash, as storageRootOf tells them
 * @param other told of files that are named as entries are, and are of no storage
 * @throws SourceError as listing the tree does
 */
export async function readFileCopies(
  place: SnapshotPlace,
  roots: ReadonlySet<string>,
  other: (file: ArtifactFile) => Promise<void>,
  signal: AbortSignal,
): Promise<FileCopies> {
  const { tree, keepsFileTimes } = place;
  const begun = new Map<string, Begun>();
  for (const root of roots) {
    const keys = heldKeys();
    begun.set(root, { copy: createFileCopy(keys.note, keepsFileTimes), keys, isUnreadable: false });
  }
  let failure: FileCopies['failure'] = null;

  async function readEntry(file: ArtifactFile): Promise<void> {
    const entry = fileEntryName(file.path, roots);
    const one = entry === null ? undefined : begun.get(entry.root);
    if (entry === null || one === undefined) return other(file);
    try {
      const content = one.copy.isRead(entry.key) ? await contentOf(tree, file, signal) : null;
      one.copy.note(entry.key, { bytes: file.bytes, modifiedMillis: toMillis(file.modifiedAt) }, content);
    } catch (error) {
      signal.throwIfAborted();
      one.isUnreadable = true;
      failure ??= { error };
    }
  }

  let waiting: ArtifactFile[] = [];
  const readWaiting = async () => {
    const files = waiting;
    waiting = [];
    await Promise.all(files.map(readEntry));
  };
  for await (const file of tree.list(signal)) {
    if (!isFileEntry(file.path)) continue;
    waiting.push(file);
    if (waiting.length === AT_ONCE) await readWaiting();
  }
  await readWaiting();

  const snapshots = [...begun].flatMap(([root, { copy, keys, isUnreadable }]) => {
    if (isUnreadable) return [];
    const path = root === '' ? '.' : root.slice(0, -1);
    return [foundSnapshot(fileCopyFact(place, path, copy.reading(null)), keys)];
  });
  return { snapshots, failure };
}

/** Null of one larger than any that Vault writes: its size tells that it is there. */
async function contentOf(tree: ArtifactTree, file: ArtifactFile, signal: AbortSignal): Promise<Uint8Array | null> {
  if (file.bytes > MAX_FILE_ENTRY_BYTES) return null;
  const reader = await tree.open(file.path, signal);
  try {
    return await reader.read(0, reader.bytes);
  } finally {
    await reader.close();
  }
}
