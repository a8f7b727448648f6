import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cachedServiceUnavailable, requireCachedProgram } from '../../../services/cached-service.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../../services/postgres-debian.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { postgres17PypiRecipe } from '../../../services/recipes.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { readingOf, recognizeBytes, recognizeFiles, verdictOf } from './fixtures.ts';
import { SCHEMA } from './odd-schema.ts';

const run = promisify(execFile);
const unavailable = debianPostgresUnavailable() ?? cachedServiceUnavailable(postgres17PypiRecipe);
const SUFFIX = { lz4: '.lz4', zstd: '.zst' } as const;

describe.skipIf(unavailable)(
  `archives by pg_dump 17 with blocks in lz4 and zstd${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(await startDebianPostgres());
      folder = cleanup.use(scratchDirectory('compressed-archives')).path;
      await server.query('create database shop');
      await server.query(SCHEMA, 'shop');
    }, 120_000);
    afterAll(() => cleanup.disposeAsync());

    const program = (name: string): string => join(dirname(requireCachedProgram(postgres17PypiRecipe)), name);
    async function dump(options: readonly string[]): Promise<Buffer> {
      const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
      const env = { PATH: process.env['PATH'], PGPASSWORD: server.password };
      const settings = { env, timeout: 120_000, maxBuffer: 2 ** 26, encoding: 'buffer' } as const;
      return (await run(program('pg_dump'), [...connection, ...options, 'shop'], settings)).stdout;
    }
    /** Whether pg_restore reads it to its end. */
    function isRestorable(file: string): boolean {
      return spawnSync(program('pg_restore'), ['-f', '/dev/null', file], { timeout: 60_000 }).status === 0;
    }

    it('with the window of zstd:long are whole, too', async () => {
      const bytes = await dump(['-Fc', '--compress=zstd:long']);
      expect(verdictOf(await recognizeBytes(bytes, 'full'))).toBe('complete');
    });

    describe.each(['lz4', 'zstd', 'gzip', 'none'])('with --compress=%s', (algorithm) => {
      it('to a file and to a pipe are whole when every block decompresses to its end', async () => {
        const file = join(folder, `${algorithm}.dump`);
        await dump(['-Fc', `--compress=${algorithm}`, '-f', file]);
        const seekable = readFileSync(file);
        const piped = await dump(['-Fc', `--compress=${algorithm}`]);
        for (const [bytes, structure] of [
          [seekable, 'complete'],
          [piped, 'unproven'],
        ] as const) {
          const full = readingOf(await recognizeBytes(bytes, 'full'));
          const facts = { compression: algorithm, databaseName: 'shop', scope: 'full', toolVersion: '17.10' };
          expect(full).toMatchObject({ ...facts, integrity: { state: 'complete' } });
          expect(verdictOf(await recognizeBytes(bytes, 'structure'))).toBe(structure);
        }
      });

      it('are never complete when cut off, nor altered where pg_restore refuses them', {
        timeout: 300_000,
      }, async () => {
        const bytes = await dump(['-Fc', `--compress=${algorithm}`]);
        const step = Math.max(1, Math.floor(bytes.length / 150));
        for (let length = 0; length < bytes.length; length += length < bytes.length - 60 ? step : 1) {
          const verdict = verdictOf(await recognizeBytes(bytes.subarray(0, length), 'full'));
          expect(verdict, `cut to ${length}`).not.toBe('complete');
        }
        const altered = join(folder, 'altered.dump');
        for (let at = 0; at < bytes.length; at += step) {
          const flipped = Buffer.from(bytes);
          flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
          if (verdictOf(await recognizeBytes(flipped, 'full')) !== 'complete') continue;
          writeFileSync(altered, flipped);
          expect(isRestorable(altered), `byte ${at}`).toBe(true);
        }
      });

      it('as a directory are whole when every file is, and not without one byte of it', {
        timeout: 120_000,
      }, async () => {
        const root = join(folder, `${algorithm}-directory`);
        await dump(['-Fd', `--compress=${algorithm}`, '-f', root]);
        const files = new Map(readdirSync(root).map((name) => [name, readFileSync(join(root, name))]));
        // Large objects that are not compressed have no end mark.
        const whole = algorithm === 'none' ? 'unproven' : 'complete';
        expect(verdictOf(await recognizeFiles(files, 'full'))).toBe(whole);
        if (algorithm !== 'lz4' && algorithm !== 'zstd') return;
        const compressed = [...files].filter(([name]) => name.endsWith(SUFFIX[algorithm]));
        expect(compressed.length).toBeGreaterThan(2);
        for (const [name, content] of compressed) {
          for (const length of [0, 1, Math.floor(content.length / 2), content.length - 1]) {
            const cut = new Map(files).set(name, content.subarray(0, length));
            expect(verdictOf(await recognizeFiles(cut, 'full')), `${name} cut to ${length}`).toBe('incomplete');
          }
        }
      });

      it('of definitions, rows or sections alone are known for what they are', async () => {
        const scopes = [
          ['--schema-only', 'schema-only'],
          ['--data-only', 'data-only'],
          ['--section=post-data', 'partial-sections'],
        ] as const;
        for (const [option, scope] of scopes) {
          const bytes = await dump(['-Fc', `--compress=${algorithm}`, option]);
          expect(readingOf(await recognizeBytes(bytes, 'full')).scope, option).toBe(scope);
        }
      });

      it('as plain text are whole inside their wrapping', async () => {
        const bytes = await dump(['-Fp', '--create', `--compress=${algorithm}`]);
        const full = readingOf(await recognizeBytes(bytes, 'full'));
        expect(full).toMatchObject({ wrapped: algorithm, databaseName: 'shop', integrity: { state: 'complete' } });
      });
    });
  },
);
