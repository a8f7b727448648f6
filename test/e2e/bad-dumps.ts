import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { PostgresServer } from '../services/postgres-server.ts';
import { pgDump } from './dump-run.ts';

const run = promisify(execFile);

/** What a bad dump is made of. */
export interface BadDumpContext {
  /** The server of the install. */
  readonly server: PostgresServer;
  /** Another cluster that has databases of the same names. */
  readonly other: PostgresServer;
  /** The organization's database, whose good dumps are gone. */
  readonly database: string;
  /** A good custom dump of another organization's database. */
  readonly foreignDump: string;
  /** Where the dump goes, without its ending. */
  readonly place: string;
}

export interface BadDump {
  readonly title: string;
  readonly slug: string;
  /** What the report says of it where nothing counts: the database without a usable copy, DB-2. */
  readonly says: RegExp;
  /** Where structure alone cannot refute it: nobody may say that it counts, nor that it does not. */
  readonly undecided?: true;
  /** Makes the artifact. @returns its path */
  readonly make: (context: BadDumpContext) => Promise<string>;
}

async function dumped(
  { server, database, place }: BadDumpContext,
  args: readonly string[],
  ending = '.dump',
): Promise<string> {
  const path = `${place}${ending}`;
  await pgDump(server, database, [...args, `--file=${path}`]);
  return path;
}

async function cut(path: string, keep: (bytes: number) => number): Promise<string> {
  const bytes = (await readFile(path)).length;
  await truncate(path, keep(bytes));
  return path;
}

/**
 * Sets a field of the start time in the header of a custom archive. Layout: PostgreSQL 15 sources, pg_backup_archiver.c,
 * WriteHead: magic, three version bytes, two sizes, format, compression as an integer, then the seven fields of struct tm.
 */
export async function redate(path: string, field: 'day' | 'year', by: number): Promise<string> {
  const file = await open(path, 'r+');
  const integer = 1 + 4;
  const offset = 5 + 3 + 2 + 1 + integer + integer * { day: 3, year: 5 }[field] + 1;
  const value = Buffer.alloc(4);
  await file.read(value, 0, 4, offset);
  value.writeUInt32LE(value.readUInt32LE() + by);
  await file.write(value, 0, 4, offset);
  await file.close();
  return path;
}

