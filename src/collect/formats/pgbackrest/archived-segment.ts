import { COMPRESSIONS, type Compression } from './backup-manifest.ts';

/** A file of `archive/STANZA/VERSION-NUMBER/…` as its name tells. */
export interface ArchivedSegment {
  /** 24 hexadecimal digits. */
  readonly segment: string;
  /** SHA-1 of the segment before compression, hexadecimal. */
  readonly sha1: string;
  readonly compression: Compression;
}

const SEGMENT = /^([0-9A-F]{24})-([0-9a-f]{40})(?:\.(gz|lz4|bz2|zst))?$/;
/** Partial segments of a timeline that ended, history of backups and of timelines: parts of an archive, no segments. */
const OTHER_PARTS = [
  /^[0-9A-F]{24}\.partial-[0-9a-f]{40}(\.(gz|lz4|bz2|zst))?$/,
  /^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/,
  /^[0-9A-F]{8}\.history$/,
];

/** The segment that a file of the archive holds; null when it holds none. */
export function parseArchivedSegment(fileName: string): ArchivedSegment | null {
  const match = SEGMENT.exec(fileName);
  if (match === null) return null;
  const [, segment = '', sha1 = '', ending] = match;
  return { segment, sha1, compression: COMPRESSIONS.find((compression) => compression === ending) ?? 'none' };
}

/** Whether a file belongs into an archive, though it is no segment. */
export function isOtherArchivePart(fileName: string): boolean {
  return OTHER_PARTS.some((pattern) => pattern.test(fileName));
}

const ARCHIVE_ID = /^(\d{1,3}(?:\.\d{1,2})?)-(\d{1,9})$/;

/** Version of PostgreSQL and history number of a directory such as `15-1`; null when it is none. */
export function parseArchiveId(directory: string): { readonly version: string; readonly historyId: number } | null {
  const match = ARCHIVE_ID.exec(directory);
  if (match === null) return null;
  return { version: match[1] ?? '', historyId: Number(match[2]) };
}
