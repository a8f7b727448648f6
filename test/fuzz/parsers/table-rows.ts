import { gzipSync } from 'node:zlib';
import { createCopiedRows } from '../../../src/collect/formats/pg-dump/copy-rows.ts';
import { readTableInDirectory, readTableInFile } from '../../../src/collect/formats/pg-dump/read-table.ts';
import type { TableReading } from '../../../src/collect/formats/pg-dump/table-question.ts';
import { TableUnread } from '../../../src/collect/formats/pg-dump/table-question.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { directoryFixture, fixture, unpackedFixture } from '../../collect/formats/pg-dump/dump-fixtures.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { type Artifact, bytesOf, chunksOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';
import { mendTar } from '../mending.ts';

/* One table out of a dump, whatever the dump holds. */

const QUESTION = { schema: 'public', table: 'members', columns: ['id', 'name'] };
const ROWS =
  'acme\t1\tactive\t2026-01-02 03:04:05.678+00\t\\N\ntab\\tin\\\\a\\302\\xa7name\t\\N\tretired\t\\N\tx\n\\.\n\n\n';
const COLUMNS = ['key_ref', 'version', 'state', 'created_at', 'retired_at'];

function parserOf(
  name: string,
  artifacts: () => readonly Artifact[],
  more: Pick<FuzzedParser, 'mend'> = {},
): FuzzedParser {
  return {
    name: `rows in a dump, ${name}`,
    artifacts,
    read: async (input, signal) => ((await readTable(input, signal)).rows === null ? 'none' : 'rows'),
    declared: [SourceError],
    ...more,
  };
}

function readTable(input: Artifact, signal: AbortSignal): Promise<TableReading> {
  if (!input.has('toc.dat')) return readTableInFile(memoryByteReader(bytesOf(input), 1000), QUESTION, signal);
  const files = [...input].map(([path, { length }]) => ({
    path,
    bytes: length,
    modifiedAt: '2026-11-22T00:00:00.000Z',
  }));
  const open = async (path: string) => memoryByteReader(input.get(path) ?? new Uint8Array(0));
  return readTableInDirectory(files, open, QUESTION, signal);
}

export const TABLE_ROW_PARSERS: readonly FuzzedParser[] = [
  parserOf('custom', () =>
    ['pg15-custom.dump', 'pg15-custom-pipe.dump', 'pg18-custom.dump'].map((name) => oneFile(fixture(name))),
  ),
  parserOf('tar', () => [oneFile(unpackedFixture('pg15-tar.tar.gz'))], { mend: mendTar }),
  parserOf('directory', () => [directoryFixture('pg18-directory')]),
  parserOf('plain', () => [oneFile(fixture('pg15-plain.sql'))]),
  parserOf('in gzip', () => ['pg15-plain.sql', 'pg15-custom.dump'].map((name) => oneFile(gzipSync(fixture(name))))),
  {
    name: 'rows of COPY',
    artifacts: () => [oneFile(ROWS)],
    read: async (input) => {
      const rows = createCopiedRows(COLUMNS, COLUMNS);
      for await (const piece of chunksOf(bytesOf(input))) rows.write(piece);
      return rows.take().length > 0 ? 'rows' : 'none';
    },
    declared: [TableUnread],
  },
];
