import { SourceError } from '../../../model/source-error.ts';
import { counted } from '../../../model/text.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { withReader } from '../physical/repository-reading.ts';

/*
 * Borg 1.2, "Data structures and file formats", "Indexes": `index.N` is a hash table of the objects of a repository, each
 * with the segment it is in and its offset there; integers are little-endian. It is not encrypted.
 */
const MAGIC = 'BORG_IDX';
/** Magic, number of entries, number of buckets, and in a byte each the size of keys and of values. */
const HEADER = 18;
/** A SHA-256 or MAC of the object. */
const KEY = 32;
/** Segment and offset of 32 bits each. */
const VALUE = 8;
const BUCKET = KEY + VALUE;
/** CRC and size of 32 bits each, and a tag. */
const OBJECT_HEADER = 9;
/** From here on numbers of segments mean that the bucket is empty, or was deleted. */
const UNUSED = 0xfffffffe;

/**
 * Looks whether every segment that the index of a repository of Borg names is there, as long as its objects reach. Borg
 * lists archives by the segments with their metadata alone.
 *
 * @param files what lies in the repository
 * @throws SourceError where segments are missing or cut, and where there is no index that tells
 */
export async function assertSegmentsPresent(
  tree: ArtifactTree,
  files: readonly ArtifactFile[],
  signal: AbortSignal,
): Promise<void> {
  const index = newestIndex(files);
  if (index === null) throw unreadable('it has none');
  const segments = new Map(
    files.flatMap((file) => {
      const number = /^data\/\d+\/(\d+)$/.exec(file.path)?.[1];
      return number === undefined ? [] : [[Number(number), file] as const];
    }),
  );
  let lacking = 0;
  for (const [number, offset] of await lastOffsets(tree, index, signal)) {
    const segment = segments.get(number);
    if (segment === undefined || !(await reachesEnd(tree, segment, offset, signal))) lacking += 1;
  }
  if (lacking === 0) return;
  throw new SourceError(
    'malformed',
    `${counted(lacking, 'segment')} that the index of Borg names ${lacking === 1 ? 'is' : 'are'} missing or cut, and which archives need ${lacking === 1 ? 'it' : 'them'} is not known`,
    'Run borg check, repair the repository, and take a new backup.',
  );
}

/** Whether a segment is long enough for the object at an offset: its size stands behind its CRC, counting its header. */
async function reachesEnd(
  tree: ArtifactTree,
  { path, bytes }: ArtifactFile,
  offset: number,
  signal: AbortSignal,
): Promise<boolean> {
  if (offset + OBJECT_HEADER > bytes) return false;
  const header = await withReader(tree, path, signal, (reader) => reader.read(offset, OBJECT_HEADER));
  return header.length === OBJECT_HEADER && offset + Buffer.from(header).readUInt32LE(4) <= bytes;
}

function newestIndex(files: readonly ArtifactFile[]): ArtifactFile | null {
  const numbered = files.flatMap((file) => {
    const number = /^index\.(\d+)$/.exec(file.path)?.[1];
    return number === undefined ? [] : [{ file, number: Number(number) }];
  });
  return numbered.sort((a, b) => b.number - a.number)[0]?.file ?? null;
}

/** Of each segment that the index names, the offset of the last object in it. */
async function lastOffsets(
  tree: ArtifactTree,
  { path }: ArtifactFile,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, number>> {
  return withReader(tree, path, signal, async (reader) => {
    const header = Buffer.from(await reader.read(0, Math.min(HEADER, reader.bytes)));
    const isIndex = header.length === HEADER && header.toString('latin1', 0, MAGIC.length) === MAGIC;
    if (!isIndex || header[16] !== KEY || header[17] !== VALUE) throw unreadable('it has another form');
    if (reader.bytes !== HEADER + header.readUInt32LE(12) * BUCKET) throw unreadable('it is cut');
    const offsets = new Map<number, number>();
    let rest = Buffer.alloc(0);
    for await (const chunk of reader.stream(HEADER)) {
      signal.throwIfAborted();
      const bytes = Buffer.concat([rest, chunk]);
      let at = 0;
      for (; at + BUCKET <= bytes.length; at += BUCKET) {
        const segment = bytes.readUInt32LE(at + KEY);
        if (segment >= UNUSED) continue;
        const offset = bytes.readUInt32LE(at + KEY + 4);
        if (offset >= (offsets.get(segment) ?? 0)) offsets.set(segment, offset);
      }
      rest = bytes.subarray(at);
    }
    return offsets;
  });
}

function unreadable(why: string): SourceError {
  return new SourceError(
    'malformed',
    `the index of the repository does not tell which segments must be there: ${why}`,
    'Run borg check, which makes it anew where it is missing.',
  );
}
