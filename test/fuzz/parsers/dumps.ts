import { gzipSync } from 'node:zlib';
import type { DumpOptions, DumpRecognition } from '../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../../src/collect/formats/pg-dump/read-dump.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { directoryFixture, fixture, unpackedFixture } from '../../collect/formats/pg-dump/dump-fixtures.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { type Artifact, bytesOf, type FuzzedParser, type Oracle, oneFile } from '../fuzzed-parser.ts';
import { mendTar } from '../mending.ts';

type Depth = DumpOptions['depth'];

const ORACLES: Readonly<Record<Depth, Oracle['tool']>> = { structure: 'pg_restore -l', full: 'pg_restore' };
const CUSTOM = ['pg15-custom.dump', 'pg15-custom-pipe.dump'];
const LATER = ['pg16-custom.dump', 'pg18-custom.dump'];
const gzipped = (bytes: Uint8Array): Artifact => oneFile(gzipSync(bytes));

function parsersOf(
  name: string,
  artifacts: () => readonly Artifact[],
  more: {
    readonly oracle?: Oracle['release'];
    readonly onlyFull?: boolean;
    readonly mend?: (bytes: Uint8Array) => Uint8Array;
  } = {},
): readonly FuzzedParser[] {
  return (['structure', 'full'] as const).map((depth) => ({
    name: name.startsWith('pg_') ? `${name}, ${depth}` : `pg_dump ${name}, ${depth}`,
    artifacts,
    read: async (input, signal) => verdictOf(await recognize(input, { depth, signal })),
    declared: [SourceError],
    ...(more.mend === undefined ? {} : { mend: more.mend }),
    ...(more.oracle === undefined || (more.onlyFull === true && depth !== 'full')
      ? {}
      : { oracle: { tool: ORACLES[depth], release: more.oracle } }),
  }));
}

function recognize(input: Artifact, options: DumpOptions): Promise<DumpRecognition> {
  if (!input.has('toc.dat')) return readDumpFile(memoryByteReader(bytesOf(input), 1000), options);
  const files = [...input].map(([path, { length }]) => ({
    path,
    bytes: length,
    modifiedAt: '2026-11-22T00:00:00.000Z',
  }));
  return readDumpDirectory(files, async (path) => memoryByteReader(input.get(path) ?? new Uint8Array(0)), options);
}

function verdictOf(recognition: DumpRecognition): string {
  return recognition.kind === 'dump' ? recognition.reading.integrity.state : recognition.kind;
}

/** As pg_dumpall lays it out: roles, and the dump of a database behind its name. */
function cluster(): string {
  const inside = fixture('pg15-plain.sql').toString('latin1');
  return [
    '--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE keeper;\n\n',
    `--\n-- Database "tiny" dump\n--\n\n${inside}`,
    '--\n-- PostgreSQL database cluster dump complete\n--\n\n',
  ].join('\n');
}

export const DUMP_PARSERS: readonly FuzzedParser[] = [
  ...parsersOf('custom', () => CUSTOM.map((name) => oneFile(fixture(name))), { oracle: 15 }),
  ...parsersOf('custom of later releases', () => LATER.map((name) => oneFile(fixture(name))), { oracle: 18 }),
  ...parsersOf('tar', () => [oneFile(unpackedFixture('pg15-tar.tar.gz'))], { oracle: 15, mend: mendTar }),
  ...parsersOf('directory', () => [directoryFixture('pg18-directory')], { oracle: 18, onlyFull: true }),
  ...parsersOf('plain', () => [oneFile(fixture('pg15-plain.sql'))]),
  ...parsersOf('pg_dumpall', () => [oneFile(cluster())]),
  ...parsersOf('in gzip', () => [gzipped(fixture('pg15-plain.sql')), gzipped(fixture('pg15-custom.dump'))]),
];
