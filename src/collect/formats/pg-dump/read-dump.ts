import { createHash } from 'node:crypto';
import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ArtifactFile, ByteReader } from '../../trees/artifact-tree.ts';
import { MISMATCH, StoredChecksumMismatch } from '../../trees/stored-checksum-mismatch.ts';
import { UnsupportedCompression, type Wrapping } from '../compression/wrapping.ts';
import { gunzipBeginning } from '../gzip-beginning.ts';
import { HEAD_LENGTH, type Recognised, recognise } from './artifact-magic.ts';
import { type ByteCount, countingReader } from './counting-reader.ts';
import { readDirectoryArchive } from './directory-archive.ts';
import { glanceAtDump, glanceAtWrappedDump, readWholeDump } from './dump-depth.ts';
import {
  DumpDamage,
  type DumpIntegrity,
  type DumpOptions,
  type DumpReading,
  type DumpRecognition,
  ReadingLimit,
  unknownFacts,
} from './dump-reading.ts';
import { type PeekedChunks, peek } from './peeked-chunks.ts';
import { BEGINNING_LENGTH, CLUSTER_BEGINNING_LENGTH, tellsOrigin } from './plain-dump.ts';
import type { Progress } from './progress.ts';
import { recipientsIn } from './recipients.ts';
import { unwrap } from './unwrap.ts';

const SHORTEST_MAGIC = 5;

/** What mostly becomes the bytes of SQL text that a glance looks at, of one database and of a cluster. */
const GZIPPED_BEGINNING = { plain: 8 * 1024, 'plain-cluster': 32 * 1024 } as const;
/** Where one database is named at once, this is mostly enough. */
const FIRST_GZIPPED = 2 * 1024;
const WANTED_BEGINNING = { plain: BEGINNING_LENGTH, 'plain-cluster': CLUSTER_BEGINNING_LENGTH } as const;

/**
 * Reads one file as a PostgreSQL dump: custom, tar or plain, of one database or (pg_dumpall) of all, bare or compressed.
 * What the file is follows from its content, never from its name. Damage is reported in the reading, not thrown; bytes that
 * are not those of which the store keeps the checksum are damage, whatever the rules of the format say.
 *
 * @throws SourceError when the storage fails or the signal fires.
 */
export async function readDumpFile(reader: ByteReader, options: DumpOptions): Promise<DumpRecognition> {
  if (reader.bytes === 0) return { kind: 'empty', what: 'a file of 0 bytes, as pg_dump leaves when it fails at once' };
  const count: ByteCount = { bytes: 0 };
  const counted = countingReader(reader, count, options.signal);
  const read = () =>
    options.depth === 'full' ? readAll(counted, count, options.signal) : glance(counted, count, options.signal);
  try {
    return comparedWithStore(await read(), reader, false);
  } catch (error) {
    if (!(error instanceof StoredChecksumMismatch)) throw error;
    // What it is, and of which database, is told all the same: this time the bytes come without a comparison.
    return comparedWithStore(await read(), reader, true);
  }
}

/** @param differed whether the store's checksum was another one when the bytes were first read */
function comparedWithStore(
  recognition: DumpRecognition,
  { sha256AtStore }: Pick<ByteReader, 'sha256AtStore'>,
  differed: boolean,
): DumpRecognition {
  if (recognition.kind !== 'dump') return recognition;
  const { reading } = recognition;
  const isSame = reading.sha256 === null || sha256AtStore === undefined ? null : reading.sha256 === sha256AtStore;
  const unread = reading.sha256 === null && sha256AtStore !== undefined ? { sha256AtStore } : {};
  if (isSame ?? !differed) return dump({ ...reading, ...unread });
  return dump({ ...reading, ...unread, integrity: { state: 'incomplete', because: MISMATCH } });
}

/**
 * Reads a directory as a dump. `files` are those below it, by paths relative to it, and must hold `toc.dat`; `open`
 * opens one of them by that path. @throws SourceError as {@link readDumpFile}
 */
export async function readDumpDirectory(
  files: readonly ArtifactFile[],
  open: (path: string) => Promise<ByteReader>,
  options: DumpOptions,
): Promise<DumpRecognition> {
  throwIfInterrupted(options.signal, 'a dump');
  const byName = new Map(files.map((file) => [file.path, file]));
  if (!byName.has('toc.dat')) return { kind: 'foreign', what: 'a directory without toc.dat' };
  const count: ByteCount = { bytes: 0 };
  const counted = async (path: string) => countingReader(await open(path), count, options.signal);
  const progress: Progress = { facts: unknownFacts('pg_dump-directory') };
  const integrity = await judge(async () => {
    try {
      return await readDirectoryArchive({ byName, open: counted }, options.depth, progress, options.signal);
    } catch (error) {
      if (!(error instanceof StoredChecksumMismatch)) throw error;
      return { state: 'incomplete', because: error.message };
    }
  });
  return dump({ ...progress.facts, wrapped: 'none', integrity, bytesRead: count.bytes, sha256: null });
}

async function readAll(reader: ByteReader, count: ByteCount, signal: AbortSignal): Promise<DumpRecognition> {
  const hash = createHash('sha256');
  const stored = reader.stream()[Symbol.asyncIterator]();
  const hashed = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await stored.next(); next.done !== true; next = await stored.next()) {
      hash.update(next.value);
      yield next.value;
    }
  };
  const source = hashed();
  try {
    const outer = await peek(source, HEAD_LENGTH);
    const found = recognise(outer.head);
    const wrapping = found.as === 'wrapped' ? found.wrapping : null;
    const inner = wrapping === null ? outer : await peek(unwrap(wrapping, outer.chunks, signal), HEAD_LENGTH);
    const what = wrapping === null ? found : recognise(inner.head);
    if (what.as === 'wrapped' || what.as === 'other') return other(what, wrapping, inner);
    const progress: Progress = { facts: unknownFacts('pg_dump-custom') };
    const integrity = await judge(() => readWholeDump(what.as, inner.chunks, progress));
    if (progress.facts.format === 'pg_dump-directory') return lonelyContents();
    // Past the damage, too, so that the checksum can be compared with the one that a run recorded.
    while ((await source.next()).done !== true);
    const sha256 = hash.digest('hex');
    return dump({ ...progress.facts, wrapped: nameOf(wrapping), integrity, bytesRead: count.bytes, sha256 });
  } finally {
    await source.return();
    await stored.return?.();
  }
}

