import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type {
  DumpOptions,
  DumpReading,
  DumpRecognition,
} from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../../../src/collect/formats/pg-dump/read-dump.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/dumps');

/** Bytes of a file of test/fixtures/dumps. */
export function fixture(name: string): Buffer {
  return readFileSync(join(FOLDER, name));
}

/** A fixture that lies in gzip, unpacked. */
export function unpackedFixture(name: string): Buffer {
  return gunzipSync(fixture(name));
}

/** The files of a directory fixture by name. */
export function directoryFixture(name: string): ReadonlyMap<string, Buffer> {
  return new Map(readdirSync(join(FOLDER, name)).map((file) => [file, fixture(`${name}/${file}`)]));
}

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
