import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { debianPostgresTool, startDebianPostgres } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { generatedRows, ROWS_TABLE } from './generated-rows.ts';

const run = promisify(execFile);
const DATABASE = 'tenant_large';
const TABLES = 4;
const SAMPLE = 4 * 1024 * 1024;
const SEED = 20_261_128;

/** Three dumps of one database, as PostgreSQL's own pg_dump writes them, and their sizes in bytes. */
export interface LargeDumps {
  /** Custom format, compressed as by default. */
  readonly custom: SizedFile;
  /** SQL text in gzip. */
  readonly gzipped: SizedFile;
  /** SQL text. */
  readonly plain: SizedFile;
}

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Fills a real database with generated rows and dumps it.
 *
 * @param bytes about how large the custom dump shall be; the text is some 2.3 times as large
 * @throws Error where a program of PostgreSQL fails
 */
export async function makeLargeDumps(
  bytes: number,
  directory: string,
  tell: (text: string) => void,
): Promise<LargeDumps> {
  const sample = Buffer.from([...generatedRows(SAMPLE, SEED)].join(''));
  const textBytes = Math.round(bytes * (sample.length / deflateSync(sample).length));
  const settings = {
    log_statement: 'none',
    autovacuum: 'off',
    wal_level: 'minimal',
    max_wal_senders: '0',
    shared_buffers: '256MB',
    max_wal_size: '8GB',
  };
  await using server = await startDebianPostgres({ settings });
  await server.query(`CREATE DATABASE ${DATABASE}`);
  tell(`loading ${(textBytes / 2 ** 20).toFixed(0)} MiB of rows`);
  await load(server, textBytes);
  const dump = async (name: string, ...how: readonly string[]): Promise<SizedFile> => {
    tell(`pg_dump ${how.join(' ')}`);
    const path = join(directory, name);
    await run(debianPostgresTool('pg_dump'), ['-d', server.uri(DATABASE), '-f', path, ...how]);
    return { path, bytes: (await stat(path)).size };
  };
  return {
    custom: await dump('large.dump', '-Fc'),
    gzipped: await dump('large.sql.gz', '-Fp', '-Z6'),
    plain: await dump('large.sql', '-Fp'),
  };
}

async function load(server: PostgresServer, bytes: number): Promise<void> {
  const psql = spawn(
    debianPostgresTool('psql'),
    ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', server.uri(DATABASE)],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let errors = '';
  psql.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(0, 4000);
  });
  const closed = once(psql, 'close');
  await pipeline(Readable.from(statements(bytes)), psql.stdin);
  await closed;
  if (psql.exitCode !== 0) throw new Error(`loading rows failed: ${errors}`);
}

/** Created and filled in one transaction, rows need no WAL (PostgreSQL documentation, "Disable WAL Archival and Streaming Replication"). */
function* statements(bytes: number): Generator<string, void, undefined> {
  yield 'BEGIN;\n';
  for (let table = 1; table <= TABLES; table += 1) {
    const name = `orders_${table}`;
    yield `${ROWS_TABLE.replace('%name%', name)};\nCOPY ${name} FROM stdin;\n`;
    yield* generatedRows(bytes / TABLES, SEED + table);
    yield `\\.\nALTER TABLE ${name} ADD PRIMARY KEY (id);\nCREATE INDEX ON ${name} (state);\n`;
  }
  yield 'COMMIT;\n';
}
