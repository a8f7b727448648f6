import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ByteCursor, streamCursor } from '../byte-cursor.ts';
import { onlyZeros } from '../only-zeros.ts';
import type { GzipEnd, GzipMember } from './gzip-member.ts';
import { RAFT_PARTS, type SnapshotPart, type SnapshotState } from './snapshot-state.ts';
import { createTarReader, type TarStep, unlessEnded } from './tar-entries.ts';

const metaSchema = z.object({
  ID: z.string(),
  Index: z.int(),
  Term: z.int().optional(),
  Size: z.int(),
  Configuration: z.object({ Servers: z.array(z.object({ ID: z.string(), Address: z.string() })) }).nullish(),
});
export type SnapshotMeta = z.infer<typeof metaSchema>;

/** What was met in the archive until it ended, or until what was met ended the search. */
export interface SnapshotArchive {
  /** Where the walk through the archive stopped. */
  readonly stop: Exclude<TarStep, object> | 'unexpected-part' | 'part-too-large' | 'not-a-snapshot';
  /** The part in which it stopped, or the name of the unexpected one; null between parts. */
  readonly stoppedIn: string | null;
  /** SHA-256 in lower-case hex of each part that is there to its last byte. */
  readonly sums: ReadonlyMap<SnapshotPart, string>;
  /** What the archive's own SHA256SUMS says; null where that part is missing. */
  readonly declaredSums: ReadonlyMap<string, string> | null;
  readonly meta: SnapshotMeta | null;
  /** Who followed its content; null where meta.json is missing or of no product that is read. */
  readonly state: SnapshotState | null;
  readonly modifiedSeconds: number | null;
  readonly stateBytes: number;
  /** Whether anything but zeros follows the end of the archive. */
  readonly bytesAfterEnd: boolean;
  /** Null where the walk stopped earlier than the file. */
  readonly gzipEnd: GzipEnd | null;
}

/** Those written are below 2 KiB; `meta.json` grows by the servers of the cluster. */
const MAX_SMALL_PART_BYTES = 1024 * 1024;

/**
 * Walks through the archive once, hashing each part and handing `state.bin` on as it streams by.
 * @param stateOf who follows it, by the `ID` of meta.json, which comes first
 */
export async function walkSnapshotArchive(
  member: GzipMember,
  stateOf: (id: string) => SnapshotState | null,
): Promise<SnapshotArchive> {
  const cursor = streamCursor(member.content);
  try {
    return await walk(cursor, member, stateOf);
  } finally {
    await cursor.close();
  }
}

async function walk(
  cursor: ByteCursor,
  member: GzipMember,
  stateOf: (id: string) => SnapshotState | null,
): Promise<SnapshotArchive> {
  const tar = createTarReader(cursor);
  const sums = new Map<SnapshotPart, string>();
  let declaredSums: ReadonlyMap<string, string> | null = null;
  let meta: SnapshotMeta | null = null;
  let state: SnapshotState | null = null;
  let modifiedSeconds: number | null = null;
  let stateBytes = 0;
  const stopped = (
    stop: SnapshotArchive['stop'],
    stoppedIn: string | null,
    gzipEnd: GzipEnd | null,
    bytesAfterEnd = false,
  ) => ({
    stop,
    stoppedIn,
    sums,
    declaredSums,
    meta,
    state,
    modifiedSeconds,
    stateBytes,
    bytesAfterEnd,
    gzipEnd,
  });

  for (;;) {
    const step = await tar.next();
    if (step === 'end') {
      const follows = await hasBytes(cursor);
      return stopped('end', null, member.end(), follows);
    }
    if (step === 'cut') return stopped('cut', null, member.end());
    if (step === 'damaged') return stopped('damaged', null, null);
    const part = (state?.parts ?? RAFT_PARTS).find((name) => name === step.name);
    if (part === undefined || sums.has(part)) return stopped('unexpected-part', step.name, null);
    if (part !== 'state.bin' && step.bytes > MAX_SMALL_PART_BYTES) return stopped('part-too-large', part, null);

    const hash = createHash('sha256');
    const small: Uint8Array[] = [];
    let bytes = 0;
    const visitor = (chunk: Uint8Array) => {
      bytes += chunk.length;
      hash.update(chunk);
      if (part === 'state.bin') state?.push(chunk);
      else small.push(chunk);
    };
    await unlessEnded(() => cursor.visit(step.bytes, visitor));
    if (part === 'state.bin') stateBytes = bytes;
    if (bytes < step.bytes) return stopped('cut', part, member.end());
    sums.set(part, hash.digest('hex'));
    if (part === 'SHA256SUMS') declaredSums = parseSums(Buffer.concat(small).toString('latin1'));
    if (part === 'meta.json') {
      meta = parseMeta(Buffer.concat(small).toString('utf8'));
      modifiedSeconds = step.modifiedSeconds;
      state = meta === null ? null : stateOf(meta.ID);
      if (state === null) return stopped('not-a-snapshot', part, null);
    }
    if (!(await tar.finish(step.bytes))) return stopped('cut', null, member.end());
  }
}

async function hasBytes(cursor: ByteCursor): Promise<boolean> {
  let some = false;
  const visitor = (chunk: Uint8Array) => {
    some ||= !onlyZeros(chunk);
  };
  await unlessEnded(() => cursor.visit(Number.POSITIVE_INFINITY, visitor));
  return some;
}

function parseMeta(text: string): SnapshotMeta | null {
  try {
    return metaSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Lines as `sha256sum` of GNU coreutils writes them: 64 hex digits, two spaces, a name. */
function parseSums(text: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    if (sum !== undefined && name !== undefined) sums.set(name, sum);
  }
  return sums;
}
