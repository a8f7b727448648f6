import { LONG_HEADER_BYTES, parseWalPage, type WalPage } from '../../formats/base-backup/wal-page.ts';
import { UnsupportedCompression } from '../../formats/compression/wrapping.ts';
import { wrappingOf } from '../../formats/compression/wrappings.ts';
import { type Compression, decompressed } from '../../formats/decompressed.ts';
import { FormatDamage } from '../../formats/format-damage.ts';
import { segmentNumber, timelineOf } from '../../formats/wal-segments.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';

/** What the first page of a WAL segment tells. */
export type SegmentHeader =
  | {
      readonly state: 'told';
      /** Whether it lies there as it is, not compressed. */
      readonly isPlain: boolean;
      readonly page: WalPage;
      readonly long: NonNullable<WalPage['long']>;
    }
  /** It is compressed or encrypted so that this program does not open it. */
  | { readonly state: 'closed' }
  | { readonly state: 'damaged'; readonly because: string };

/** Enough to know each compression by. */
const MAGIC_BYTES = 16;

/**
 * Reads the first page of a segment: of its content, where it is compressed. What begins with no page of WAL and with no
 * compression that is known may be encrypted, unless it has the very size of a segment.
 *
 * @param compression null where the name does not tell it: then by the first bytes
 * @throws SourceError when it cannot be read
 */
export async function readSegmentHeader(reader: ByteReader, compression: Compression | null): Promise<SegmentHeader> {
  const how = compression ?? wrappingOf(await reader.read(0, MAGIC_BYTES))?.name ?? 'none';
  if (how === 'none') {
    const header = headerIn(await reader.read(0, LONG_HEADER_BYTES), true);
    return header.state === 'damaged' && !isSegmentSized(reader.bytes) && compression === null
      ? { state: 'closed' }
      : header;
  }
  const chunks = decompressed(how, reader.stream());
  if (chunks === null) return { state: 'closed' };
  try {
    let begin = Buffer.alloc(0);
    for await (const chunk of chunks) {
      begin = Buffer.concat([begin, chunk]);
      if (begin.length >= LONG_HEADER_BYTES) break;
    }
    return headerIn(begin, false);
  } catch (error) {
    if (error instanceof UnsupportedCompression) return { state: 'closed' };
    if (error instanceof FormatDamage) return { state: 'damaged', because: error.message };
    throw error;
  }
}

function headerIn(bytes: Uint8Array, isPlain: boolean): SegmentHeader {
  const page = parseWalPage(bytes);
  if (page === null || page.long === null) {
    return { state: 'damaged', because: 'it does not begin with the first page of a WAL segment' };
  }
  return { state: 'told', isPlain, page, long: page.long };
}

/** Whether a segment is the one that its name says; of the timeline's first one the page may be of the timeline before. */
export function isSegmentNamed(name: string, { page, long }: SegmentHeader & { readonly state: 'told' }): boolean {
  return (
    page.address === segmentNumber(name, long.segmentBytes) * long.segmentBytes && page.timeline <= timelineOf(name)
  );
}

function isSegmentSized(bytes: number): boolean {
  return bytes >= 2 ** 20 && bytes <= 2 ** 30 && Number.isInteger(Math.log2(bytes));
}
