import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DumpRecognition } from '../../src/collect/formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../src/collect/formats/pg-dump/read-dump.ts';
import { compress } from '../collect/formats/compression/compressors.ts';
import { memoryByteReader } from '../collect/memory-byte-reader.ts';
import { debianPostgresTool } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import type { DamagedFormat, Reading } from './damaged-format.ts';
import { withDamage } from './memory-copy.ts';
import { filesBelow } from './read-files.ts';
import { vendorTool } from './vendor-tool.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
/** Rows that compress as well as those of real tables do, a large object, and what follows the data. */
const CONTENT = `
  create table members (id int primary key, name text not null, note text, born date);
  insert into members select n, md5(n::text), repeat(md5((n % 97)::text), 2), date '1970-01-01' + n from generate_series(1, 2500) n;
  create table visits (id serial, member int references members, at timestamptz default '2026-11-22', body bytea);
  insert into visits (member, body) select n, decode(md5(n::text), 'hex') from generate_series(1, 1000) n;
  create index on visits (at);
  create view recent as select * from visits where at > '2026-01-01';
  select lo_from_bytea(0, decode(repeat('c0ffee', 3000), 'hex'));`;

/** Programs that plain dumps are piped through, with what their files are called. */
const COMPRESSORS = [
  { program: 'gzip', extension: 'gz' },
  { program: 'zstd', extension: 'zst' },
  { program: 'lz4', extension: 'lz4' },
  { program: 'bzip2', extension: 'bz2' },
  { program: 'xz', extension: 'xz' },
] as const;
const inCompression = (program: string): string => `pg_dump plain in ${program}`;

export const DUMP_FORMATS: readonly string[] = [
  'pg_dump custom, compressed (zlib)',
  'pg_dump custom, uncompressed',
  'pg_dump custom, compressed, through a pipe',
  'pg_dump directory, compressed (gzip)',
  'pg_dump tar',
  'pg_dump plain',
  'pg_dumpall',
  ...COMPRESSORS.map(({ program }) => inCompression(program)),
];

/** Dumps of one database by a real pg_dump, one of each format, below a directory. */
export async function dumpFormats(server: PostgresServer, directory: string): Promise<readonly DamagedFormat[]> {
  await server.query('create database shop');
  await server.query(CONTENT, 'shop');
  const dump = async (program: 'pg_dump' | 'pg_dumpall', ...args: readonly string[]): Promise<Buffer> => {
    const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
    const options = { timeout: 60_000, maxBuffer: 2 ** 26, encoding: 'buffer' } as const;
    return (await run(debianPostgresTool(program), [...connection, ...args], options)).stdout;
  };
  const path = async (name: string, file = 'dump'): Promise<string> => {
    await mkdir(join(directory, name));
    return join(directory, name, file);
  };
  const ofShop = (...args: readonly string[]): Promise<Buffer> => dump('pg_dump', '-d', 'shop', ...args);
  const custom = await path('custom');
  await ofShop('-Fc', '-f', custom);
  const uncompressed = await path('custom-uncompressed');
  await ofShop('-Fc', '-Z0', '-f', uncompressed);
  const piped = await path('custom-pipe');
  await writeFile(piped, await ofShop('-Fc'));
  const tar = await path('tar');
  await ofShop('-Ft', '-f', tar);
  const inDirectory = await path('directory');
  await ofShop('-Fd', '-f', inDirectory);
  const [plain, cluster] = [await path('plain'), await path('cluster')];
  const text = await ofShop('-Fp', '--create');
  await writeFile(plain, text);
  await writeFile(cluster, await dump('pg_dumpall'));
  const compressed: DamagedFormat[] = [];
  for (const { program, extension } of COMPRESSORS) {
    const file = await path(`plain-${program}`, `dump.${extension}`);
    await writeFile(file, compress(program, [], text));
    compressed.push(
      fileFormat(inCompression(program), file, (own) => [
        vendorTool(`${program} -t`, program, ['-t', basename(own)], dirname(own)),
      ]),
    );
  }
  return [
    fileFormat('pg_dump custom, compressed (zlib)', custom, restoreTools),
    fileFormat('pg_dump custom, uncompressed', uncompressed, restoreTools),
    fileFormat('pg_dump custom, compressed, through a pipe', piped, restoreTools),
    directoryFormat(inDirectory),
    fileFormat('pg_dump tar', tar, restoreTools),
    fileFormat('pg_dump plain', plain, () => []),
    fileFormat('pg_dumpall', cluster, () => []),
    ...compressed,
  ];
}

function restoreTools(file: string) {
  const program = debianPostgresTool('pg_restore');
  return [
    vendorTool('pg_restore -l', program, ['-l', basename(file)], dirname(file)),
    vendorTool('pg_restore -f /dev/null', program, ['-f', '/dev/null', basename(file)], dirname(file)),
  ];
}

function fileFormat(name: string, file: string, tools: (file: string) => DamagedFormat['tools']): DamagedFormat {
  const root = dirname(file);
  const files = filesBelow(root);
  const own = files.get(basename(file)) ?? Buffer.alloc(0);
  return {
    name,
    root,
    files,
    read: async (depth, damaged) =>
      readingOf(await readDumpFile(memoryByteReader(damaged?.bytes ?? own), { depth, signal })),
    tools: tools(file),
    hasRecordedSum: true,
  };
}

function directoryFormat(root: string): DamagedFormat {
  const files = filesBelow(root);
  return {
    name: 'pg_dump directory, compressed (gzip)',
    root,
    files,
    read: async (depth, damaged) => {
      const all = withDamage(files, damaged);
      const listed = [...all].map(([path, { length }]) => ({
        path,
        bytes: length,
        modifiedAt: '2026-11-22T00:00:00.000Z',
      }));
      const open = async (path: string) => memoryByteReader(all.get(path) ?? Buffer.alloc(0));
      return readingOf(await readDumpDirectory(listed, open, { depth, signal }));
    },
    tools: [...restoreTools(root), vendorTool('gzip -t', 'sh', ['-c', 'gzip -t *.gz'], root)],
    hasRecordedSum: false,
  };
}

function readingOf(recognition: DumpRecognition): Reading {
  if (recognition.kind !== 'dump') return { verdict: recognition.kind, sha256: null };
  const { integrity, sha256 } = recognition.reading;
  return { verdict: integrity.state, sha256 };
}
