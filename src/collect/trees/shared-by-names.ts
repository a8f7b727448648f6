/** What tells one file of a machine from every other, whatever names or mounts lead to it. */
export interface FileOnDisk {
  /** Its file system and number in it. */
  readonly id: string;
  /** As `version` of an artifact: a file that was copied was never changed at the very moment its source was. */
  readonly version: string;
}

interface Numbers {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Of a file with several names (hard links): what all of them share, and no other file of the machine; null of one name. */
export function sharedByNames(file: Numbers & { readonly nlink: number }): string | null {
  return file.nlink > 1 ? idOf(file) : null;
}

/** What tells a file from every other, also one with a single name. */
export function onDisk(file: Numbers & { readonly ctimeMs: number }): FileOnDisk {
  return { id: idOf(file), version: versionOf(file) };
}

/** Unlike the modification time nobody can set it back: stat(2), st_ctim. */
export function versionOf({ ctimeMs }: { readonly ctimeMs: number }): string {
  return `ctime ${ctimeMs}`;
}

function idOf({ dev, ino, size, mtimeMs }: Numbers): string {
  // Size and time stand beside numbers that may be rounded.
  return `${dev}:${ino}:${size}:${mtimeMs}`;
}
