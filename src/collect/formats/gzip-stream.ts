import { crc32 } from 'node:zlib';
import { type ByteCursor, InputEnds, type StreamCursor, streamCursor } from './byte-cursor.ts';
import { CompressedDamage } from './compressed-damage.ts';
import { createInflater, type Inflater } from './inflater.ts';

const PIECE = 64 * 1024;
/** What a piece became, above which the next one waits: such a stream would fill the memory. */
const MOST_AHEAD = 4 * 1024 * 1024;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16 } as const;

/**
 * The content of a gzip file: one or more members, each with its trailer (RFC 1952 section 2.2), and nothing after the
 * last one but zero bytes, as a block device or a tape leaves them, which gzip itself passes over (gzip manual, "Tapes"). Unlike the gunzip of zlib it tells what is wrong: while iterating throws CompressedDamage when a member is
 * cut off, its CRC-32 or size is wrong, or other bytes follow. Closes `compressed` in the end.
 *
 * @param outputBuffer bytes in which the content is handed over at most, for those who want only its beginning
 * @param members `one` where the format has a single member and whatever follows it is wrong
 */
export async function* gunzip(
  compressed: AsyncIterable<Uint8Array>,
  members: 'one' | 'any' = 'any',
  outputBuffer?: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = pushableCursor(compressed);
  try {
    for (let passed = 0; passed === 0 || !(await cursor.atEnd()); passed += 1) {
      if (passed > 0 && (members === 'one' || !(await startsMember(cursor)))) {
        if (members === 'any' && (await onlyZeros(cursor))) return;
        throw new CompressedDamage('trailing-bytes', 'bytes that are no gzip data follow the end of the gzip stream');
      }
      await readMemberHeader(cursor);
      yield* readMember(cursor, outputBuffer);
    }
  } catch (error) {
    if (error instanceof InputEnds) throw cutOff('cut', error);
    throw error;
  } finally {
    await cursor.close();
  }
}

function cutOff(fault: 'cut' | 'no-trailer', cause: InputEnds): CompressedDamage {
  return new CompressedDamage(fault, 'the gzip stream is cut off before its end', { cause });
}

interface PushableCursor extends StreamCursor {
  /** The bytes at hand, at least one; null at the end. */
  piece(): Promise<Uint8Array | null>;
  pushBack(bytes: Uint8Array): void;
}

/** A cursor that takes back what the inflater did not use. */
function pushableCursor(chunks: AsyncIterable<Uint8Array>): PushableCursor {
  const iterator = chunks[Symbol.asyncIterator]();
  const returned: Uint8Array[] = [];
  const next = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const bytes = returned.pop();
      if (bytes !== undefined) {
        if (bytes.length > 0) return bytes;
        continue;
      }
      const result = await iterator.next();
      if (result.done === true) return null;
      if (result.value.length > 0) return result.value;
    }
  };
  const pushBack = (bytes: Uint8Array): void => {
    returned.push(bytes);
  };
  const single = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (let bytes = await next(); bytes !== null; bytes = await next()) {
      // One byte at a time keeps the rest available to the inflater; only headers and trailers come this way.
      pushBack(bytes.subarray(1));
      yield bytes.subarray(0, 1);
    }
  };
  const cursor = streamCursor(single());
  return {
    ...cursor,
    piece: next,
    pushBack,
    close: async () => {
      await iterator.return?.();
    },
    atEnd: async () => {
      const bytes = await next();
      if (bytes === null) return true;
      pushBack(bytes);
      return false;
    },
  };
}

async function startsMember(cursor: PushableCursor): Promise<boolean> {
  const first = await cursor.piece();
  if (first === null) return false;
  const second = first.length > 1 ? null : await cursor.piece();
  if (second !== null) cursor.pushBack(second);
  cursor.pushBack(first);
  return first[0] === 0x1f && (first[1] ?? second?.[0]) === 0x8b;
}

async function onlyZeros(cursor: PushableCursor): Promise<boolean> {
  for (let piece = await cursor.piece(); piece !== null; piece = await cursor.piece()) {
    if (piece.some((byte) => byte !== 0)) return false;
  }
  return true;
}

async function readMemberHeader(cursor: ByteCursor): Promise<void> {
  const [, , method = 0, flags = 0] = await cursor.take(10);
  if (method !== 8 || flags > 31) throw new CompressedDamage('damaged', 'the header of its gzip stream is damaged');
  if ((flags & FLAG.extra) !== 0) {
    const [low = 0, high = 0] = await cursor.take(2);
    await cursor.skip(low + high * 256);
  }
  for (const text of [FLAG.name, FLAG.comment]) {
    if ((flags & text) === 0) continue;
    while ((await cursor.take(1))[0] !== 0) {
      // A zero byte ends the text.
    }
  }
  if ((flags & FLAG.headerChecksum) !== 0) await cursor.skip(2);
}

async function* readMember(
  cursor: PushableCursor,
  outputBuffer: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = createInflater('raw', outputBuffer);
  let checksum = 0;
  let size = 0;
  try {
    for (let step = await nextStep(cursor, inflater); ; ) {
      const { output, used } = await step.inflated;
      const { input } = step;
      if (input !== null && used < input.length) cursor.pushBack(input.subarray(used));
      const ended = input === null || used < input.length;
      // While another thread inflates the next piece, whoever reads this content works on the last one.
      const ahead = ended || bytesOf(output) > MOST_AHEAD ? null : await nextStep(cursor, inflater);
      for (const bytes of output) {
        checksum = crc32(bytes, checksum);
        size = (size + bytes.length) % 2 ** 32;
        yield bytes;
      }
      if (ended) break;
      step = ahead ?? (await nextStep(cursor, inflater));
    }
  } finally {
    inflater.discard();
  }
  const trailer = await readTrailer(cursor);
  if (trailer.readUInt32LE(0) !== checksum >>> 0 || trailer.readUInt32LE(4) !== size) {
    throw new CompressedDamage(
      'wrong-checksum',
      'the checksum or size at the end of its gzip stream does not match the content',
    );
  }
}

/** One piece on its way through the inflater; `input` null at the end of what there is. */
interface Step {
  readonly input: Uint8Array | null;
  readonly inflated: Promise<{ readonly output: readonly Uint8Array[]; readonly used: number }>;
}

async function nextStep(cursor: PushableCursor, inflater: Inflater): Promise<Step> {
  const piece = await cursor.piece();
  const input = piece?.subarray(0, PIECE) ?? null;
  if (piece !== null && piece.length > PIECE) cursor.pushBack(piece.subarray(PIECE));
  const inflated = input === null ? inflater.finish().then((output) => ({ output, used: 0 })) : inflater.write(input);
  // It is seen when its turn comes; until then it is not unhandled.
  inflated.catch(() => undefined);
  return { input, inflated };
}

function bytesOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

async function readTrailer(cursor: ByteCursor): Promise<Buffer> {
  try {
    return Buffer.from(await cursor.take(8));
  } catch (error) {
    if (error instanceof InputEnds) throw cutOff('no-trailer', error);
    throw error;
  }
}
