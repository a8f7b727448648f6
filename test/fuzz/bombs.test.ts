import { deflateRawSync, constants as zlib } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { streamCursor } from '../../src/collect/formats/byte-cursor.ts';
import { decompressed } from '../../src/collect/formats/decompressed.ts';
import { readArchiveHeader } from '../../src/collect/formats/pg-dump/archive-header.ts';
import { readDumpFile } from '../../src/collect/formats/pg-dump/read-dump.ts';
import { compareContent } from '../../src/collect/formats/pgbackrest/stored-content.ts';
import { walkTar } from '../../src/collect/formats/tar-walk.ts';
import { readVaultSnapshot } from '../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import type { ByteReader } from '../../src/collect/trees/artifact-tree.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { tarOf } from '../collect/backups/physical/tar-of.ts';
import { fixture } from '../collect/formats/pg-dump/dump-fixtures.ts';
import { readingOf } from '../collect/formats/pg-dump/fixtures.ts';
import { snapshotParts, tar } from '../collect/formats/vault-snapshot/synthetic-snapshot.ts';

/*
 * Files of some 10 MB that hold 10 GiB: a gzip stream of one piece many times over. The pieces are made as they are
 * asked for, so that the test itself takes no memory.
 */

const MEBIBYTE = 1024 * 1024;
const CHUNK = 64 * 1024;
const PIECES = 10 * 1024;
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** Far more than one chunk of the storage holds when it is inflated, and far less than the whole. */
const MOST_MEMORY = 600 * MEBIBYTE;
const FIRST_LOOKS = 3;

/** A deflate block that goes on with the next one. */
function block(content: Uint8Array): Buffer {
  return deflateRawSync(content, { finishFlush: zlib.Z_FULL_FLUSH, level: 9 });
}

/** What holds `first` and then 10 GiB of `filler`; only its end is missing. */
function bomb(
  first: Uint8Array,
  filler: string | Uint8Array,
): { readonly reader: ByteReader; readonly read: () => number } {
  const piece = block(Buffer.alloc(MEBIBYTE - (MEBIBYTE % filler.length), filler));
  const start = Buffer.concat([GZIP_HEADER, block(first)]);
  const bytes = start.length + PIECES * piece.length;
  let given = 0;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(bytes, offset + length);
    const parts: Uint8Array[] = offset < start.length ? [start.subarray(offset, end)] : [];
    for (let at = Math.max(offset, start.length); at < end; ) {
      const from = (at - start.length) % piece.length;
      const part: Uint8Array = piece.subarray(from, from + end - at);
      parts.push(part);
      at += part.length;
    }
    given += Math.max(0, end - offset);
    return Buffer.concat(parts);
  };
  const stream = async function* (offset = 0): AsyncGenerator<Uint8Array, void> {
    for (let at = offset; at < bytes; at += CHUNK) yield await read(at, CHUNK);
  };
  return { reader: { bytes, read, stream, close: async () => undefined }, read: () => given };
}

/** Reads until a few chunks have come and then stops it, as Ctrl-C or a time limit would. */
async function interrupted(
  { reader, read }: ReturnType<typeof bomb>,
  use: (reader: ByteReader, signal: AbortSignal) => Promise<unknown>,
): Promise<{ readonly error: unknown; readonly read: number; readonly grownBy: number }> {
  const stop = new AbortController();
  const before = process.memoryUsage.rss();
  let peak = before;
  let looks = 0;
  const watched: ByteReader = {
    ...reader,
    async *stream(offset) {
      for await (const chunk of reader.stream(offset)) {
        peak = Math.max(peak, process.memoryUsage.rss());
        looks += 1;
        // Not from in here: whoever reads must let the rest of the process do something, too.
        if (looks === FIRST_LOOKS) setImmediate(() => stop.abort());
        yield chunk;
      }
    },
  };
  const error: unknown = await use(watched, stop.signal).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, read: read(), grownBy: Math.max(peak, process.memoryUsage.rss()) - before };
}

const PLAIN = fixture('pg15-plain.sql');
const ROWS = Buffer.concat([
  PLAIN.subarray(0, PLAIN.indexOf('COPY public')),
  Buffer.from('COPY public.t (a) FROM stdin;\n'),
]);
/** `meta.json`, header and content. */
const SNAPSHOT = tar(snapshotParts(Buffer.from('x'))).subarray(0, 1024);
/** The header of `state.bin`, which says that it holds as much as follows. */
const STATE_HEADER = tar([{ name: 'state.bin', content: Buffer.alloc(0), extendedSize: false }]).subarray(0, 512);

const CUSTOM = fixture('pg15-custom.dump');
const MOST_ENTRIES = 2 ** 31 - 1;

