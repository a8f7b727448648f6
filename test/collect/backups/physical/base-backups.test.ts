import { execFile, spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import {
  debianPostgresTool,
  debianPostgresUnavailable,
  startDebianPostgres,
} from '../../../services/postgres-debian.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory, waitUntil } from '../../../services/scratch.ts';
import { digestOf, onlyCopy, readDirectory } from './read-location.ts';

const run = promisify(execFile);
const unavailable = debianPostgresUnavailable();
const DEPTHS = ['structure', 'full'] as const;
const FORMATS: readonly [name: string, args: readonly string[], format: string, atStructure: string, atFull: string][] =
  [
    ['plain', ['-X', 'stream'], 'plain', 'complete', 'complete'],
    ['sha', ['--manifest-checksums=SHA256'], 'plain', 'complete', 'complete'],
    ['tar', ['-Ft', '-X', 'stream'], 'tar', 'complete', 'complete'],
    ['fetch', ['-Ft', '-X', 'fetch'], 'tar', 'complete', 'complete'],
    ['gzip', ['-Ft', '-z', '-X', 'stream'], 'tar, gzip', 'unproven', 'complete'],
    ['zstd', ['-Ft', '--compress=server-zstd', '-X', 'fetch'], 'tar, zstd', 'unproven', 'complete'],
    ['lz4', ['-Ft', '--compress=server-lz4', '-X', 'stream'], 'tar, lz4', 'unproven', 'complete'],
    ['client-lz4', ['-Ft', '--compress=client-lz4', '-X', 'fetch'], 'tar, lz4', 'unproven', 'complete'],
  ];

/** Compressed with the WAL inside: the beginning alone tells no system identifier. */
const FETCHED = new Set(['zstd', 'client-lz4']);

/** Whatever is said of a copy alone: without its WAL, and no archive that has it, it never counts as a complete one. */
const WITHOUT_WAL = {
  integrity: 'unproven',
  integrityBecause: 'the WAL it needs is not inside it, and no archive of that WAL was found',
};

describe.skipIf(unavailable)(
  `base backups by PostgreSQL 15 of Debian${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;
    let archive: string;
    let systemIdentifier: string;
    let oids: readonly number[];

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(
        await startDebianPostgres({
          settings: {
            archive_mode: 'on',
            archive_command: 'cp %p ../archive-%f',
            max_wal_senders: '8',
            log_timezone: 'UTC',
          },
        }),
      );
      folder = cleanup.use(scratchDirectory('base')).path;
      await server.query('create database shop');
      await server.query('create table goods as select g, md5(g::text) from generate_series(1, 5000) g', 'shop');
      const [row] = await server.query('select system_identifier::text as id from pg_control_system()');
      systemIdentifier = z.object({ id: z.string() }).parse(row).id;
      const databases = await server.query('select oid::int from pg_database');
      oids = z
        .array(z.object({ oid: z.int() }))
        .parse(databases)
        .map(({ oid }) => oid);
      for (const [name, args] of FORMATS) await baseBackup(['-D', join(folder, name), ...args]);
      archive = join(folder, 'archive');
      mkdirSync(archive);
      await waitUntil('the WAL is archived', async () => {
        const archived = archivedFiles();
        return archived.filter((name) => name.endsWith('.backup')).length >= FORMATS.length ? archived : null;
      });
      for (const name of archivedFiles()) {
        cpSync(join(server.directory, name), join(archive, name.slice('archive-'.length)), {
          preserveTimestamps: true,
        });
      }
    }, 180_000);
    afterAll(() => cleanup.disposeAsync());

    function archivedFiles(): readonly string[] {
      return readdirSync(server.directory).filter((name) => name.startsWith('archive-'));
    }

    function connection(): readonly string[] {
      return ['-h', server.host, '-p', String(server.port), '-U', server.user];
    }

    async function baseBackup(args: readonly string[]): Promise<Buffer> {
      const options = { timeout: 60_000, maxBuffer: 2 ** 28, encoding: 'buffer' } as const;
      return (await run(debianPostgresTool('pg_basebackup'), [...connection(), '-c', 'fast', ...args], options)).stdout;
    }

    /** A copy of the backup that may be damaged. */
    function copyOf(name: string): Disposable & { readonly path: string } {
      const scratch = scratchDirectory('damaged');
      cpSync(join(folder, name), join(scratch.path, name), { recursive: true, preserveTimestamps: true });
      return scratch;
    }

    async function vendorAccepts(backup: string): Promise<boolean> {
      try {
        await run(debianPostgresTool('pg_verifybackup'), [backup], { timeout: 60_000 });
        return true;
      } catch {
        return false;
      }
    }

    for (const [name, , format, atStructure, atFull] of FORMATS) {
      it(`tell what the server tells: ${name}`, async () => {
        const before = digestOf(join(folder, name));
        for (const depth of DEPTHS) {
          const copy = await onlyCopy(readDirectory(join(folder, name), depth));
          expect(copy).toMatchObject({
            label: '.',
            method: 'pg_basebackup',
            format,
            kind: 'full',
            needs: [],
            timeline: 1,
            integrity: depth === 'full' ? atFull : atStructure,
            readToEnd: depth === 'full' && atFull === 'complete',
          });
          expect(copy.databases?.map(({ oid }) => oid).toSorted()).toEqual(oids.toSorted());
          expect(copy.wal?.inside).toBe(true);
          // Right behind the switch to a new segment, and the records that a server writes by itself.
          expect(copy.wal?.startLsn).toMatch(/^0\/[0-9A-F]+0000[0-9A-F]{2}$/);
          const known =
            copy.cluster.systemIdentifier ?? (FETCHED.has(name) && depth === 'structure' ? systemIdentifier : '');
          expect(known).toBe(systemIdentifier);
          expect(copy.serverVersion).toBe('15');
          expect(Math.abs(Date.now() - Date.parse(copy.stoppedAt ?? ''))).toBeLessThan(300_000);
        }
        expect(digestOf(join(folder, name))).toBe(before);
      });
    }

    it('with names that are no UTF-8, or look like how such are written, are whole', async () => {
      using scratch = scratchDirectory('odd-names');
      const [row] = await server.query('select current_setting($$data_directory$$) as path');
      const home = z.object({ path: z.string() }).parse(row).path;
      const odd = ['b\xff', 'c\\x5c'].map((name) => Buffer.from(`${home}/${name}`, 'latin1'));
      for (const path of odd) writeFileSync(path, 'put there by nobody knows whom');
      for (const format of ['-Fp', '-Ft']) await baseBackup(['-D', join(scratch.path, format), format]);
      for (const path of odd) rmSync(path);
      expect(await vendorAccepts(join(scratch.path, '-Fp'))).toBe(true);
      for (const format of ['-Fp', '-Ft']) {
        for (const depth of DEPTHS) {
          const copy = await onlyCopy(readDirectory(join(scratch.path, format), depth));
          expect(copy).toMatchObject({ integrity: 'complete' });
        }
      }
    });

    it('end when the history file in the WAL archive says so', async () => {
      const { copies, archives, unmatched, blindSpot } = await readDirectory(folder, 'structure');
      expect(copies.map(({ label }) => label).toSorted()).toEqual(FORMATS.map(([name]) => name).toSorted());
      expect(copies.find(({ label }) => label === 'plain')).toMatchObject({
        timesFrom: 'backup history file in the WAL archive',
        cluster: { systemIdentifier, declaredServer: 'main' },
      });
      const names = readdirSync(archive)
        .filter((name) => name.length === 24)
        .toSorted();
      expect(archives).toMatchObject([
        {
          path: 'archive',
          cluster: { systemIdentifier },
          segmentBytes: 16 * 1024 * 1024,
          timelines: [{ timeline: 1, firstSegment: names[0], lastSegment: names.at(-1), gaps: [], missing: 0 }],
        },
      ]);
      expect(unmatched).toEqual([]);
      expect(blindSpot).toBeNull();
    });

    it('written to standard output are one archive', async () => {
      using scratch = scratchDirectory('single');
      const bytes = await baseBackup(['-D', '-', '-Ft', '-X', 'fetch']);
      writeFileSync(join(scratch.path, 'nightly.tar'), bytes);
      for (const depth of DEPTHS) {
        const copy = await onlyCopy(readDirectory(scratch.path, depth));
        expect(copy).toMatchObject({ label: 'nightly.tar', integrity: 'complete', readToEnd: depth === 'full' });
        expect(copy.cluster.systemIdentifier).toBe(systemIdentifier);
      }
      writeFileSync(join(scratch.path, 'nightly.tgz'), gzipSync(bytes, { level: 1 }));
      rmSync(join(scratch.path, 'nightly.tar'));
      expect(await onlyCopy(readDirectory(scratch.path, 'structure'))).toMatchObject({ integrity: 'unproven' });
      expect(await onlyCopy(readDirectory(scratch.path, 'full'))).toMatchObject({ integrity: 'complete' });
      const largest = statSync(join(scratch.path, 'nightly.tgz')).size;
      truncateSync(join(scratch.path, 'nightly.tgz'), largest - 10);
      expect(await onlyCopy(readDirectory(scratch.path, 'full'))).toMatchObject({ integrity: 'incomplete' });
    });

    const relation = (root: string): string => {
      const directory = join(root, 'base', '1');
      const name = readdirSync(directory).find((one) => statSync(join(directory, one)).size >= 16_384);
      return join(directory, name ?? '');
    };
    const flip = (file: string, at: number): void => {
      const bytes = readFileSync(file);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      writeFileSync(file, bytes);
    };
    const segment = (root: string): string => {
      const name = readdirSync(join(root, 'pg_wal')).find((one) => one.length === 24);
      return join(root, 'pg_wal', name ?? '');
    };
    const DAMAGE: readonly [title: string, damage: (root: string) => void, structure: string, full: string][] = [
      ['nothing', () => undefined, 'complete', 'complete'],
      ['a file removed', (root) => rmSync(relation(root)), 'incomplete', 'incomplete'],
      ['a byte flipped', (root) => flip(relation(root), 9000), 'complete', 'incomplete'],
      ['a file truncated', (root) => truncateSync(relation(root), 8192), 'incomplete', 'incomplete'],
      ['a file appended to', (root) => appendFileSync(relation(root), 'x'), 'incomplete', 'incomplete'],
      ['a file more', (root) => writeFileSync(join(root, 'base', '1', '99999'), 'x'), 'unproven', 'unproven'],
      ['the manifest altered', (root) => flip(join(root, 'backup_manifest'), 300), 'incomplete', 'incomplete'],
      ['the manifest removed', (root) => rmSync(join(root, 'backup_manifest')), 'unproven', 'unproven'],
      [
        'the manifest cut off',
        (root) => truncateSync(join(root, 'backup_manifest'), statSync(join(root, 'backup_manifest')).size - 1),
        'incomplete',
        'incomplete',
      ],
      ['pg_control removed', (root) => rmSync(join(root, 'global', 'pg_control')), 'incomplete', 'incomplete'],
      ['backup_label removed', (root) => rmSync(join(root, 'backup_label')), 'incomplete', 'incomplete'],
      ['settings changed', (root) => appendFileSync(join(root, 'postgresql.auto.conf'), '\n'), 'complete', 'complete'],
      ['a WAL segment truncated', (root) => truncateSync(segment(root), 100), 'incomplete', 'incomplete'],
      ['WAL flipped where it is needed', (root) => flip(segment(root), 0x60), 'complete', 'incomplete'],
      ['WAL flipped where it is not', (root) => flip(segment(root), 8_000_000), 'complete', 'complete'],
    ];
    for (const [title, damage, structure, full] of DAMAGE) {
      it(`are judged as by pg_verifybackup: ${title}`, async () => {
        using scratch = copyOf('plain');
        const root = join(scratch.path, 'plain');
        damage(root);
        expect((await onlyCopy(readDirectory(scratch.path, 'structure'))).integrity).toBe(structure);
        expect((await onlyCopy(readDirectory(scratch.path, 'full'))).integrity).toBe(full);
        expect(await vendorAccepts(root)).toBe(full === 'complete');
      });
    }

    it('say when their WAL is not in them, which pg_verifybackup refuses', async () => {
      using scratch = copyOf('plain');
      rmSync(segment(join(scratch.path, 'plain')));
      const copy = await onlyCopy(readDirectory(scratch.path, 'full'));
      expect(copy.wal?.inside).toBe(false);
      expect(copy.integrityBecause).toContain('the WAL that it needs is not in it');
      expect(settleCopies([copy], [])).toMatchObject([WITHOUT_WAL]);
      expect(await vendorAccepts(join(scratch.path, 'plain'))).toBe(false);
    });

    it('with bytes flipped anywhere are never complete where pg_verifybackup refuses', async () => {
      using scratch = copyOf('plain');
      const root = join(scratch.path, 'plain');
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => !name.startsWith('pg_wal/archive_status') && statSync(join(root, name)).isFile())
        .filter((name) => statSync(join(root, name)).size > 0)
        .toSorted();
      let [refused, found] = [0, 0];
      for (let seed = 1; seed <= 12; seed += 1) {
        const file = join(root, files[(seed * 7919) % files.length] ?? '');
        const whole = readFileSync(file);
        flip(file, (seed * 104_729) % whole.length);
        const accepts = await vendorAccepts(root);
        const { integrity } = await onlyCopy(readDirectory(scratch.path, 'full'));
        writeFileSync(file, whole);
        if (!accepts) refused += 1;
        if (integrity !== 'complete') found += 1;
        expect(integrity === 'complete', `${file}, seed ${seed}`).toBe(accepts);
      }
      expect(refused).toBeGreaterThan(8);
      expect(found).toBe(refused);
    }, 180_000);

    for (const name of ['tar', 'gzip', 'zstd', 'lz4']) {
      it(`in archives that are cut off are never complete: ${name}`, async () => {
        using scratch = copyOf(name);
        const root = join(scratch.path, name);
        const file = readdirSync(root).find((one) => one.startsWith('base.tar')) ?? '';
        const whole = readFileSync(join(root, file));
        const offsets = [0, 1, 512, Math.floor(whole.length / 2), whole.length - 1025, whole.length - 1];
        for (const length of offsets) {
          truncateSync(join(root, file), length);
          const full = await onlyCopy(readDirectory(scratch.path, 'full'));
          expect(full.integrity, `${length}`).toBe('incomplete');
          expect((await onlyCopy(readDirectory(scratch.path, 'structure'))).integrity).not.toBe('complete');
          writeFileSync(join(root, file), whole);
        }
        flip(join(root, file), Math.floor(whole.length / 2));
        expect((await onlyCopy(readDirectory(scratch.path, 'full'))).integrity).not.toBe('complete');
      });
    }

    it('in archives miss what was removed from them', async () => {
      using scratch = copyOf('tar');
      rmSync(join(scratch.path, 'tar', 'pg_wal.tar'));
      const copy = await onlyCopy(readDirectory(scratch.path, 'structure'));
      expect(copy).toMatchObject({ integrity: 'complete', wal: { inside: false } });
      expect(settleCopies([copy], [])).toMatchObject([WITHOUT_WAL]);
      rmSync(join(scratch.path, 'tar', 'backup_manifest'));
      expect((await onlyCopy(readDirectory(scratch.path, 'full'))).integrity).toBe('unproven');
    });

    for (const [how, args] of [
      ['plain', []],
      ['tar', ['-Ft']],
      ['gzip', ['-Ft', '-z']],
    ] as const) {
      it(`whose run was killed are incomplete: ${how}`, async () => {
        using scratch = scratchDirectory('killed');
        const root = join(scratch.path, 'run');
        const slow = ['-D', root, '-X', 'none', '-c', 'fast', '--max-rate=4M', ...args];
        const child = spawn(debianPostgresTool('pg_basebackup'), [...connection(), ...slow], { stdio: 'ignore' });
        const ended = new Promise((resolve) => child.once('exit', resolve));
        await waitUntil('something was copied', async () =>
          existsSync(root) && sizeOf(root) > 4_000_000 / (how === 'gzip' ? 8 : 1) ? true : null,
        );
        child.kill('SIGKILL');
        await ended;
        expect((await onlyCopy(readDirectory(scratch.path, 'full'))).integrity).toBe('incomplete');
        expect((await onlyCopy(readDirectory(scratch.path, 'structure'))).integrity).not.toBe('complete');
      });
    }

    function sizeOf(root: string): number {
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => statSync(join(root, name), { throwIfNoEntry: false }))
        .reduce((sum, stats) => sum + (stats?.isFile() === true ? stats.size : 0), 0);
    }

    it('are not what a server itself uses', async () => {
      const running = await readDirectory(server.dataDirectory, 'structure');
      expect(running.copies).toEqual([]);
      expect(running.unmatched).toMatchObject([{ path: '.', what: expect.stringContaining('running server') }]);
      using scratch = copyOf('plain');
      renameSync(join(scratch.path, 'plain', 'backup_label'), join(scratch.path, 'plain', 'backup_label.old'));
      const started = await readDirectory(scratch.path, 'structure');
      expect(started).toMatchObject({ copies: [], unmatched: [{ what: expect.stringContaining('backup_label.old') }] });
    });

    it('WAL archives show holes, compressed segments and those that are no whole ones', async () => {
      using scratch = scratchDirectory('wal');
      const names = readdirSync(archive)
        .filter((name) => name.length === 24)
        .toSorted();
      const [first = '', second = '', third = '', fourth = ''] = names;
      for (const name of names) {
        if (name !== second)
          writeFileSync(join(scratch.path, `${name}.gz`), gzipSync(readFileSync(join(archive, name)), { level: 1 }));
      }
      cpSync(join(archive, fourth), join(scratch.path, `${names.at(-1)}.partial`));
      const { archives, unmatched } = await readDirectory(scratch.path, 'structure');
      expect(archives).toMatchObject([
        {
          cluster: { systemIdentifier },
          timelines: [
            { firstSegment: first, lastSegment: names.at(-1), gaps: [{ first: second, last: second }], missing: 1 },
          ],
        },
      ]);
      expect(unmatched).toMatchObject([{ what: expect.stringContaining('not finished') }]);
      using cut = scratchDirectory('wal');
      for (const name of [first, second, third]) cpSync(join(archive, name), join(cut.path, name));
      truncateSync(join(cut.path, third), 1000);
      const shortened = await readDirectory(cut.path, 'structure');
      expect(shortened.archives).toMatchObject([{ timelines: [{ firstSegment: first, lastSegment: second }] }]);
      expect(shortened.unmatched).toMatchObject([{ path: third }]);
    });
  },
);
