import { z } from 'zod';

/** Vault refuses far smaller ones in all other storages; a key of a hundred versions takes some 40 KiB. */
export const MAX_FILE_ENTRY_BYTES = 8 * 1024 * 1024;

/** Older servers wrote the key, too. */
const entrySchema = z.object({ Value: z.base64() });

/**
 * The value in a file of Vault's `file` storage, or null where the file is not whole.
 * Source: Vault SDK 0.20, package physical/file, `PutInternal`: JSON with the value in base64.
 */
export function fileEntryValue(content: Uint8Array): Uint8Array | null {
  try {
    const { Value } = entrySchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
    const value = Buffer.from(Value, 'base64');
    // No entry of Vault is empty.
    return value.length > 0 ? value : null;
  } catch {
    return null;
  }
}

/** A file of a storage: in which directory the storage lies, and under which of Vault's paths the entry. */
export interface FileEntryName {
  readonly root: string;
  readonly key: string;
}

/** What every storage has, by which its directory is told. */
const MARKS = ['core/_keyring', 'core/_seal-config', 'core/hsm/_barrier-unseal-keys', 'core/_mounts'];

/** The directory of a storage, with its final slash, or '' for the root, where `path` is a file that every storage has. */
export function storageRootOf(path: string): string | null {
  const mark = MARKS.find((one) => path === one || path.endsWith(`/${one}`));
  return mark === undefined ? null : path.slice(0, path.length - mark.length);
}

/** Whether a file can be an entry of a storage: Vault sets an underscore before the last part of the path. */
export function isFileEntry(path: string): boolean {
  return /(?:^|\/)_[^/]+$/.test(path);
}

/** Which of these storages a file belongs to: the innermost. Null: to none. */
export function fileEntryName(path: string, roots: Iterable<string>): FileEntryName | null {
  let root: string | null = null;
  for (const one of roots) if (path.startsWith(one) && one.length >= (root?.length ?? 0)) root = one;
  if (root === null || !isFileEntry(path)) return null;
  const inside = path.slice(root.length);
  const at = inside.lastIndexOf('/') + 1;
  return { root, key: inside.slice(0, at) + inside.slice(at + 1) };
}