/** None of these is a copy that would bring the organization's database back as it is. */
export const BAD_DUMPS: readonly BadDump[] = [
  {
    title: 'cut off by one byte',
    slug: 'cutone',
    says: /ends inside the data/,
    make: async (c) => cut(await dumped(c, ['-Fc']), (n) => n - 1),
  },
  {
    title: 'cut in half',
    slug: 'cuthalf',
    says: /ends inside/,
    make: async (c) => cut(await dumped(c, ['-Fc']), (n) => n >> 1),
  },
  {
    title: 'zero bytes',
    slug: 'zero',
    says: /the file is empty/,
    make: async (c) => cut(await dumped(c, ['-Fc']), () => 0),
  },
  {
    title: 'a plain dump that lacks its last line',
    slug: 'cutplain',
    says: /does not end in the trailer/,
    make: async (c) => {
      const path = await dumped(c, ['-Fp', '--create', '--verbose'], '.sql');
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.slice(0, text.indexOf('-- PostgreSQL database dump complete')));
      return path;
    },
  },
  {
    title: 'gzip cut in its trailer',
    slug: 'cutgzip',
    says: /gzip stream is cut off/,
    make: async (c) => {
      const plain = await dumped(c, ['-Fp', '--create', '--verbose'], '.sql');
      const packed = gzipSync(await readFile(plain));
      await rm(plain);
      await writeFile(`${plain}.gz`, packed.subarray(0, packed.length - 4));
      return `${plain}.gz`;
    },
  },
  {
    title: 'tar cut in half',
    slug: 'cuttar',
    says: /ends inside/,
    make: async (c) => cut(await dumped(c, ['-Ft'], '.tar'), (n) => n >> 1),
  },
  {
    title: 'a directory dump without one of its files',
    slug: 'cutdir',
    says: /with the data of table novantra\.\w+ is missing/,
    make: async (c) => {
      const path = await dumped(c, ['-Fd'], '');
      const { stdout } = await run('ls', [path]);
      await rm(join(path, stdout.split('\n').find((name) => name.endsWith('.dat.gz')) ?? 'none'));
      return path;
    },
  },
  {
    title: 'text that is no dump',
    slug: 'foreign',
    says: /a file in no format of pg_dump/,
    make: async ({ place }) => {
      await writeFile(`${place}.dump`, 'No dump, only a text.\n'.repeat(200));
      return `${place}.dump`;
    },
  },
  {
    title: "another organization's dump under this one's name",
    slug: 'renamed',
    says: /names another database inside/,
    make: async ({ foreignDump, place }) => {
      await writeFile(`${place}.dump`, await readFile(foreignDump));
      return `${place}.dump`;
    },
  },
  {
    title: "a link to another organization's dump",
    slug: 'linked',
    says: /no copy was found/,
    make: async ({ foreignDump, place }) => {
      await symlink(foreignDump, `${place}.dump`);
      return `${place}.dump`;
    },
  },
  {
    title: 'a dump of another cluster with a database of that name',
    slug: 'cluster',
    says: /holds \d+ tables? of the live database by name, with other object ids/,
    undecided: true,
    make: async (c) => dumped({ ...c, server: c.other }, ['-Fc']),
  },
  {
    title: 'SQL that names no database, of another cluster by the object ids in its comments',
    slug: 'nameless',
    says: /other object ids/,
    undecided: true,
    make: (c) => dumped({ ...c, server: c.other }, ['-Fp', '-v'], '.sql'),
  },
  {
    title: 'one table only',
    slug: 'onetable',
    says: /leaves out/,
    make: (c) => dumped(c, ['-Fc', '-t', 'novantra.audit_log']),
  },
  {
    title: 'without one table',
    slug: 'lesstable',
    says: /leaves out .* novantra\.artifacts/,
    make: (c) => dumped(c, ['-Fc', '-T', 'novantra.artifacts']),
  },
  {
    title: 'the schema only',
    slug: 'schema',
    says: /table definitions and no rows/,
    make: (c) => dumped(c, ['-Fc', '--schema-only']),
  },
  {
    title: 'the schema only, as SQL',
    slug: 'schemasql',
    says: /table definitions and no rows/,
    make: (c) => dumped(c, ['-Fp', '-C', '-v', '-s'], '.sql'),
  },
  {
    title: 'the rows only',
    slug: 'rows',
    says: /rows and no table definitions/,
    make: (c) => dumped(c, ['-Fc', '--data-only']),
  },
  {
    title: 'no rows of any table',
    slug: 'norows',
    says: /no rows/,
    make: (c) => dumped(c, ['-Fc', '--exclude-table-data=*.*']),
  },
  {
    title: 'no rows of one table',
    slug: 'lessrows',
    says: /leaves out the rows of novantra\.key_versions/,
    make: (c) => dumped(c, ['-Fc', '--exclude-table-data=novantra.key_versions']),
  },
  {
    title: 'another schema',
    slug: 'otherns',
    says: /lacks \d+ tables? of the live database/,
    undecided: true,
    make: (c) => dumped(c, ['-Fc', '-n', 'public']),
  },
  {
    title: 'dated in the future',
    slug: 'future',
    says: /dated in the future/,
    make: async (c) => redate(await dumped(c, ['-Fc']), 'year', 1),
  },
  {
    title: 'encrypted, so that nobody can look into it',
    slug: 'sealed',
    says: /names no database inside|cannot be looked into/,
    undecided: true,
    make: async ({ place }) => {
      await writeFile(`${place}.dump.gpg`, Buffer.concat([Buffer.from('8c0d0409030a', 'hex'), randomBytes(5000)]));
      return `${place}.dump.gpg`;
    },
  },
  {
    title: 'something after its end',
    slug: 'longer',
    says: /does not end in the trailer .* or other text follows/,
    make: async (c) => {
      const path = await dumped(c, ['-Fp', '--create', '--verbose'], '.sql');
      await appendFile(path, 'DROP SCHEMA novantra CASCADE;\n');
      return path;
    },
  },
];

/** Makes the directory of a bad dump and then the dump. */
export async function makeBadDump(bad: BadDump, context: BadDumpContext): Promise<string> {
  await mkdir(dirname(context.place), { recursive: true });
  return bad.make(context);
}
