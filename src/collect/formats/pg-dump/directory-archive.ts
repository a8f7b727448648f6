import type { ArtifactFile, ByteReader } from '../../trees/artifact-tree.ts';
import { archiveFacts, entryLabel, unknownVersion } from './archive-facts.ts';
import { assertDirectoryOrTar, readArchiveHeader } from './archive-header.ts';
import { readTableOfContents, type TableOfContents } from './archive-toc.ts';
import { type CopiedRows, FILE_SUFFIXES, type FileSuffix, glanceAtDataFile, readDataFile } from './data-file.ts';
import { DumpDamage, type DumpIntegrity, type DumpOptions } from './dump-reading.ts';
import { asFarAsKnown } from './known-archive.ts';
import { largeObjectLists, parseLargeObjectList } from './large-objects.ts';
import type { Progress } from './progress.ts';
import { seekingCursor, unlimitedBudget } from './seeking-cursor.ts';

const MOST_GLANCES = 256;
const LARGEST_LIST = 64 * 1024 * 1024;

/** The files of a directory archive, by their names relative to it. */
export interface ArchiveFiles {
  readonly byName: ReadonlyMap<string, ArtifactFile>;
  readonly open: (path: string) => Promise<ByteReader>;
}

interface DataFile extends CopiedRows {
  readonly file: ArtifactFile;
  readonly suffix: FileSuffix;
  /** For sentences such as "… is cut off". */
  readonly label: string;
}

/**
 * Reads a directory archive (PostgreSQL source, pg_backup_directory.c). `toc.dat` is written first and whole, so it
 * proves nothing: the archive is complete when every file it calls for is there and ends properly. @throws DumpDamage
 */
export async function readDirectoryArchive(
  files: ArchiveFiles,
  depth: DumpOptions['depth'],
  progress: Progress,
  signal: AbortSignal,
): Promise<DumpIntegrity> {
  const { header, toc } = await withFile(files, 'toc.dat', async (reader) => {
    const cursor = seekingCursor(reader, 0, unlimitedBudget());
    const header = await readArchiveHeader(cursor);
    progress.facts = archiveFacts('pg_dump-directory', header, null);
    assertDirectoryOrTar(header);
    const toc = await readTableOfContents(cursor, header);
    if (toc !== null && !(await cursor.atEnd())) throw new DumpDamage('bytes follow the end of its toc.dat');
    return { header, toc };
  });
  if (toc === null) return unknownVersion(header);
  progress.facts = archiveFacts('pg_dump-directory', header, toc);
  const wanted = [...tableFiles(files, toc), ...(await largeObjects(files, toc))];
  const integrity = depth === 'full' ? await readAll(files, wanted, signal) : await glance(files, wanted);
  return asFarAsKnown(header, toc, integrity);
}

async function readAll(files: ArchiveFiles, wanted: readonly DataFile[], signal: AbortSignal): Promise<DumpIntegrity> {
  let endless: DataFile | null = null;
  for (const one of wanted) {
    const checked = await check(files, one, (reader, suffix, rows) => readDataFile(reader, suffix, rows, signal));
    if (!checked) endless ??= one;
  }
  if (endless === null) {
    return { state: 'complete', because: 'every file that its table of contents calls for is there and ends properly' };
  }
  return { state: 'unproven', because: `${endless.label} has no end mark: whether it was cut off cannot be seen` };
}

async function glance(files: ArchiveFiles, wanted: readonly DataFile[]): Promise<DumpIntegrity> {
  const whole = {
    state: 'complete',
    because: 'every file that its table of contents calls for is there and ends properly',
  } as const;
  const unread: DumpIntegrity = {
    state: 'unproven',
    because:
      'every file that its table of contents calls for is there; whether each ends properly shows only when all are read',
  };
  let provable = wanted.length <= MOST_GLANCES;
  for (const one of wanted) {
    if (one.file.bytes === 0 && (one.copied || one.suffix !== '')) throw new DumpDamage(`${one.label} is empty`);
    if (provable) provable = await check(files, one, glanceAtDataFile);
  }
  return provable ? whole : unread;
}

async function check(
  files: ArchiveFiles,
  { file, suffix, copied, columns, label }: DataFile,
  read: (reader: ByteReader, suffix: FileSuffix, rows: CopiedRows) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await withFile(files, file.path, (reader) => read(reader, suffix, { copied, columns }));
  } catch (error) {
    if (!(error instanceof DumpDamage)) throw error;
    throw new DumpDamage(`${label} is damaged or cut off: ${error.message}`, { cause: error });
  }
}

function tableFiles(files: ArchiveFiles, toc: TableOfContents): readonly DataFile[] {
  return toc.entries
    .filter((entry) => entry.mustHaveData && entry.description !== 'BLOBS')
    .map((entry) => {
      const what = `the data of ${entryLabel(entry)}`;
      if (entry.fileName === null) throw new DumpDamage(`its table of contents names no file for ${what}`);
      return { ...find(files, entry.fileName, what), copied: entry.copied, columns: entry.columns };
    });
}

async function largeObjects(files: ArchiveFiles, toc: TableOfContents): Promise<readonly DataFile[]> {
  const names = new Set<string>();
  for (const list of largeObjectLists(toc)) {
    if (!files.byName.has(list.name)) throw new DumpDamage(`${list.name}, the list of its large objects, is missing`);
    const text = await withFile(files, list.name, async (reader) => {
      if (reader.bytes > LARGEST_LIST) throw new DumpDamage(`${list.name} is larger than any list of large objects`);
      return Buffer.from(await reader.read(0, reader.bytes)).toString('latin1');
    });
    for (const name of parseLargeObjectList(list, text)) names.add(name);
  }
  return [...names].map((name) => ({ ...find(files, name, 'a large object'), copied: false, columns: null }));
}

function find(files: ArchiveFiles, name: string, what: string): Omit<DataFile, keyof CopiedRows> {
  for (const suffix of FILE_SUFFIXES) {
    const file = files.byName.get(name + suffix);
    if (file !== undefined) return { file, suffix, label: `${name}${suffix} (${what})` };
  }
  throw new DumpDamage(`the file ${name} with ${what} is missing`);
}

async function withFile<T>(files: ArchiveFiles, path: string, use: (reader: ByteReader) => Promise<T>): Promise<T> {
  const reader = await files.open(path);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}
