import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTableInDirectory, readTableInFile } from '../../../../src/collect/formats/pg-dump/read-table.ts';
import type { TableQuestion, TableReading } from '../../../../src/collect/formats/pg-dump/table-question.ts';
import type { ByteReader } from '../../../../src/collect/trees/artifact-tree.ts';
import { cachedServiceUnavailable, requireCachedProgram } from '../../../services/cached-service.ts';
import {
  debianPostgresTool,
  debianPostgresUnavailable,
  startDebianPostgres,
} from '../../../services/postgres-debian.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { postgres17PypiRecipe } from '../../../services/recipes.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import { directoryFixture, fixture, unpackedFixture } from './dump-fixtures.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
const MEMBERS: TableQuestion = { schema: 'public', table: 'members', columns: ['name', 'id'] };
/** The second name is the trailer's own words. */
const TWO = [
  ['Ada', '1'],
  ['-- PostgreSQL database dump complete', '2'],
];

const inBytes = (bytes: Uint8Array, question: TableQuestion = MEMBERS): Promise<TableReading> =>
  readTableInFile(memoryByteReader(bytes, 1000), question, signal);

function inFiles(files: ReadonlyMap<string, Uint8Array>, question: TableQuestion = MEMBERS): Promise<TableReading> {
  const listed = [...files].map(([path, { length: bytes }]) => ({
    path,
    bytes,
    modifiedAt: '2026-11-22T00:00:00.000Z',
  }));
  const open = async (path: string): Promise<ByteReader> => memoryByteReader(files.get(path) ?? new Uint8Array(0));
  return readTableInDirectory(listed, open, question, signal);
}

describe('the rows of one table', () => {
  it.each(['pg15-custom.dump', 'pg15-custom-pipe.dump', 'pg16-custom.dump', 'pg18-custom.dump', 'pg15-plain.sql'])(
    'are read out of %s, bare and in gzip',
    async (name) => {
      const bytes = fixture(name);
      expect(await inBytes(bytes)).toMatchObject({ rows: TWO, because: null });
      expect(await inBytes(gzipSync(bytes))).toMatchObject({ rows: TWO, because: null });
    },
  );

  it.each(['pg15-tar.tar.gz', 'pg18-tar.tar.gz'])('are read out of %s and out of what is in it', async (name) => {
    expect(await inBytes(fixture(name))).toMatchObject({ rows: TWO });
    expect(await inBytes(unpackedFixture(name))).toMatchObject({ rows: TWO });
  });

  it('are read out of the one file of a directory dump', async () => {
    const files = directoryFixture('pg18-directory');
    expect(await inFiles(files)).toMatchObject({ rows: TWO });
    const without = new Map([...files].filter(([name]) => name === 'toc.dat'));
    expect((await inFiles(without)).because).toContain('is missing');
    expect((await inFiles(new Map())).because).toBe('it has no toc.dat');
  });

  it('may be none, and a table that is not there has no rows', async () => {
    expect(
      await inBytes(fixture('pg15-custom.dump'), { ...MEMBERS, table: 'visits_1', columns: ['day'] }),
    ).toMatchObject({
      rows: [],
      because: null,
    });
    for (const table of ['visits', 'key_versions']) {
      for (const name of ['pg15-custom.dump', 'pg15-plain.sql']) {
        const reading = await inBytes(fixture(name), { ...MEMBERS, table });
        expect(reading, `${table} ${name}`).toMatchObject({ rows: null, because: 'it holds no rows of it' });
      }
    }
    expect((await inBytes(fixture('pg15-custom.dump'), { ...MEMBERS, schema: 'app' })).rows).toBeNull();
    expect((await inBytes(fixture('pg15-custom.dump'), { ...MEMBERS, schema: null })).rows).toEqual(TWO);
    expect((await inBytes(fixture('pg15-custom.dump'), { ...MEMBERS, columns: ['born'] })).because).toContain('"born"');
  });

  it('are never read out of a dump that was cut off before their end, nor taken for fewer', async () => {
    for (const bytes of [fixture('pg15-custom.dump'), fixture('pg15-plain.sql'), unpackedFixture('pg15-tar.tar.gz')]) {
      for (let length = 0; length < bytes.length; length += 7) {
        const { rows, because } = await inBytes(bytes.subarray(0, length));
        if (rows === null) expect(because).not.toBe('');
        else expect(rows).toEqual(TWO);
      }
    }
  });

  it('are not looked for in what is no dump of one database', async () => {
    const cluster =
      '--\n-- PostgreSQL database cluster dump\n--\n\nCOPY public.members (id, name) FROM stdin;\n1\tx\n\\.\n';
    expect((await inBytes(Buffer.from(cluster))).because).toContain('pg_dumpall');
    expect((await inBytes(Buffer.from('8c0d0409030a', 'hex'))).because).toContain('encrypted');
    expect((await inBytes(gzipSync(brotliCompressSync('x')))).because).toContain('it is no dump');
    expect((await inBytes(Buffer.alloc(0))).because).toContain('too short');
  });

  it('in a plain dump count outside constants, comments and other rows only, and are read no further than their end', async () => {
    const copy = 'COPY public.members (id, name) FROM stdin;\n';
    const head = '--\n-- PostgreSQL database dump\n--\n\nSET standard_conforming_strings = on;\n';
    const decoys = `SELECT '${copy}9\tx\n\\.\n';\n/* ${copy} */\nCOPY public.notes (t) FROM stdin;\n${copy}\\.\n`;
    const rows = `${copy}1\tAda\n\\.\n`;
    const rest = `${'-- filler\n'.repeat(10_000)}`;
    const reading = await inBytes(Buffer.from(`${head}${decoys}${rows}${rest}`));
    expect(reading.rows).toEqual([['Ada', '1']]);
    expect(reading.bytesRead).toBeLessThan(5000);
    const twice = `${head}CREATE TABLE a.members (\n);\nCREATE TABLE b.members (\n);\n${rows.replace('public', 'a')}`;
    expect((await inBytes(Buffer.from(twice), { ...MEMBERS, schema: null })).because).toContain('several');
    const guarded = `${head}SET row_security = on;\n${rows}`;
    expect((await inBytes(Buffer.from(guarded))).because).toContain('--enable-row-security');
  });

  it('stop with the signal', async () => {
    const stopped = AbortSignal.abort();
    await expect(readTableInFile(memoryByteReader(fixture('pg15-plain.sql')), MEMBERS, stopped)).rejects.toThrow(
      'interrupted',
    );
  });
});

