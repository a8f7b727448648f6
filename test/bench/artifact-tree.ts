import { execFile } from 'node:child_process';
import { link, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { debianPostgresTool, startDebianPostgres } from '../services/postgres-debian.ts';
import { generatedRows, ROWS_TABLE } from './generated-rows.ts';

const run = promisify(execFile);
const SCHEMA = fileURLToPath(new URL('../../config/mappings/reference-schema.sql', import.meta.url));
const TENANT_PART = /^-- part: tenant$/m;
const DATABASES = 4;
const ARTIFACTS_PER_DIRECTORY = 100;
/** Format and name of each dump of a database. */
const KINDS: readonly (readonly [ending: string, ...how: readonly string[]])[] = [
  ['dump', '-Fc'],
  ['sql', '-Fp', '--create'],
  ['sql.gz', '-Fp', '-Z6'],
  ['tar', '-Ft'],
];

/** A directory of many dumps. */
export interface GeneratedTree {
  readonly root: string;
  readonly artifacts: number;
  readonly how: string;
}

/**
 * A tree as a tool leaves it that keeps a directory for each tenant. The dumps are real, of a few small databases; the
 * others are hard links to them, so the cache of the system holds all their contents, for whoever reads them.
 */
export async function makeArtifactTree(artifacts: number, root: string): Promise<GeneratedTree> {
  const originals = join(root, 'originals');
  await mkdir(originals, { recursive: true });
  const dumps = (await makeSmallDumps(originals)).slice(0, artifacts);
  for (let made = dumps.length; made < artifacts; ) {
    const directory = join(root, `tenant_${made}`);
    await mkdir(directory);
    const count = Math.min(ARTIFACTS_PER_DIRECTORY, artifacts - made);
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const original = dumps[(made + index) % dumps.length] ?? '';
        await link(join(originals, original), join(directory, `${index}-${original}`));
      }),
    );
    made += count;
  }
  return { root, artifacts, how: `${dumps.length} dumps of pg_dump 15, the others hard links to them` };
}

async function makeSmallDumps(directory: string): Promise<readonly string[]> {
  const schema = (await readFile(SCHEMA, 'utf8')).split(TENANT_PART)[1] ?? '';
  await using server = await startDebianPostgres({ settings: { log_statement: 'none' } });
  const names: string[] = [];
  for (let number = 1; number <= DATABASES; number += 1) {
    const database = `small_${number}`;
    await server.query(`CREATE DATABASE ${database}`);
    await server.query(`${schema}; ${ROWS_TABLE.replace('%name%', 'orders')}`, database);
    const rows = [...generatedRows(number * 16 * 1024, number)].join('').trimEnd().split('\n');
    const values = rows.map((row) => `(${row.split('\t').map(literal).join(',')})`);
    await server.query(`INSERT INTO orders VALUES ${values.join(',')}`, database);
    for (const [ending, ...how] of KINDS) {
      const name = `${database}.${ending}`;
      await run(debianPostgresTool('pg_dump'), ['-d', server.uri(database), '-f', join(directory, name), ...how]);
      names.push(name);
    }
  }
  return names;
}

function literal(value: string): string {
  return value === '\\N' ? 'NULL' : `'${value}'`;
}
