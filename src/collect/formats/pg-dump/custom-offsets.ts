import type { ByteReader } from '../../trees/artifact-tree.ts';
import { entryLabel } from './archive-facts.ts';
import { type ArchiveHeader, decodeInt } from './archive-header.ts';
import type { TableOfContents, TocEntry } from './archive-toc.ts';
import { walkBlock } from './custom-archive.ts';
import { DumpDamage, type DumpIntegrity, ReadingLimit } from './dump-reading.ts';
import { type ReadBudget, seekingCursor } from './seeking-cursor.ts';
import { within } from './within.ts';

/**
 * Judges a custom archive without reading its data. Where pg_dump could seek it wrote the position of every block after
 * the last one was finished, so it proves the archive complete that each block begins in its place right behind the
 * closed end of the one before, and that the last one ends with the file. Whether the bytes inside the blocks are
 * unaltered is not looked at. @throws DumpDamage
 */
export async function checkOffsets(
  reader: ByteReader,
  header: ArchiveHeader,
  toc: TableOfContents,
  budget: ReadBudget,
): Promise<DumpIntegrity> {
  const blocks = toc.entries.filter((entry) => entry.mustHaveData);
  if (blocks.length === 0) {
    if (reader.bytes === toc.end)
      return { state: 'complete', because: 'it holds no data, and the file ends with its table of contents' };
    throw new DumpDamage('bytes that belong to no entry follow its table of contents');
  }
  if (reader.bytes === toc.end)
    throw new DumpDamage('the file ends right after its table of contents: all data are missing');
  const placed = blocks.flatMap((entry) => (entry.position === null ? [] : [{ entry, at: entry.position }]));
  if (placed.length < blocks.length) {
    return {
      state: 'unproven',
      because:
        'it records no positions of its data (written to a pipe, or pg_dump was stopped), so only reading all of it shows its end',
    };
  }
  placed.sort((one, other) => one.at - other.at);
  try {
    await checkPlaces(reader, header, toc.end, placed, budget);
  } catch (error) {
    if (!(error instanceof ReadingLimit)) throw error;
    return { state: 'unproven', because: error.message };
  }
  return {
    state: 'complete',
    because:
      'every part of its data lies in the recorded place and is closed, and the file ends right after the last one; the data themselves were not read',
  };
}

async function checkPlaces(
  reader: ByteReader,
  header: ArchiveHeader,
  tocEnd: number,
  placed: readonly { entry: TocEntry; at: number }[],
  budget: ReadBudget,
): Promise<void> {
  const width = header.intSize + 1;
  const cursor = seekingCursor(reader, tocEnd, budget);
  let previous = 'its table of contents';
  for (const [index, { entry, at }] of placed.entries()) {
    const label = `the data of ${entryLabel(entry)}`;
    const misplaced = (): DumpDamage => new DumpDamage(`${label} do not lie where its table of contents says`);
    const gap = at - cursor.position();
    if (index === 0 ? gap !== 0 : gap < width) throw misplaced();
    const start = await within(`before ${label}`, async () => {
      await cursor.skip(Math.max(0, gap - width));
      if (index > 0 && decodeInt(await cursor.take(width)) !== 0) throw new DumpDamage(`${previous} are not closed`);
      return cursor.take(width + 1);
    });
    const type = entry.description === 'BLOBS' ? 3 : 1;
    if (start[0] !== type || decodeInt(start.subarray(1)) !== entry.dumpId) throw misplaced();
    previous = label;
    if (index < placed.length - 1) continue;
    await within(`inside ${label}`, () => walkBlock(cursor, header, entry, false));
    if (!(await cursor.atEnd())) throw new DumpDamage(`bytes that belong to no entry follow ${label}`);
  }
}
