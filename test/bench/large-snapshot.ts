import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { padded, stateEntry, tarHeader } from '../../src/demo/raft-snapshot.ts';
import { seededRandom } from './random.ts';

const VALUE_BYTES = 1500;
/** One entry in so many is of a transit key; the others are leases, tokens and secrets. */
const TRANSIT_EVERY = 100;
const MOUNT = '7d5b2f3e-0b1c-4a8e-9f10-2c3d4e5f6a7b';
const ENTRIES_AT_ONCE = 512;

/** A raft snapshot of so many bytes, whose values are noise as ciphertext is. @returns how many transit keys it holds */
export async function makeLargeSnapshot(file: string, bytes: number, seed: number): Promise<number> {
  const values = noise(seed);
  const entryBytes = entry(0, values).length;
  const entries = Math.floor(bytes / entryBytes);
  const size = entries * entryBytes;
  const meta = Buffer.from(
    JSON.stringify({
      Version: 1,
      ID: 'bolt-snapshot',
      Index: 4711,
      Term: 3,
      Peers: null,
      Configuration: { Servers: [{ Suffrage: 0, ID: 'a1', Address: '127.0.0.1:8201' }] },
      ConfigurationIndex: 1,
      Size: size,
    }),
  );
  const archive = function* (): Generator<Buffer, void, undefined> {
    yield tarHeader('meta.json', meta.length, 1_700_000_000);
    yield padded(meta);
    yield tarHeader('state.bin', size, 1_700_000_000);
    const state = createHash('sha256');
    for (let first = 0; first < entries; first += ENTRIES_AT_ONCE) {
      const count = Math.min(ENTRIES_AT_ONCE, entries - first);
      const piece = Buffer.concat(Array.from({ length: count }, (_, index) => entry(first + index, values)));
      state.update(piece);
      yield piece;
    }
    yield padded(Buffer.alloc(size % 512)).subarray(size % 512);
    const sum = createHash('sha256').update(meta).digest('hex');
    const sums = Buffer.from(`${sum}  meta.json\n${state.digest('hex')}  state.bin\n`);
    for (const [name, content] of [
      ['SHA256SUMS', sums],
      ['SHA256SUMS.sealed', Buffer.from('sealed by nobody')],
    ] as const) {
      yield tarHeader(name, content.length, 1_700_000_000);
      yield padded(content);
    }
    yield Buffer.alloc(1024);
  };
  await pipeline(Readable.from(archive()), createGzip({ level: 1 }), createWriteStream(file));
  return Math.ceil(entries / TRANSIT_EVERY);
}

/** Entries ascend by their keys: names are numbers of one width. A transit key is a policy and an archive. */
function entry(index: number, values: (index: number) => Buffer): Buffer {
  const number = String(Math.floor(index / TRANSIT_EVERY)).padStart(9, '0');
  const rest = String(index % TRANSIT_EVERY).padStart(3, '0');
  const kind = index % TRANSIT_EVERY === 0 ? 'policy' : 'others';
  return stateEntry(`logical/${MOUNT}/${kind}/key-${number}-${rest}`, values(index));
}

/** Values cut out of a mebibyte of noise at changing places. */
function noise(seed: number): (index: number) => Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.from(Array.from({ length: 2 ** 20 }, () => random.whole(256)));
  return (index) => {
    const at = (index * 7919) % (bytes.length - VALUE_BYTES);
    return bytes.subarray(at, at + VALUE_BYTES);
  };
}
