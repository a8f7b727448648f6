import type { ByteReader } from '../../trees/artifact-tree.ts';
import { createTail } from './data-file.ts';
import { DumpDamage, type DumpIntegrity, ReadingLimit } from './dump-reading.ts';
import { createPlainContent, type PlainContent } from './plain-facts.ts';
import { createPlainOrigin, type PlainOrigin } from './plain-origin.ts';
import { endsInTrailer, LONGEST_TRAILER, parseAfterTrailer } from './plain-trailer.ts';
import type { Progress } from './progress.ts';
import { ROWS_FILTERED } from './row-security.ts';
import { createSqlScanner } from './sql-scanner.ts';
import { assertNoZeroBytes } from './zero-bytes.ts';

/**
 * How much of a plain dump {@link readBeginning} looks at: names, versions and times stand in the first 2 KiB of one
 * database; pg_dumpall writes its roles before them, with their comments and memberships.
 */
export const BEGINNING_LENGTH = 16 * 1024;
export const CLUSTER_BEGINNING_LENGTH = 64 * 1024;
/** What is looked at before it is asked whether more is needed. */
const PIECE = 2 * 1024;

/** A list that was cut short would look like one that lacks the rest. */
const NOTHING_LISTED = { databases: [], tables: null, objects: null, scope: 'unknown' } as const;

export function beginningLength(cluster: boolean): number {
  return cluster ? CLUSTER_BEGINNING_LENGTH : BEGINNING_LENGTH;
}

/**
 * Reads a plain dump to its end: complete when its trailer, found outside rows and constants, ends the file.
 *
 * @throws DumpDamage
 * @throws ReadingLimit where it lists more than is kept, of which nothing is listed then
 */
export async function readPlainDump(
  chunks: AsyncIterable<Uint8Array>,
  cluster: boolean,
  progress: Progress,
): Promise<DumpIntegrity> {
  const content = createPlainContent(cluster);
  const scanner = createSqlScanner(content);
  const tail = createTail(LONGEST_TRAILER);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      assertNoZeroBytes(chunk, bytes);
      scanner.write(chunk);
      tail.write(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    const isCutShort = error instanceof ReadingLimit;
    const { sequencesWithoutValues: _, ...known } = content.facts();
    progress.facts = isCutShort ? { ...known, ...NOTHING_LISTED } : content.facts();
    throw error;
  }
  const inside = scanner.end();
  progress.facts = content.facts();
  if (inside === 'the rows of a table')
    throw new DumpDamage(`the file ends inside the data of table ${content.lastTable()}`);
  if (inside !== null) throw new DumpDamage(`the file ends inside ${inside}`);
  const followed = checkTrailer(content, cluster, bytes, tail.text());
  if (content.mayLackRows()) return ROWS_FILTERED;
  if (followed !== null) return { state: 'unproven', because: followed };
  return { state: 'complete', because: 'it was read to its end, which is the trailer that pg_dump writes last' };
}

/** That further dumps follow in the same file, of which nothing tells which is whose; null where none does. @throws DumpDamage */
function checkTrailer(content: PlainContent, cluster: boolean, bytes: number, tail: string): string | null {
  const { ends } = content;
  if (ends.begun !== ends.ended) throw new DumpDamage('a dump inside it has no trailer: it is cut off');
  const isFollowed = cluster && ends.cluster !== null && ends.database !== null && ends.database > ends.cluster;
  const at = cluster && !isFollowed ? ends.cluster : ends.database;
  if (at === null) throw new DumpDamage('the file ends without a trailer: it is cut off');
  const rest = bytes - at;
  const after = rest > tail.length ? null : parseAfterTrailer(rest === 0 ? '' : tail.slice(-rest));
  if (after === null) {
    throw new DumpDamage(
      rest < LONGEST_TRAILER && rest < 8
        ? 'the file ends inside its trailer'
        : 'its trailer is cut off, or other text follows it',
    );
  }
  if (!cluster && content.token() !== after.token) throw new DumpDamage('the last line of its trailer is missing');
  if (isFollowed) {
    return 'the dump of a database follows the end of what pg_dumpall wrote: write each to a file of its own';
  }
  return !cluster && ends.begun > 1
    ? 'another dump follows its end in the same file: write each to a file of its own'
    : null;
}

/** What the first {@link beginningLength} bytes tell. @throws DumpDamage */
export function readBeginning(beginning: Uint8Array, cluster: boolean, progress: Progress): void {
  const looked = beginning.subarray(0, beginningLength(cluster));
  progress.facts = originIn(looked, cluster).facts();
  assertNoZeroBytes(looked, 0);
}

/** Whether more of a dump of one database would tell no more of where it comes from. */
export function tellsOrigin(beginning: Uint8Array): boolean {
  return originIn(beginning, false).isTold();
}

function originIn(beginning: Uint8Array, cluster: boolean): PlainOrigin {
  const origin = createPlainOrigin(cluster);
  const scanner = createSqlScanner(origin);
  for (let at = 0; at < beginning.length && !origin.isTold(); at += PIECE) {
    scanner.write(beginning.subarray(at, at + PIECE));
  }
  return origin;
}

/** Looks at both ends of a plain dump. @throws DumpDamage when its end cannot be that of a whole one */
export async function glanceAtPlainDump(
  reader: ByteReader,
  cluster: boolean,
  progress: Progress,
): Promise<DumpIntegrity> {
  readBeginning(await reader.read(0, beginningLength(cluster)), cluster, progress);
  const length = Math.min(LONGEST_TRAILER, reader.bytes);
  const end = Buffer.from(await reader.read(reader.bytes - length, length));
  assertNoZeroBytes(end, reader.bytes - length);
  const tail = end.toString('latin1');
  if (cluster && endsInTrailer(tail, 'database')) {
    const because =
      'it ends in the trailer of one database; whether what pg_dumpall wrote ended before that shows only when all of it is read';
    return { state: 'unproven', because };
  }
  if (!endsInTrailer(tail, cluster ? 'database cluster' : 'database')) {
    throw new DumpDamage(
      'the file does not end in the trailer that pg_dump writes last: it is cut off, or other text follows',
    );
  }
  return {
    state: 'unproven',
    because:
      'it ends in what looks like its trailer; that this is no row, and nothing is missing before, shows only when all of it is read',
  };
}
