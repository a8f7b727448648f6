import { createHash } from 'node:crypto';

export interface ListedFile {
  readonly path: string;
  readonly bytes: number;
  readonly modified?: string;
  readonly algorithm?: string;
  readonly checksum?: string;
}

/** A manifest as pg_basebackup lays it out, with its own checksum. */
export function manifestText(
  files: readonly ListedFile[],
  { version = 1, systemIdentifier = '', ranges = [[1, '0/2000028', '0/2000100']] } = {},
): string {
  const lines = files.map(({ path, bytes, modified = '2026-11-22 21:42:36 GMT', algorithm, checksum }) => {
    const sum =
      algorithm === undefined ? '' : `, "Checksum-Algorithm": "${algorithm}", "Checksum": "${checksum ?? ''}"`;
    return `{ "Path": ${JSON.stringify(path)}, "Size": ${bytes}, "Last-Modified": "${modified}"${sum} }`;
  });
  const wal = ranges.map(
    ([line, start, end]) => `{ "Timeline": ${line}, "Start-LSN": "${start}", "End-LSN": "${end}" }`,
  );
  const identifier = systemIdentifier === '' ? '' : `"System-Identifier": ${systemIdentifier},\n`;
  return signed(
    `{ "PostgreSQL-Backup-Manifest-Version": ${version},\n${identifier}"Files": [\n${lines.join(',\n')}\n],\n` +
      `"WAL-Ranges": [\n${wal.join(',\n')}\n],\n`,
  );
}

/** Adds the last line, with the checksum of all before it. */
export function signed(text: string): string {
  return `${text}"Manifest-Checksum": "${createHash('sha256').update(text).digest('hex')}"}\n`;
}

/** In pieces of `size` bytes. */
export async function* chunksOf(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
