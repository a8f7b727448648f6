import { dirname } from 'node:path/posix';
import type { Instant } from '../../model/instant.ts';
import { CompressedDamage } from '../formats/compressed-damage.ts';
import { UnsupportedCompression } from '../formats/compression/wrapping.ts';
import { FormatDamage } from '../formats/format-damage.ts';
import { onlyZeros } from '../formats/only-zeros.ts';
import { HEAD_LENGTH, recognise } from '../formats/pg-dump/artifact-magic.ts';
import { type TarEntry, UnreadTar, walkTarEntries } from '../formats/tar-entries.ts';
import type { TarContent } from '../formats/tar-walk.ts';
import {
  type DatedCopies,
  type DatedCopy,
  type DatedCopySettings,
  parseCopyTime,
  pathInCopy,
} from '../hosts/dated-copies.ts';
import { keyedDigest, LARGEST_DIGESTED } from '../hosts/file-digest.ts';
import type { ArtifactFile, ArtifactTree, ByteReader } from '../trees/artifact-tree.ts';
import { digestOfListedTree, type SummedFile, sumOf } from './copied-tree-of-tar.ts';
import { copyContents } from './copy-contents.ts';
import type { SetContents } from './set-contents.ts';
import { isWalked } from './walked-archive.ts';

/** Archives of one directory that are read to their end, newest first: only their end tells that they are whole. */
const NEWEST = 3;
/** Directories whose archives are looked into. */
const MOST_SERIES = 500;
/** Of one archive, in bytes as it is stored; a larger one takes longer than an audit may. */
const LARGEST = 64 * 1024 ** 3;

export interface ArchiveSet {
  readonly copies: DatedCopies;
  /** Why nobody could look into some of the newest archives, each with its name. */
  readonly unread: readonly string[];
  readonly contents: SetContents;
}

/**
 * Dated tar archives, bare or compressed: each is one copy, as of the time in its name. Those of the newest that are whole
 * to their end are complete.
 *
 * @param kept paths of the source host of which single files are asked for
 * @throws SourceError when the location cannot be listed or an archive cannot be read
 */
export async function readArchiveSet(
  tree: ArtifactTree,
  settings: DatedCopySettings,
  kept: readonly string[],
  signal: AbortSignal,
): Promise<ArchiveSet> {
  const wanted = kept.flatMap((path) => pathInCopy(path, settings.sourceRoot) ?? []);
  const { archives, strays } = await listArchives(tree, settings, signal);
  const copies: DatedCopy[] = [];
  const unread: string[] = [];
  // Archives of one directory follow one another; another directory is another organization's, or another host's.
  const series = [...Map.groupBy(archives, ({ file }) => dirname(file.path))];
  for (const [of, own] of series.slice(0, MOST_SERIES)) {
    for (const { file, moment } of own.slice(0, NEWEST)) {
      const read = await readArchive(tree, file, wanted, signal);
      if (typeof read === 'string') unread.push(`${file.path}: ${read}`);
      else copies.push({ name: file.path, moment, series: of, ...read });
    }
  }
  for (const [of] of series.slice(MOST_SERIES))
    unread.push(`${of}: its archives were not looked into, as there are too many`);
  copies.sort((a, b) => b.moment.localeCompare(a.moment));
  const walk = (copy: DatedCopy, visit: (entry: TarEntry, content: TarContent) => Promise<void>) =>
    walkArchive(tree, copy.name, signal, visit);
  return {
    copies: { copies, strays },
    unread,
    contents: {
      async fileDigest(copy, inside, key) {
        let found: string | null = null;
        if ((copy.files.get(inside)?.bytes ?? Number.POSITIVE_INFINITY) > LARGEST_DIGESTED) return null;
        const isWhole = await isWalked(
          walk(copy, async ({ path, isFile, isSparse, bytes }, content) => {
            if (path !== inside) return;
            const isRead = isFile && !isSparse && bytes <= LARGEST_DIGESTED;
            found = isRead ? keyedDigest(key, await content.take(bytes)) : null;
          }),
        );
        return isWhole ? found : null;
      },
      async treeDigest(copy, inside, key, except) {
        const directory = inside;
        const summed = new Map<string, SummedFile>();
        const isWhole = await isWalked(
          walk(copy, async ({ path, isFile, isLinked, isSparse, bytes }, content) => {
            if (!path.startsWith(`${directory}/`)) return;
            const member = path.slice(directory.length + 1);
            summed.delete(member);
            if (!isFile) return;
            const sha256 = isLinked || isSparse ? null : await sumOf(content);
            summed.set(member, { path: member, bytes, sha256 });
          }),
        );
        return isWhole ? digestOfListedTree([...summed.values()], key, except) : null;
      },
    },
  };
}