const unavailable = debianPostgresUnavailable();
const KEY_VERSIONS: TableQuestion = {
  schema: 'novantra',
  table: 'key_versions',
  columns: ['key_ref', 'version', 'state', 'created_at', 'retired_at'],
};
const SCHEMA = `
create schema novantra;
create schema other;
create table other.big (id int, filler text);
insert into other.big select n, md5(n::text) || repeat(md5((n * 7)::text), 20) from generate_series(1, 6000) n;
create table other.key_versions (key_ref text);
insert into other.key_versions values ('not this one');
create table novantra."odd ""columns"", or so" (key_ref text, "we,i)rd" text);
insert into novantra."odd ""columns"", or so" values ('a', e'tab\\tline\\nback\\\\slash ä');
create table novantra.key_versions (key_ref text not null, version int, state text, created_at timestamptz not null,
  retired_at timestamptz, wrapped_sample bytea);
insert into novantra.key_versions values
  ('acme', 1, 'retired', '2026-01-02 03:04:05.678+00', '2026-03-01 00:00+00', '\\x00ff'),
  ('acme', 2, 'active', '2026-03-01 00:00+00', null, null), (e'tab\\tin a\\\\name', null, null, '2026-03-02+00', null, null);
create table novantra.guarded (key_ref text);
alter table novantra.guarded enable row level security;
insert into novantra.guarded values ('x');
create table novantra.parted (key_ref text) partition by list (key_ref);
create table novantra.parted_a partition of novantra.parted for values in ('a');
insert into novantra.parted values ('a');
create table novantra."heired, (a" (key_ref text);
create table novantra.heir (since int) inherits (other.big, novantra."heired, (a");
insert into novantra."heired, (a" values ('a');
select lo_from_bytea(0, 'a note');
`;

