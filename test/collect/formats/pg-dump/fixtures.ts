import { expect } from 'vitest';
import type {
  DumpOptions,
  DumpReading,
  DumpRecognition,
} from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../../../src/collect/formats/pg-dump/read-dump.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

export { directoryFixture, fixture, unpackedFixture } from './dump-fixtures.ts';

/** Reads bytes as a dump; `chunkBytes` is how much the storage hands over at a time. */
export function recognizeBytes(
  bytes: Uint8Array,
  depth: DumpOptions['depth'],
  chunkBytes?: number,
): Promise<DumpRecognition> {
  return readDumpFile(memoryByteReader(bytes, chunkBytes), { depth, signal: new AbortController().signal });
}

export function recognizeFiles(
  files: ReadonlyMap<string, Uint8Array>,
  depth: DumpOptions['depth'],
): Promise<DumpRecognition> {
  const listed = [...files].map(([path, bytes]) => ({
    path,
    bytes: bytes.length,
    modifiedAt: '2026-11-22T00:00:00.000Z',
  }));
  const open = async (path: string) => memoryByteReader(files.get(path) ?? new Uint8Array(0));
  return readDumpDirectory(listed, open, { depth, signal: new AbortController().signal });
}

/** The reading of what must be a dump. */
export function readingOf(recognition: DumpRecognition): DumpReading {
  if (recognition.kind !== 'dump') expect.fail(`not read as a dump but as ${recognition.what}`);
  return recognition.reading;
}

/** `complete`, `incomplete`, `unproven`, or why it is no dump. */
export function verdictOf(recognition: DumpRecognition): string {
  return recognition.kind === 'dump' ? recognition.reading.integrity.state : recognition.kind;
}
