import type { Facts } from '../../../../model/facts.ts';
import type { WalPage } from '../../../formats/base-backup/wal-page.ts';
import { type Compression, compressionOf } from '../../../formats/decompressed.ts';
import type { ArtifactFile } from '../../../trees/artifact-tree.ts';
import { readSegmentHeader, type SegmentHeader } from '../segment-header.ts';
import { type BackupAccess, withFile } from './backup-reading.ts';
import { nameOf } from './paths.ts';

/** One complete segment of a directory. */
export interface Archived {
  readonly segment: string;
  readonly file: ArtifactFile;
}

/** WAL that a base backup of the location does not hold itself. */
export interface NeededWal {
  readonly systemIdentifier: string | null;
  readonly firstSegment: string;
  readonly lastSegment: string;
}

/** How the segments of a location are read, and what is made of them. */
export interface SegmentContext {
  readonly access: BackupAccess;
  readonly declaredServer: string | null;
  readonly needs: readonly NeededWal[];
  readonly unmatched: Facts['unmatched-artifact'][];
}

/** What a segment says of its cluster. */
export type LongHeader = WalPage['long'];

/** Null where it does not tell. */
export async function longHeader(archived: Archived, access: BackupAccess): Promise<LongHeader> {
  const header = await headerOf(archived, access);
  return header.state === 'told' ? header.long : null;
}

export async function headerOf(
  { file }: Archived,
  access: BackupAccess,
  read = readSegmentHeader,
): Promise<SegmentHeader> {
  if (file.archivedIn !== undefined) return { state: 'closed' };
  return withFile(access, file.path, (reader) => read(reader, compressionIn(file)));
}

/** Null for an ending that this program knows no compression by: it leaves the file closed. */
export function compressionIn({ path }: ArtifactFile): Compression | null {
  const isBare = !nameOf(path).includes('.');
  const compression = compressionOf(path);
  return isBare || compression !== 'none' ? compression : null;
}

/** Bytes of a segment that is not compressed; null where all are. */
export function plainSize(run: readonly Archived[]): number | null {
  return run.find(({ segment, file }) => nameOf(file.path) === segment)?.file.bytes ?? null;
}
