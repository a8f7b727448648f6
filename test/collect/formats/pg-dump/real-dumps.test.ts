import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { databasesInside } from '../../../../src/collect/formats/pg-dump/cluster-databases.ts';
import type { DumpOptions, DumpReading } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../../../src/collect/formats/pg-dump/read-dump.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import {
  debianPostgresTool,
  debianPostgresUnavailable,
  startDebianPostgres,
} from '../../../services/postgres-debian.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { collected } from '../../trees/collected.ts';
import { readingOf } from './fixtures.ts';
import { SCHEMA } from './odd-schema.ts';

const run = promisify(execFile);
const unavailable = debianPostgresUnavailable();
const signal = new AbortController().signal;
const tableRow = z.object({ oid: z.int(), schema: z.string(), name: z.string(), partitioned: z.boolean() });
/** MD5 of 1, with which the rows of members begin. */
const ROW = 'c4ca4238a0b923820dcc509a6f75849b';
const ODD_NAME = `od"d na\\me's; -- ä`;
describe.skipIf(unavailable)(
  `dumps by PostgreSQL 15 of Debian${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;
    /** Ordinary tables and partitioned parents as the live catalogue has them. */
    let live: { database: number; tables: z.infer<typeof tableRow>[] };

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(await startDebianPostgres());
      folder = cleanup.use(scratchDirectory('dumps')).path;
      await server.query('create database shop');
      await server.query(`create database "${ODD_NAME.replaceAll('"', '""')}"`);
      await server.query(`create role keeper login password 'never to be seen'`);
      await server.query(SCHEMA, 'shop');
      const tables = await server.query(
        `select c.oid::int, n.nspname as schema, c.relname as name, c.relkind = 'p' as partitioned from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and n.nspname in ('public', 'we"ird')`,
        'shop',
      );
      const [database] = await server.query(`select oid::int from pg_database where datname = 'shop'`);
      live = { database: z.object({ oid: z.int() }).parse(database).oid, tables: z.array(tableRow).parse(tables) };
    }, 120_000);
    afterAll(() => cleanup.disposeAsync());

    async function tool(name: 'pg_dump' | 'pg_dumpall', args: readonly string[]): Promise<Buffer> {
      const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
      const env = { PATH: process.env['PATH'], PGPASSWORD: server.password, TZ: 'Asia/Kolkata' };
      const options = { env, timeout: 60_000, maxBuffer: 2 ** 26, encoding: 'buffer' } as const;
      return (await run(debianPostgresTool(name), [...connection, ...args], options)).stdout;
    }

    async function readFile(file: string, depth: DumpOptions['depth']): Promise<DumpReading> {
      const reader = await localDirectoryTree({ root: folder }).open(file, signal);
      try {
        return readingOf(await readDumpFile(reader, { depth, signal }));
      } finally {
        await reader.close();
      }
    }

    async function readFolder(name: string, depth: DumpOptions['depth']): Promise<DumpReading> {
      const tree = localDirectoryTree({ root: join(folder, name) });
      const files = await collected(tree.list(signal));
      return readingOf(await readDumpDirectory(files, (path) => tree.open(path, signal), { depth, signal }));
    }

    function expectLiveTables({ tables }: DumpReading, withOids = true): void {
      const expected = live.tables.map((table) => ({
        ...table,
        oid: withOids ? table.oid : null,
        hasData: !table.partitioned,
        ...(table.name === 'fleeting' ? { unlogged: true } : {}),
      }));
      const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);
      expect(tables?.toSorted(byName)).toEqual(expected.toSorted(byName));
    }

    const FILES: readonly [title: string, args: readonly string[], atStructure: string][] = [
      ['custom', ['-Fc'], 'complete'],
      ['custom without compression', ['-Fc', '-Z0'], 'complete'],
      ['custom of INSERTs', ['-Fc', '--inserts'], 'complete'],
      ['tar', ['-Ft'], 'complete'],
      ['plain', [], 'unproven'],
      ['plain with its name', ['-C'], 'unproven'],
      ['plain of INSERTs', ['--inserts'], 'unproven'],
      ['plain in gzip', ['-Z6'], 'unproven'],
    ];
    for (const [title, args, atStructure] of FILES) {
      it(`agree with the live catalogue: ${title}`, async () => {
        const file = `${title}.out`;
        await tool('pg_dump', [...args, '-f', join(folder, file), 'shop']);
        const plain = title.startsWith('plain');
        const full = await readFile(file, 'full');
        expectLiveTables(full, !plain);
        expect(full).toMatchObject({
          integrity: { state: 'complete' },
          scope: 'full',
          wrapped: title === 'plain in gzip' ? 'gzip' : 'none',
        });
        expect(full.sequencesWithoutValues).toBeUndefined();
        expect(full.databaseName).toBe(plain && !args.includes('-C') ? null : 'shop');
        expect(full.databaseOid).toBe(plain ? null : live.database);
        const structure = await readFile(file, 'structure');
        expect(structure.integrity.state).toBe(atStructure);
        if (!plain) {
          expectLiveTables(structure);
          const inKolkata = new Date(Date.now() + 330 * 60_000).toISOString().slice(0, 13);
          expect(structure.startedLocal?.slice(0, 13)).toBe(inKolkata);
        }
        truncateSync(join(folder, file), readFileSync(join(folder, file)).length - 1);
        expect((await readFile(file, 'full')).integrity.state).toBe('incomplete');
        expect((await readFile(file, 'structure')).integrity.state).not.toBe('complete');
      });
    }

    it('are judged the same through a pipe and in gzip, once read in full', async () => {
      const piped = await tool('pg_dump', ['-Fc', 'shop']);
      const files = {
        'pipe.dump': piped,
        'pipe.dump.gz': gzipSync(piped),
        'tar.gz': gzipSync(await tool('pg_dump', ['-Ft', 'shop'])),
      };
      for (const [file, bytes] of Object.entries(files)) {
        writeFileSync(join(folder, file), bytes);
        expect((await readFile(file, 'structure')).integrity.state, file).toBe('unproven');
        const full = await readFile(file, 'full');
        expect(full.integrity.state, file).toBe('complete');
        expectLiveTables(full);
      }
    });

    it('with a hole in uncompressed rows are damaged, and large objects may hold zero bytes', async () => {
      await tool('pg_dump', ['-Fd', '-Z0', '--no-blobs', '-f', join(folder, 'holed'), 'shop']);
      await tool('pg_dump', ['-Fc', '-Z0', '-f', join(folder, 'holed.dump'), 'shop']);
      await tool('pg_dump', ['-f', join(folder, 'holed.sql'), 'shop']);
      const tables = readdirSync(join(folder, 'holed')).filter((name) => name.endsWith('.dat') && name !== 'toc.dat');
      const rows = tables.find((name) => readFileSync(join(folder, 'holed', name)).includes(ROW)) ?? '';
      for (const file of ['holed.dump', 'holed.sql', `holed/${rows}`]) {
        const path = join(folder, file);
        const bytes = readFileSync(path);
        const at = bytes.indexOf(ROW);
        expect(at, file).toBeGreaterThan(0);
        const read = () => (file.startsWith('holed/') ? readFolder('holed', 'full') : readFile(file, 'full'));
        expect((await read()).integrity.state, file).toBe('complete');
        writeFileSync(path, bytes.fill(0, at, at + 2));
        expect((await read()).integrity, file).toMatchObject({
          state: 'incomplete',
          because: expect.stringContaining('zero bytes'),
        });
      }
    });

    it('made with --enable-row-security may lack rows, which plain and tar tell and custom and directory do not', async () => {
      await server.query('create database guarded');
      await server.query('create role seer login');
      const schema =
        'create table notes (id int primary key, owner text); insert into notes values (1, current_user), (2, $$seer$$)';
      await server.query(schema, 'guarded');
      await server.query('grant select on notes to seer', 'guarded');
      const dumped = async (name: string, ...args: string[]): Promise<DumpReading> => {
        await tool('pg_dump', [...args, '-f', join(folder, name), 'guarded']);
        return readFile(name, 'full');
      };
      for (const format of ['-Fp', '-Ft']) {
        expect((await dumped('none', format, '--enable-row-security')).integrity.state).toBe('complete');
      }
      await server.query('alter table notes enable row level security', 'guarded');
      await server.query(`create policy own on notes using (owner = current_user)`, 'guarded');
      for (const format of ['-Fp', '-Ft']) {
        expect((await dumped('all', format)).integrity.state).toBe('complete');
        const some = await dumped('some', format, '--enable-row-security', '-U', 'seer');
        expect(some.integrity.state, format).toBe('unproven');
        expect(some.integrity.because).toContain('--enable-row-security');
      }
      expect((await readFile('some', 'structure')).integrity.state).toBe('unproven');
      expect(readFileSync(join(folder, 'some')).includes('\tpostgres\n')).toBe(false);
      expect((await dumped('blind.dump', '-Fc', '--enable-row-security', '-U', 'seer')).integrity.state).toBe(
        'complete',
      );
      await expect(tool('pg_dump', ['-U', 'seer', 'guarded'])).rejects.toThrow('row-level security');
      await server.query('drop database guarded');
      await server.query('drop role seer');
    });

    it('in directories are judged file by file', async () => {
      for (const [name, args, state] of [
        ['dir', [], 'complete'],
        ['parallel', ['-j', '2'], 'complete'],
        ['dir0', ['-Z0', '--no-blobs'], 'complete'],
        ['dir0 with large objects', ['-Z0'], 'unproven'],
        ['dir0 of INSERTs', ['-Z0', '--inserts', '--no-blobs'], 'unproven'],
      ] as const) {
        await tool('pg_dump', ['-Fd', ...args, '-f', join(folder, name), 'shop']);
        const full = await readFolder(name, 'full');
        expect(full.integrity.state, name).toBe(state);
        expect(full).toMatchObject({ format: 'pg_dump-directory', databaseOid: live.database, sha256: null });
        expectLiveTables(full);
        const structure = await readFolder(name, 'structure');
        expect(structure.integrity.state, name).toBe(name === 'dir0' ? 'complete' : 'unproven');
      }
    });

    it('show what was left out', async () => {
      const read = async (...args: string[]): Promise<DumpReading> => {
        await tool('pg_dump', ['-Fc', ...args, '-f', join(folder, 'part.dump'), 'shop']);
        const reading = await readFile('part.dump', 'structure');
        expect(reading.integrity.state).toBe('complete');
        expect(reading.databaseOid).toBe(live.database);
        return reading;
      };
      expect((await read('-s')).scope).toBe('schema-only');
      expect((await read('-a')).scope).toBe('data-only');
      expect((await read('--section=post-data')).scope).toBe('partial-sections');
      expect((await read('--section=pre-data', '--section=data')).scope).toBe('unknown');
      const without = await read('--exclude-table-data=left_out');
      expect(without.tables?.filter(({ hasData, partitioned }) => !hasData && !partitioned)).toMatchObject([
        { name: 'left_out' },
      ]);
      for (const [args, read] of [
        [['-Fc'], readFile],
        [['-Ft'], readFile],
        [[], readFile],
        [['--inserts'], readFile],
        [['-Fd', '-j2'], readFolder],
      ] as const) {
        const [name, excluded] = [`sequences${args.join('')}`, 'numbered_id_seq'];
        await tool('pg_dump', [...args, `--exclude-table-data=${excluded}`, '-f', join(folder, name), 'shop']);
        const { sequencesWithoutValues, scope } = await read(name, 'full');
        expect({ sequencesWithoutValues, scope }, name).toEqual({
          sequencesWithoutValues: [{ schema: 'public', name: excluded, unlogged: false }],
          scope: 'full',
        });
      }
      for (const name of ['logged.sql', 'logged.dump']) {
        const format = name.endsWith('.sql') ? '-Fp' : '-Fc';
        await tool('pg_dump', [format, '--no-unlogged-table-data', '-f', join(folder, name), 'shop']);
        const { tables, sequencesWithoutValues } = await readFile(name, 'full');
        const empty = tables?.filter(({ hasData, partitioned }) => !hasData && !partitioned);
        expect(empty, name).toMatchObject([{ name: 'fleeting', unlogged: true }]);
        expect(sequencesWithoutValues ?? [], name).toEqual(
          ['fleeting_a_seq', 'fleeting_n_seq'].map((sequence) => ({
            schema: 'public',
            name: sequence,
            unlogged: true,
          })),
        );
      }
      expect((await read('-t', 'members')).tables).toMatchObject([{ name: 'members', hasData: true }]);
      await tool('pg_dump', ['-s', '-f', join(folder, 'schema.sql'), 'shop']);
      expect((await readFile('schema.sql', 'full')).scope).toBe('schema-only');
      await tool('pg_dump', ['-a', '-f', join(folder, 'data.sql'), 'shop']);
      expect((await readFile('data.sql', 'full')).scope).toBe('data-only');
    });

    it('tell the database by the name inside, however odd', async () => {
      const conninfo = `dbname='${ODD_NAME.replace(/['\\]/g, '\\$&')}'`;
      for (const args of [['-Fc'], ['-Ft'], ['-C']]) {
        await tool('pg_dump', [...args, '-f', join(folder, 'odd'), conninfo]);
        const reading = await readFile('odd', 'full');
        expect(reading).toMatchObject({ databaseName: ODD_NAME, integrity: { state: 'complete' } });
      }
    });

    it('of a whole cluster name its databases and no password', async () => {
      await tool('pg_dumpall', ['-f', join(folder, 'all.sql')]);
      const all = await readFile('all.sql', 'full');
      expect(all).toMatchObject({ format: 'pg_dumpall-plain', databaseName: null, holdsRoles: true });
      expect(all.databases.map(({ name }) => name).toSorted()).toEqual(
        [ODD_NAME, 'postgres', 'shop', 'template1'].toSorted(),
      );
      expect(all.integrity.state).toBe('complete');
      const inside = databasesInside(all);
      expect(inside.every(({ integrity }) => integrity.state === 'complete')).toBe(true);
      const shop = inside.find(({ databaseName }) => databaseName === 'shop');
      if (shop === undefined) expect.fail('shop is not inside');
      expectLiveTables(shop, false);
      expect(shop.scope).toBe('full');
      expect(inside.find(({ databaseName }) => databaseName === ODD_NAME)?.tables).toEqual([]);
      await tool('pg_dumpall', ['-g', '-f', join(folder, 'globals.sql')]);
      const globals = await readFile('globals.sql', 'full');
      expect(globals).toMatchObject({ databases: [], holdsRoles: true, integrity: { state: 'complete' } });
      expect(readFileSync(join(folder, 'globals.sql'), 'utf8')).toContain('SCRAM-SHA-256');
      expect(JSON.stringify([all, globals])).not.toContain('SCRAM');
    });
  },
);
