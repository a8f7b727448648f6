import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';

/** Bytes fetched so far by the readers that share it. */
export interface ByteCount {
  bytes: number;
}

/** The same reader, counting what is fetched and stopping when the signal fires. */
export function countingReader(reader: ByteReader, count: ByteCount, signal: AbortSignal): ByteReader {
  return new CountingReader(reader, count, signal);
}

class CountingReader implements ByteReader {
  readonly bytes: number;
  readonly sha256AtStore?: string;
  private readonly reader: ByteReader;
  private readonly count: ByteCount;
  private readonly signal: AbortSignal;

  constructor(reader: ByteReader, count: ByteCount, signal: AbortSignal) {
    this.bytes = reader.bytes;
    if (reader.sha256AtStore !== undefined) this.sha256AtStore = reader.sha256AtStore;
    this.reader = reader;
    this.count = count;
    this.signal = signal;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    throwIfInterrupted(this.signal, 'a dump');
    const bytes = await this.reader.read(offset, length);
    this.count.bytes += bytes.length;
    return bytes;
  }

  async *stream(offset?: number): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of this.reader.stream(offset)) {
      throwIfInterrupted(this.signal, 'a dump');
      this.count.bytes += chunk.length;
      yield chunk;
    }
  }

  close(): Promise<void> {
    return this.reader.close();
  }
}
