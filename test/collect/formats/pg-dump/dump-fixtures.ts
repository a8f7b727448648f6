import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

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