async function glance(reader: ByteReader, count: ByteCount, signal: AbortSignal): Promise<DumpRecognition> {
  const head = await reader.read(0, HEAD_LENGTH);
  const outer = recognise(head);
  const progress: Progress = { facts: unknownFacts('pg_dump-custom') };
  if (outer.as === 'other') return other(outer, null, { head, chunks: windows(reader), failure: null });
  if (outer.as !== 'wrapped') {
    const integrity = await judge(() => glanceAtDump(outer.as, reader, progress));
    if (progress.facts.format === 'pg_dump-directory') return lonelyContents();
    return dump({ ...progress.facts, wrapped: 'none', integrity, bytesRead: count.bytes, sha256: null });
  }
  const { wrapping } = outer;
  if (wrapping.name === 'gzip') {
    const text = await gzippedText(reader);
    if (text !== null) {
      const integrity = await judge(() => glanceAtWrappedDump(text.as, wrapping, only(text.beginning), progress));
      return dump({ ...progress.facts, wrapped: 'gzip', integrity, bytesRead: count.bytes, sha256: null });
    }
  }
  const content = unwrap(wrapping, windows(reader), signal);
  try {
    const inner = await peek(content, HEAD_LENGTH);
    const what = recognise(inner.head);
    if (what.as === 'wrapped' || what.as === 'other') return await other(what, wrapping, inner);
    const integrity = await judge(() => glanceAtWrappedDump(what.as, wrapping, inner.chunks, progress));
    if (progress.facts.format === 'pg_dump-directory') return lonelyContents();
    return dump({ ...progress.facts, wrapped: wrapping.name, integrity, bytesRead: count.bytes, sha256: null });
  } finally {
    await content.return();
  }
}

/** The beginning of a plain dump in gzip; null where it is none, or not to be had in one step. */
async function gzippedText(
  reader: ByteReader,
): Promise<{ readonly as: keyof typeof GZIPPED_BEGINNING; readonly beginning: Buffer } | null> {
  const first = gunzipBeginning(
    asBuffer(await reader.read(0, FIRST_GZIPPED)),
    reader.bytes <= FIRST_GZIPPED,
    HEAD_LENGTH,
  );
  if (first !== null && recognise(first.subarray(0, HEAD_LENGTH)).as === 'plain' && tellsOrigin(first)) {
    return { as: 'plain', beginning: first };
  }
  let wanted: keyof typeof GZIPPED_BEGINNING = 'plain';
  for (;;) {
    const stored = asBuffer(await reader.read(0, GZIPPED_BEGINNING[wanted]));
    const beginning = gunzipBeginning(stored, stored.length === reader.bytes, WANTED_BEGINNING[wanted]);
    const as = beginning === null ? null : recognise(beginning.subarray(0, HEAD_LENGTH)).as;
    if (beginning === null || (as !== 'plain' && as !== 'plain-cluster')) return null;
    if (as === wanted || wanted === 'plain-cluster') return { as, beginning };
    wanted = as;
  }
}

/** The same bytes, not a copy of them. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** The bytes of a file in windows, of which only those asked for are fetched. */
async function* windows(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  const WINDOW = 256 * 1024;
  for (let at = 0; at < reader.bytes; at += WINDOW) yield await reader.read(at, Math.min(WINDOW, reader.bytes - at));
}

async function judge(read: () => Promise<DumpIntegrity>): Promise<DumpIntegrity> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DumpDamage) return { state: 'incomplete', because: error.message };
    if (error instanceof ReadingLimit || error instanceof UnsupportedCompression)
      return { state: 'unproven', because: error.message };
    throw error;
  }
}

function dump(reading: DumpReading): DumpRecognition {
  return { kind: 'dump', reading };
}

/** What is no dump, or none that is opened. */
async function other(
  what: Recognised & { as: 'other' | 'wrapped' },
  wrapping: Wrapping | null,
  content: PeekedChunks,
): Promise<DumpRecognition> {
  const around = wrapping === null ? '' : `, inside ${fileOf(wrapping)}`;
  if (what.as === 'wrapped') return { kind: 'compressed', what: `${fileOf(what.wrapping)}${around}` };
  if (wrapping === null || content.head.length >= SHORTEST_MAGIC) {
    const recipients = what.scheme === undefined ? null : await recipientsIn(what.scheme, content);
    return { kind: what.kind, what: `${what.what}${around}${recipients === null ? '' : `: ${recipients}`}` };
  }
  if (content.failure instanceof UnsupportedCompression) {
    return { kind: 'compressed', what: `${fileOf(wrapping)}: ${content.failure.message}` };
  }
  return {
    kind: 'compressed',
    what: `${fileOf(wrapping)} that is empty or cut off before its content shows what it is`,
  };
}

function fileOf({ article, name }: Wrapping): string {
  return `${article} ${name} file`;
}

function nameOf(wrapping: Wrapping | null): DumpReading['wrapped'] {
  return wrapping?.name ?? 'none';
}

function lonelyContents(): DumpRecognition {
  return { kind: 'foreign', what: 'the toc.dat of a directory dump, without its data files' };
}
