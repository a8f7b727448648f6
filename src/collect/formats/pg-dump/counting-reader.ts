import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';

/** Bytes fetched so far by the readers that share it. */
export interface ByteCount {
  bytes: number;
}

/** The same reader, counting what is fetched and stopping when the signal fires. */
export function countingReader(reader: ByteReader, count: ByteCount, signal: AbortSignal): ByteReader {
  return {
    bytes: reader.bytes,
    ...(reader.sha256AtStore === undefined ? {} : { sha256AtStore: reader.sha256AtStore }),
    read: async (offset, length) => {
      throwIfInterrupted(signal, 'a dump');
      const bytes = await reader.read(offset, length);
      count.bytes += bytes.length;
      return bytes;
    },
    stream: async function* (offset) {
      for await (const chunk of reader.stream(offset)) {
        throwIfInterrupted(signal, 'a dump');
        count.bytes += chunk.length;
        yield chunk;
      }
    },
    close: reader.close,
  };
}