describe.skipIf(unavailable)(
  `the key versions in dumps by PostgreSQL 15 of Debian${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;
    let expected: readonly (readonly (string | null)[])[];

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(await startDebianPostgres());
      folder = cleanup.use(scratchDirectory('table-rows')).path;
      await server.query('create database shop');
      await server.query(SCHEMA, 'shop');
      const live = await server.query(
        `select key_ref, version::text, state, created_at::text, retired_at::text from novantra.key_versions`,
        'shop',
      );
      expected = live.map((row) => Object.values(row) as (string | null)[]);
    }, 120_000);
    afterAll(() => cleanup.disposeAsync());

    async function dump(args: readonly string[], tool = debianPostgresTool('pg_dump')): Promise<Buffer> {
      const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
      const env = { PATH: process.env['PATH'], PGPASSWORD: server.password };
      const options = { env, timeout: 60_000, maxBuffer: 2 ** 26, encoding: 'buffer' } as const;
      return (await run(tool, [...connection, ...args, 'shop'], options)).stdout;
    }
    async function dumpFile(args: readonly string[], tool?: string): Promise<Buffer> {
      const file = join(folder, 'one.out');
      await dump([...args, '-f', file], tool);
      return readFileSync(file);
    }
    async function dumpFolder(name: string, args: readonly string[], tool?: string): Promise<Map<string, Buffer>> {
      const root = join(folder, name);
      await dump(['-Fd', ...args, '-f', root], tool);
      return new Map(readdirSync(root).map((file) => [file, readFileSync(join(root, file))]));
    }

    it('are what the live table holds: custom, sought by its positions and met in a pipe', async () => {
      for (const args of [['-Fc'], ['-Fc', '-Z0'], ['-Fc', '-Z9']]) {
        const sought = await dumpFile(args);
        const reading = await inBytes(sought, KEY_VERSIONS);
        expect(reading.rows, args.join(' ')).toEqual(expected);
        // Table of contents and one block, not the rows of other tables.
        expect(reading.bytesRead).toBeLessThan(Math.min(sought.length, 200_000));
        const piped = await dump(args);
        expect((await inBytes(piped, KEY_VERSIONS)).rows).toEqual(expected);
        expect((await inBytes(gzipSync(piped), KEY_VERSIONS)).rows).toEqual(expected);
        expect((await inBytes(gzipSync(sought), KEY_VERSIONS)).rows).toEqual(expected);
      }
    });

    it('are what the live table holds: tar, plain and directories', async () => {
      for (const args of [['-Ft'], ['-Fp'], ['-Fp', '-C', '-v'], ['-Fp', '-Z5'], ['-Fp', '-a']]) {
        expect((await inBytes(await dumpFile(args), KEY_VERSIONS)).rows, args.join(' ')).toEqual(expected);
      }
      for (const [name, args] of [
        ['dir', []],
        ['dir0', ['-Z0']],
        ['parallel', ['-j', '2']],
      ] as const) {
        expect((await inFiles(await dumpFolder(name, args), KEY_VERSIONS)).rows, name).toEqual(expected);
      }
    });

    it('of names and values that need quotes are read', async () => {
      const odd: TableQuestion = { schema: 'novantra', table: 'odd "columns", or so', columns: ['we,i)rd', 'key_ref'] };
      for (const args of [['-Fc'], ['-Ft'], ['-Fp']]) {
        expect((await inBytes(await dumpFile(args), odd)).rows).toEqual([['tab\tline\nback\\slash ä', 'a']]);
      }
    });

    it('are not read where another table inherits from theirs', async () => {
      const heired: TableQuestion = { schema: 'novantra', table: 'heired, (a', columns: ['key_ref'] };
      for (const args of [['-Fc'], ['-Ft'], ['-Fp']]) {
        const reading = await inBytes(await dumpFile(args), heired);
        expect(reading, args.join(' ')).toMatchObject({
          rows: null,
          because: expect.stringContaining('inherits from it'),
        });
      }
      const piped = await inBytes(await dump(['-Fc']), { ...heired, schema: null });
      expect(piped.because).toContain('inherits from it');
    });

    it('are not read where they are not all there, or are no rows of COPY', async () => {
      const because = async (args: readonly string[], question = KEY_VERSIONS): Promise<string | null> =>
        (await inBytes(await dumpFile(args), question)).because;
      for (const format of ['-Fc', '-Ft', '-Fp']) {
        expect(await because([format, '--inserts'])).toContain('INSERT');
        expect(await because([format, '-s'])).toBe('it holds no rows of it');
        expect(await because([format, '--exclude-table-data=novantra.key_versions'])).toBe('it holds no rows of it');
        expect(await because([format], { ...KEY_VERSIONS, schema: null })).toContain('several of its schemas');
        expect(await because([format], { ...KEY_VERSIONS, table: 'parted' })).toBe('it holds no rows of it');
      }
      const guarded = { ...KEY_VERSIONS, table: 'guarded', columns: ['key_ref'] };
      expect(await because(['-Fc'], guarded)).toContain('row security');
      expect(await because(['-Fp', '--enable-row-security'], guarded)).toContain('--enable-row-security');
      expect((await inFiles(await dumpFolder('inserts', ['--inserts']), KEY_VERSIONS)).because).toContain('INSERT');
      expect(
        await because(['-Fp', '-E', 'LATIN1'], {
          ...KEY_VERSIONS,
          table: 'odd "columns", or so',
          columns: ['we,i)rd'],
        }),
      ).toContain('UTF-8');
    });

    const later = cachedServiceUnavailable(postgres17PypiRecipe);
    it.skipIf(later)('are read out of blocks in lz4 and zstd, by pg_dump 17', async () => {
      const tool = join(dirname(requireCachedProgram(postgres17PypiRecipe)), 'pg_dump');
      for (const algorithm of ['lz4', 'zstd', 'gzip', 'none']) {
        const compress = `--compress=${algorithm}`;
        expect((await inBytes(await dumpFile(['-Fc', compress], tool), KEY_VERSIONS)).rows, algorithm).toEqual(
          expected,
        );
        expect((await inBytes(await dump(['-Fc', compress], tool), KEY_VERSIONS)).rows, algorithm).toEqual(expected);
        expect((await inBytes(await dumpFile(['-Fp', compress], tool), KEY_VERSIONS)).rows).toEqual(expected);
        const files = await dumpFolder(algorithm, [compress], tool);
        expect((await inFiles(files, KEY_VERSIONS)).rows, algorithm).toEqual(expected);
      }
    });
  },
);
