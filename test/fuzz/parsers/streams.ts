import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CompressedDamage } from '../../../src/collect/formats/compressed-damage.ts';
import { UnsupportedCompression, type WrappingName } from '../../../src/collect/formats/compression/wrapping.ts';
import { decompressed, walkZstdFrames } from '../../../src/collect/formats/decompressed.ts';
import { FormatDamage } from '../../../src/collect/formats/format-damage.ts';
import { gunzip } from '../../../src/collect/formats/gzip-stream.ts';
import { type TarSource, walkTar } from '../../../src/collect/formats/tar-walk.ts';
import { readVaultSnapshot } from '../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { createStateScanner } from '../../../src/collect/formats/vault-snapshot/state-entries.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { tarOf } from '../../collect/backups/physical/tar-of.ts';
import {
  barrierValue,
  snapshotParts,
  stateEntry,
  tar,
} from '../../collect/formats/vault-snapshot/synthetic-snapshot.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { bytesOf, chunksOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';
import { mendTar } from '../mending.ts';

const TEXT = Buffer.from('1\tone row of many\t\\N\n'.repeat(40));
const MOUNT = '1b0c5f4e-3a1c-8f4e-9e3a-0123456789ab';
const STATE = Buffer.concat(
  [
    'core/keyring',
    'core/seal-config',
    'core/mounts',
    `logical/${MOUNT}/policy/acme`,
    `logical/${MOUNT}/archive/acme`,
  ].map((key, index) => stateEntry(key, barrierValue(index + 1))),
);
/** Python's bz2 and lzma modules wrote these two of {@link TEXT}. */
const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWeHVjuYAAIvfgAAwQAAgAAABAAQjA5CgIABwUwAAFKqabQBpkTUTAnImROhNxOROBOxPBPRPBPwnomgmBMiaCaiYE+F3JFOFCQ4dWO5g',
  'base64',
);
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4ANHACBdABiCSmdplGi20ox3S5Y5d2iCv3pcTmRFzVkRHsXtidKgAF6TAd5f+RPmAAE8yAYAAADN7+NMscRn+wIAAAAABFla',
  'base64',
);
/** The frame of lz4's `lz4` program around the stored bytes `abc`: LZ4 Frame format, without content checksum. */
const LZ4 = Buffer.from('04224d186040820300008061626300000000', 'hex');

const exhausted = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  let bytes = 0;
  for await (const piece of chunks) bytes += piece.length;
  return bytes > 0 ? 'content' : 'nothing';
};

function tarSource(name: string, source: (bytes: Uint8Array) => TarSource): FuzzedParser {
  return {
    name: `tar, ${name}`,
    artifacts: () => [
      oneFile(
        tarOf(
          new Map([
            ['a', TEXT],
            ['b/c', Buffer.alloc(512, 7)],
            ['d', Buffer.alloc(0)],
          ]),
        ),
      ),
    ],
    read: async (input) => {
      let members = 0;
      await walkTar(source(bytesOf(input)), async ({ name }, content) => {
        members += 1;
        if (name === 'a') for await (const piece of content.pieces()) void piece;
        else await content.take(1000);
        return undefined;
      });
      return members > 0 ? 'members' : 'none';
    },
    declared: [FormatDamage],
    mend: mendTar,
  };
}

async function snapshotVerdict(bytes: Uint8Array, signal: AbortSignal): Promise<string> {
  const { what, complete, checksumsMatch } = await readVaultSnapshot(memoryByteReader(bytes, 1000), { signal });
  return complete && checksumsMatch ? 'complete' : what;
}

export const STREAM_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'gzip stream',
    artifacts: () => [oneFile(gzipSync(TEXT)), oneFile(Buffer.concat([gzipSync(TEXT), gzipSync('more')]))],
    read: (input) => exhausted(gunzip(chunksOf(bytesOf(input)))),
    declared: [CompressedDamage],
  },
  ...Object.entries({ zstd: zstdCompressSync(TEXT), lz4: LZ4, bzip2: BZIP2, xz: XZ }).map(
    ([compression, artifact]): FuzzedParser => ({
      name: `${compression} stream`,
      artifacts: () => [oneFile(artifact)],
      read: async (input) => {
        const content = decompressed(compression as WrappingName, chunksOf(bytesOf(input)));
        if (content === null) throw new Error(`this Node.js cannot read ${compression}`);
        try {
          return await exhausted(content);
        } catch (error) {
          if (error instanceof UnsupportedCompression) return 'unsupported';
          throw error;
        }
      },
      declared: [FormatDamage],
    }),
  ),
  {
    name: 'zstd frames',
    artifacts: () => [oneFile(zstdCompressSync(TEXT))],
    read: async (input) => {
      await walkZstdFrames(chunksOf(bytesOf(input)));
      return 'whole';
    },
    declared: [FormatDamage],
  },
  tarSource('from a file', (bytes) => ({ reader: memoryByteReader(bytes, 1000) })),
  tarSource('from a stream', (bytes) => ({ chunks: chunksOf(bytes) })),
  {
    name: 'Vault snapshot',
    artifacts: () => [oneFile(gzipSync(tar(snapshotParts(STATE))))],
    read: (input, signal) => snapshotVerdict(bytesOf(input), signal),
    declared: [SourceError],
  },
  {
    name: 'Vault snapshot, its archive',
    artifacts: () => [oneFile(tar(snapshotParts(STATE))), oneFile(tar(snapshotParts(STATE, { extendedSize: true })))],
    read: (input, signal) => snapshotVerdict(gzipSync(bytesOf(input), { level: 1 }), signal),
    declared: [SourceError],
    mend: mendTar,
  },
  {
    name: 'Vault snapshot, its entries',
    artifacts: () => [oneFile(STATE)],
    read: (input) => {
      let entries = 0;
      const scanner = createStateScanner(
        (key) => key.startsWith('core/'),
        () => {
          entries += 1;
        },
      );
      for (let at = 0; at < bytesOf(input).length; at += 7) scanner.push(bytesOf(input).subarray(at, at + 7));
      return `${scanner.isWhole() ? 'whole' : 'cut'}, ${entries > 0 ? 'entries' : 'none'}`;
    },
    declared: [],
  },
];