/**
 * Which files of a location are dated archives, newest first, and which are none.
 *
 * @throws SourceError when the location cannot be listed
 */
export async function listArchives(
  tree: ArtifactTree,
  settings: DatedCopySettings,
  signal: AbortSignal,
): Promise<{
  readonly archives: readonly { readonly file: ArtifactFile; readonly moment: Instant }[];
  readonly strays: readonly ArtifactFile[];
}> {
  const archives: { readonly file: ArtifactFile; readonly moment: Instant }[] = [];
  const strays: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) {
    const moment = momentOf(file.path, settings);
    if (moment === null) strays.push(file);
    else archives.push({ file, moment });
  }
  return { archives: archives.sort((a, b) => b.moment.localeCompare(a.moment)), strays };
}

/** A text says why nobody can look into it: what is encrypted, too large or of another format may be whole. */
async function readArchive(
  tree: ArtifactTree,
  file: ArtifactFile,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Pick<DatedCopy, 'complete' | 'because' | 'files' | 'directories'> | string> {
  const contents = copyContents(wanted, `archive ${file.path}`);
  if (file.bytes > LARGEST)
    return `it has ${file.bytes} bytes, and archives above ${LARGEST} are not read to their end`;
  try {
    await walkArchive(
      tree,
      file.path,
      signal,
      async ({ path, isFile, bytes, modifiedAt, isLinked, linkedTo, leavesOut }) => {
        if (leavesOut) throw new UnreadTar(INCREMENTAL);
        // Of several members of a name the last one is what is extracted, whatever it is (GNU tar manual, "--append").
        if (isLinked) contents.link(path, linkedTo, modifiedAt);
        else if (isFile) contents.add({ path, bytes, modifiedAt });
        else contents.remove(path);
      },
    );
    return { complete: true, because: 'it is a tar archive, whole to its end', ...contents.result() };
  } catch (error) {
    if (error instanceof UnsupportedCompression || error instanceof UnreadTar) return error.message;
    if (!(error instanceof FormatDamage || error instanceof CompressedDamage)) throw error;
    return { complete: false, because: `it is no whole tar archive: ${error.message}`, ...contents.result() };
  }
}

const INCREMENTAL =
  'it is an incremental archive of GNU tar, which holds what changed since another one and is no copy by itself';

async function walkArchive(
  tree: ArtifactTree,
  path: string,
  signal: AbortSignal,
  visit: (entry: TarEntry, content: TarContent) => Promise<void>,
): Promise<void> {
  const reader = await tree.open(path, signal);
  try {
    const head = await reader.read(0, HEAD_LENGTH);
    if (reader.bytes > 0 && onlyZeros(head) && (await isAllZeros(reader))) throw new FormatDamage(ZEROS);
    const what = recognise(head);
    const isTar = what.as === 'tar' || (what.as === 'other' && what.kind === 'archive');
    if (what.as !== 'wrapped' && !isTar && reader.bytes >= HEAD_LENGTH) {
      const named =
        what.as === 'other' && what.kind !== 'foreign'
          ? what.what
          : 'no tar archive, or one in a form that is not opened';
      throw new UnreadTar(`it is ${named}`);
    }
    const stored = reader.stream();
    await walkTarEntries({ chunks: what.as === 'wrapped' ? what.wrapping.open(stored) : stored }, visit);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await reader.close();
  }
}

const ZEROS = 'it holds only zeros, as a file does whose space was set aside and that nobody wrote';

async function isAllZeros(reader: ByteReader): Promise<boolean> {
  for await (const chunk of reader.stream()) if (!onlyZeros(chunk)) return false;
  return true;
}

/** Endings after which the time in a name ends. */
const ENDING = /\.(?:tar(?:\.[a-z0-9]{1,4}){0,2}|t[gbxz][a-z0-9]{0,2}(?:\.[a-z0-9]{1,4})?)$/i;

function momentOf(path: string, { timeFormat, timeZone }: DatedCopySettings): Instant | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return ENDING.test(name) ? parseCopyTime(name.replace(ENDING, ''), timeFormat, timeZone) : null;
}
