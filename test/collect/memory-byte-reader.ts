import type { ByteReader } from '../../src/collect/trees/artifact-tree.ts';

/** The bytes of a file that lies in memory, given out in chunks of `chunkBytes`. */
export function memoryByteReader(bytes: Uint8Array, chunkBytes = 64 * 1024): ByteReader {
  return {
    bytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    async *stream(offset = 0) {
      for (let start = offset; start < bytes.length; start += chunkBytes)
        yield bytes.subarray(start, start + chunkBytes);
    },
    close: async () => undefined,
  };
}
