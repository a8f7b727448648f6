import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDatabaseNames } from '../../../../src/collect/formats/wal-g/database-names.ts';
import { readSentinel, type Sentinel } from '../../../../src/collect/formats/wal-g/sentinel.ts';
import { SourceError } from '../../../../src/model/source-error.ts';

/* Texts by the public source of WAL-G (backup_sentinel_dto.go, names_metadata.go); none was written by WAL-G. */

const SENTINEL = `{"LSN":33554472,"Timeline":1,"DeltaLSN":null,"DeltaFrom":"base_000000010000000000000001",
"DeltaFullName":"base_000000010000000000000001","DeltaCount":1,"PgVersion":150020,"FinishLSN":18446744073709551615,
"SystemIdentifier":18364758544493064721,"UncompressedSize":1,"CompressedSize":1600,"Spec":{"a":["]",{}]},
"Version":2,"StartTime":"2026-11-22T02:00:00.123456789Z","FinishTime":"0001-01-01T00:00:00Z","IsPermanent":true}`;

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = (text: string | Uint8Array, size = 16): Promise<Sentinel> =>
  readSentinel(chunks(Buffer.from(text), size), 'sentinel');

describe('sentinel', () => {
  test.each([1, 5, 4096])('nothing is rounded, in chunks of %i bytes', async (size) => {
    expect(await read(SENTINEL, size)).toEqual({
      version: 2,
      startLsn: '0/2000028',
      finishLsn: 'FFFFFFFF/FFFFFFFF',
      timeline: 1,
      postgresVersion: 150020,
      systemIdentifier: '18364758544493064721',
      compressedSize: 1600,
      startTime: '2026-11-22T02:00:00.123Z',
      finishTime: null,
      isPermanent: true,
      deltaFrom: 'base_000000010000000000000001',
      deltaFullName: 'base_000000010000000000000001',
      withoutFilesMetadata: false,
    });
  });

  test('truncated at any byte it is damage', async () => {
    for (let length = 0; length < SENTINEL.length; length += 1) {
      await expect(read(SENTINEL.slice(0, length)), `${length} bytes`).rejects.toThrow(SourceError);
    }
  });

  test('a member with a hostile name changes nothing', async () => {
    const text = SENTINEL.replace('{', '{"__proto__":{"Timeline":9},"constructor":1,"toString":"x",');
    expect(await read(text)).toMatchObject({ timeline: 1 });
  });

  test('random bytes and mutations never throw anything but SourceError', async () => {
    const bytes = Buffer.from(SENTINEL);
    const mutated = fc
      .array(
        fc.tuple(fc.nat(bytes.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('eE.-+"{}[],: 0')))),
        { minLength: 1, maxLength: 8 },
      )
      .map((changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        return new Uint8Array(copy);
      });
    const structure = fc
      .string({ unit: fc.constantFrom(...'{}[]",:\\ 019.-+eutrfalsn', '"LSN":', '"StartTime":', '"\\ud800"') })
      .map((text) => new Uint8Array(Buffer.from(text)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 1000 }), mutated, structure), async (input) => {
        for (const attempt of [readSentinel(chunks(input, 7), 'sentinel'), readDatabaseNames(chunks(input, 7))]) {
          await attempt.catch((error: unknown) => expect(error).toBeInstanceOf(SourceError));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what it accepts as JSON is what the platform accepts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (text) => {
        await readDatabaseNames(chunks(Buffer.from(text), 5)).catch((error: unknown) => {
          expect((error as Error).message).toContain('has no object id');
        });
      }),
    );
  });
});

describe('files_metadata.json', () => {
  test('only the databases are kept, whatever else is in it', async () => {
    const text = `{"Files":{"DatabasesByNames":{"x":{"oid":1}}},"DatabasesByNames":{"a\\"b":{"tables_new":{"oid":{"oid":7}},"oid":16384}}}`;
    expect(await readDatabaseNames(chunks(Buffer.from(text), 3))).toEqual([{ oid: 16384, name: 'a"b' }]);
  });

  test('without the list of databases they are not told; an empty list has none', async () => {
    expect(await readDatabaseNames(chunks(Buffer.from('{"Files":{}}'), 3))).toBeNull();
    expect(await readDatabaseNames(chunks(Buffer.from('{"DatabasesByNames":null}'), 3))).toBeNull();
    expect(await readDatabaseNames(chunks(Buffer.from('{"DatabasesByNames":{}}'), 3))).toEqual([]);
  });

  test('a list of 100 MB is walked through in bounded memory', async () => {
    const row = Buffer.from(`"/base/5/1259":{"MTime":"2026-11-22T01:00:00Z","CorruptBlocks":null,"UpdatesCount":0},`);
    const block = Buffer.concat(Array.from({ length: 10_000 }, () => row));
    async function* long(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"Files":{');
      for (let bytes = 0; bytes < 100e6; bytes += block.length) yield block;
      yield Buffer.from('"/x":{}},"DatabasesByNames":{"a":{"oid":5}}}');
    }
    const before = process.memoryUsage().rss;
    expect(await readDatabaseNames(long())).toEqual([{ oid: 5, name: 'a' }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});
