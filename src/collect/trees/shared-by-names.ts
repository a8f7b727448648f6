/** Of a file with several names (hard links): what all of them share, and no other file of the machine; null of one name. */
export function sharedByNames(file: {
  readonly dev: number;
  readonly ino: number;
  readonly nlink: number;
  readonly size: number;
  readonly mtimeMs: number;
}): string | null {
  const { dev, ino, nlink, size, mtimeMs } = file;
  // Size and time stand beside numbers that may be rounded.
  return nlink > 1 ? `${dev}:${ino}:${size}:${mtimeMs}` : null;
}
