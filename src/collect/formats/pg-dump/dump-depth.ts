import type { ByteReader } from '../../trees/artifact-tree.ts';
import { type ByteCursor, streamCursor } from '../byte-cursor.ts';
import type { Wrapping } from '../compression/wrapping.ts';
import { archiveFacts, unknownVersion } from './archive-facts.ts';
import { type ArchiveHeader, readArchiveHeader } from './archive-header.ts';
import { readTableOfContents, type TableOfContents } from './archive-toc.ts';
import type { DumpKind } from './artifact-magic.ts';
import { walkBlocks } from './custom-archive.ts';
import { checkOffsets } from './custom-offsets.ts';
import { type DumpIntegrity, unknownFacts } from './dump-reading.ts';
import { asFarAsKnown } from './known-archive.ts';
import { beginningLength, glanceAtPlainDump, readBeginning, readPlainDump } from './plain-dump.ts';
import type { Progress } from './progress.ts';
import { seekingCursor, unlimitedBudget } from './seeking-cursor.ts';
import { readTarContents, readTarMembers } from './tar-archive.ts';

/** What may be looked at beyond the table of contents; in a bucket each read is a request. */
const BEYOND_CONTENTS = { reads: 256, bytes: 32 * 1024 * 1024 } as const;

/** Reads a dump to its end. @throws DumpDamage */
export async function readWholeDump(
  kind: DumpKind,
  chunks: AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<DumpIntegrity> {
  const cursor = streamCursor(chunks);
  switch (kind) {
    case 'archive':
      return readContents(cursor, progress, async (header, toc) => {
        await walkBlocks(cursor, header, toc);
        return {
          state: 'complete',
          because: 'it was read to its end: every part of its data is there and ends properly',
        };
      });
    case 'tar':
      progress.facts = unknownFacts('pg_dump-tar');
      return readTarContents(cursor, progress, (toc) => readTarMembers(cursor, toc, true));
    default:
      return readPlainDump(chunks, kind === 'plain-cluster', progress);
  }
}

/** Looks at a bounded number of places of a dump. @throws DumpDamage, ReadingLimit */
export async function glanceAtDump(kind: DumpKind, reader: ByteReader, progress: Progress): Promise<DumpIntegrity> {
  const budget = unlimitedBudget();
  const cursor = seekingCursor(reader, 0, budget);
  switch (kind) {
    case 'archive':
      return readContents(cursor, progress, async (header, toc) => {
        Object.assign(budget, BEYOND_CONTENTS);
        return checkOffsets(reader, header, toc, budget);
      });
    case 'tar':
      progress.facts = unknownFacts('pg_dump-tar');
      return readTarContents(cursor, progress, (toc) => {
        Object.assign(budget, BEYOND_CONTENTS);
        return readTarMembers(cursor, toc, false);
      });
    default:
      return glanceAtPlainDump(reader, kind === 'plain-cluster', progress);
  }
}

/** Looks at the beginning of a dump that is compressed as a whole. @throws DumpDamage, UnsupportedCompression */
export async function glanceAtWrappedDump(
  kind: DumpKind,
  { article, name }: Wrapping,
  chunks: AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<DumpIntegrity> {
  const unread: DumpIntegrity = {
    state: 'unproven',
    because: `it lies in ${article} ${name} file, whose end can only be judged by reading all of it`,
  };
  switch (kind) {
    case 'archive':
      return readContents(streamCursor(chunks), progress, async () => unread);
    case 'tar':
      progress.facts = unknownFacts('pg_dump-tar');
      return readTarContents(streamCursor(chunks), progress, async () => unread);
    default: {
      const cluster = kind === 'plain-cluster';
      readBeginning(await firstBytes(chunks, beginningLength(cluster)), cluster, progress);
      return unread;
    }
  }
}

/** Header and table of contents of an archive, then what `rest` makes of its data. @throws DumpDamage */
async function readContents(
  cursor: ByteCursor,
  progress: Progress,
  rest: (header: ArchiveHeader, toc: TableOfContents) => Promise<DumpIntegrity>,
): Promise<DumpIntegrity> {
  const header = await readArchiveHeader(cursor);
  const format = header.format === 'custom' ? 'pg_dump-custom' : 'pg_dump-directory';
  progress.facts = archiveFacts(format, header, null);
  // The file of a directory alone is no dump, which the caller says.
  if (header.format !== 'custom') return { state: 'unproven', because: 'it is the toc.dat of a directory dump' };
  const toc = await readTableOfContents(cursor, header);
  if (toc === null) return unknownVersion(header);
  progress.facts = archiveFacts(format, header, toc);
  return asFarAsKnown(header, toc, await rest(header, toc));
}

/** The bytes at hand, at least `wanted` where there are as many. */
async function firstBytes(chunks: AsyncIterable<Uint8Array>, wanted: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of chunks) {
    pieces.push(piece);
    size += piece.length;
    if (size >= wanted) break;
  }
  const [first] = pieces;
  return first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
}