/** Header of a custom dump that says it has as many entries as there can be. */
async function endlessHead(): Promise<Buffer> {
  const cursor = streamCursor(
    (async function* () {
      yield CUSTOM;
    })(),
  );
  await readArchiveHeader(cursor);
  const head = Buffer.from(CUSTOM.subarray(0, cursor.position()));
  number(MOST_ENTRIES).copy(head, head.length - number(0).length);
  return head;
}

/** Of archive version 1.14: a number is a sign and four bytes, a text its length and its bytes. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function texts(...values: readonly string[]): Buffer {
  return Buffer.concat(values.flatMap((value) => [number(value.length), Buffer.from(value)]));
}

const TABLE_ENTRY = Buffer.concat([
  ...[number(7), number(0), texts('1259', '16438', 'members', 'TABLE'), number(2)],
  ...[texts('CREATE TABLE public.members (id int);', 'DROP TABLE public.members;'), number(-1)],
  ...[texts('public'), number(-1), texts('heap', 'postgres', 'false'), number(-1)],
  Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0]),
]);
const PLAIN_BEGINNING = PLAIN.subarray(0, PLAIN.indexOf('CREATE TABLE'));
const PLAIN_TABLE = 'CREATE TABLE public.members (\n    id integer\n);\n\n';

const BOMBS: readonly (readonly [
  string,
  () => ReturnType<typeof bomb>,
  (reader: ByteReader, signal: AbortSignal) => Promise<unknown>,
])[] = [
  [
    'a plain dump',
    () => bomb(ROWS, 'a row of many\n'),
    (reader, signal) => readDumpFile(reader, { depth: 'full', signal }),
  ],
  [
    'a Vault snapshot',
    () => bomb(Buffer.concat([SNAPSHOT, stateHeader()]), '\n'),
    (reader, signal) => readVaultSnapshot(reader, { signal }),
  ],
];

function stateHeader(): Buffer {
  const header = Buffer.from(STATE_HEADER);
  header.write('77777777777', 124, 'latin1');
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

describe('10 MB that hold 10 GiB', () => {
  it.each(BOMBS)('%s: reading can be stopped, and takes little memory until then', async (_, make, use) => {
    const { error, read, grownBy } = await interrupted(make(), use);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ reason: 'not-asked' });
    expect(read).toBeLessThan((FIRST_LOOKS + 4) * CHUNK);
    expect(grownBy).toBeLessThan(MOST_MEMORY);
  });

  it('a look at the structure reads only the beginning', async () => {
    const { reader, read } = bomb(ROWS, 'a row of many\n');
    const { signal } = new AbortController();
    expect(readingOf(await readDumpFile(reader, { depth: 'structure', signal })).integrity.state).toBe('unproven');
    expect(read()).toBeLessThan(8 * CHUNK);
  });

  it.each(['structure', 'full'] as const)(
    'a list of tables without an end is left where it is too long, %s',
    async (depth) => {
      const { signal } = new AbortController();
      const before = process.memoryUsage.rss();
      for (const { reader } of [bomb(await endlessHead(), TABLE_ENTRY), bomb(PLAIN_BEGINNING, PLAIN_TABLE)]) {
        const { integrity, tables, bytesRead } = readingOf(await readDumpFile(reader, { depth, signal }));
        expect(integrity.state).toBe('unproven');
        expect(tables).toBeNull();
        if (depth === 'structure') expect(bytesRead).toBeLessThan(2 * MEBIBYTE);
      }
      expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_MEMORY);
    },
  );

  it('a stored file of pgBackRest is given up where it holds more than it may', async () => {
    const { reader, read } = bomb(Buffer.from('x'), 'a');
    const storage = { compression: 'gz', passphrase: null, plainFile: true } as const;
    const finding = await compareContent(reader.stream(), { bytes: 8192, sha1: null, storedSha1: null }, storage);
    expect(finding).toMatchObject({ state: 'differs', because: 'it holds more than its 8192 bytes' });
    expect(read()).toBeLessThan(4 * CHUNK);
  });

  it('a member of a tar archive that nobody asks for is passed over in little memory', async () => {
    const header = tarOf(new Map([['a', Buffer.alloc(0)]])).subarray(0, 512);
    const { reader } = bomb(header, '\0');
    const chunks = decompressed('gzip', firstOf(reader, 4)) ?? reader.stream();
    const before = process.memoryUsage.rss();
    await expect(walkTar({ chunks }, async () => undefined)).rejects.toThrow('cut off');
    expect(process.memoryUsage.rss() - before).toBeLessThan(MOST_MEMORY);
  });
});

async function* firstOf(reader: ByteReader, count: number): AsyncGenerator<Uint8Array, void> {
  let left = count;
  for await (const chunk of reader.stream()) {
    if (left === 0) return;
    left -= 1;
    yield chunk;
  }
}
