import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseControlFile } from '../../../../src/collect/formats/base-backup/control-file.ts';
import { newestWalTime } from '../../../../src/collect/formats/base-backup/wal-times.ts';
import { pypiPostgresUnavailable, startPypiPostgres } from '../../../services/postgres-pypi.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { writeWal } from './wal.ts';

const fixture = (name: string) =>
  gunzipSync(readFileSync(new URL(`../../../fixtures/formats/${name}`, import.meta.url)));

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe('the newest time in a segment of WAL', () => {
  it('is that of a checkpoint, where nothing was committed', async () => {
    const pages = fixture('wal-pages.gz');
    const { checkpointAt } = parseControlFile(fixture('pg_control.gz'));
    expect(checkpointAt).not.toBeNull();
    for (const length of [1, 7, 8192, 100_000]) expect(await newestWalTime(pieces(pages, length))).toBe(checkpointAt);
  });

  it('is none where no record bears one, and of what is no WAL', async () => {
    expect(await newestWalTime(pieces(writeWal(3, [100, 9000, 20]).bytes, 5000))).toBeNull();
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100_000), Buffer.alloc(100_000, 0xff)]) {
      expect(await newestWalTime(pieces(bytes, 5000))).toBeNull();
    }
  });

  it('is not taken from a record whose checksum is wrong', async () => {
    const pages = fixture('wal-pages.gz');
    const right = await newestWalTime(pieces(pages, 8192));
    const wrong = new Set<string | null>();
    for (let at = 40; at < 400; at += 1) {
      const bytes = Buffer.from(pages);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      wrong.add(await newestWalTime(pieces(bytes, 8192)));
    }
    wrong.delete(right);
    expect([...wrong]).toEqual([null]);
  });
});

const unavailable = pypiPostgresUnavailable();

describe.skipIf(unavailable)('of a server that writes', () => {
  const cleanup = new AsyncDisposableStack();
  let server: PostgresServer;
  beforeAll(async () => {
    server = cleanup.use(await startPypiPostgres({ settings: { track_commit_timestamp: 'on' } }));
  }, 120_000);
  afterAll(() => cleanup.disposeAsync());

  const text = async (sql: string): Promise<string> => {
    const [row] = await server.query(sql);
    return z.object({ is: z.string() }).parse(row).is;
  };
  const segmentOf = async (): Promise<string> => text('select pg_walfile_name(pg_current_wal_lsn()) as is');
  const timeIn = (segment: string) =>
    newestWalTime(pieces(readFileSync(join(server.dataDirectory, 'pg_wal', segment)), 65_536));

  it('is that of the last commit, over many pages, with and without a subtransaction', async () => {
    await server.query('create table goods as select g, md5(g::text) from generate_series(1, 50000) g');
    await server.query('do $$ begin update goods set g = 0 where g = 1; exception when others then null; end $$');
    const segment = await segmentOf();
    const last = await text(
      `select to_char(max(pg_xact_commit_timestamp(xmin)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as is from goods`,
    );
    await server.query('select pg_switch_wal()');
    expect(Math.abs(Date.parse((await timeIn(segment)) ?? '') - Date.parse(last))).toBeLessThanOrEqual(1);
  });

  it('is that of the checkpoint behind it', async () => {
    await server.query('create table later ()');
    const segment = await segmentOf();
    const before = await timeIn(segment);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await server.query('checkpoint');
    const after = await timeIn(segment);
    expect(Date.parse(after ?? '')).toBeGreaterThan(Date.parse(before ?? ''));
    expect(Date.now() - Date.parse(after ?? '')).toBeLessThan(10_000);
  });
});
