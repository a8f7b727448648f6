import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PhysicalCopy } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { pypiPostgresTool, pypiPostgresUnavailable, startPypiPostgres } from '../../../services/postgres-pypi.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { auditClusters } from '../verification/audited-clusters.ts';
import { readDirectory } from './read-location.ts';

const run = promisify(execFile);
const unavailable = pypiPostgresUnavailable();

describe.skipIf(unavailable)(
  `incremental base backups by PostgreSQL 18${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;
    let systemIdentifier: string;

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(await startPypiPostgres({ settings: { summarize_wal: 'on', log_timezone: 'UTC' } }));
      folder = cleanup.use(scratchDirectory('incremental')).path;
      const [row] = await server.query('select system_identifier::text as id from pg_control_system()');
      systemIdentifier = z.object({ id: z.string() }).parse(row).id;
      await server.query('create table goods as select g, md5(g::text) from generate_series(1, 20000) g');
      await baseBackup('sunday', []);
      await server.query('update goods set g = g + 1 where g < 100');
      await baseBackup('monday', ['--incremental', join(folder, 'sunday', 'backup_manifest')]);
      await server.query('update goods set g = g + 1 where g > 19900');
      await baseBackup('tuesday', ['--incremental', join(folder, 'monday', 'backup_manifest'), '-Ft']);
      await baseBackup('sizes-only', ['--manifest-checksums=NONE']);
    }, 180_000);
    afterAll(() => cleanup.disposeAsync());

    async function baseBackup(name: string, args: readonly string[]): Promise<void> {
      const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
      const all = [...connection, '-c', 'fast', '-D', join(folder, name), ...args];
      await run(await pypiPostgresTool('pg_basebackup'), all, { timeout: 60_000 });
    }

    async function byLabel(root: string, depth: 'structure' | 'full'): Promise<ReadonlyMap<string, PhysicalCopy>> {
      const { copies, blindSpot } = await readDirectory(root, depth);
      expect(blindSpot).toBeNull();
      return new Map(copies.map((copy) => [copy.label, copy]));
    }

    it('name the backup that they are increments of', async () => {
      for (const depth of ['structure', 'full'] as const) {
        const copies = await byLabel(folder, depth);
        expect(copies.get('sunday')).toMatchObject({ kind: 'full', needs: [], integrity: 'complete' });
        expect(copies.get('monday')).toMatchObject({ kind: 'incremental', needs: ['sunday'], integrity: 'complete' });
        expect(copies.get('tuesday')).toMatchObject({ kind: 'incremental', needs: ['monday'], integrity: 'complete' });
        for (const copy of copies.values()) {
          expect(copy).toMatchObject({ cluster: { systemIdentifier }, serverVersion: '18', wal: { inside: true } });
        }
      }
    });

    it('name one that is not there where it is not', async () => {
      using scratch = scratchDirectory('broken');
      cpSync(join(folder, 'monday'), join(scratch.path, 'monday'), { recursive: true });
      const needs = (await byLabel(scratch.path, 'structure')).get('monday')?.needs ?? [];
      expect(needs).toHaveLength(1);
      expect(needs[0]).toMatch(/^the backup that began at 0\/[0-9A-F]+ on timeline 1$/);
    });

    it('have no checksums where the manifest was told to have none: sizes are compared, and that is said', async () => {
      const copy = (await byLabel(folder, 'full')).get('sizes-only');
      expect(copy).toMatchObject({ integrity: 'complete', readToEnd: false });
      expect(copy?.integrityBecause).toMatch(/have no checksum/);
    });

    it('are read with the whole chain: damage in the first of three is found, and none is verified before all are', async () => {
      using scratch = scratchDirectory('chain');
      for (const name of ['sunday', 'monday', 'tuesday']) {
        cpSync(join(folder, name), join(scratch.path, 'nas', name), { recursive: true, preserveTimestamps: true });
      }
      const places = { nas: { root: join(scratch.path, 'nas'), purpose: 'base-backups' } } as const;
      const servers = { main: systemIdentifier };
      const audit = (budgetBytes: number | null) =>
        auditClusters({ places, directory: scratch.path, servers, budgetBytes });
      const left = (await audit(0)).copies.get('nas/tuesday');
      expect(left).toMatchObject({ integrity: 'complete', verifiedAt: null });
      expect(left?.integrityBecause).toContain('left for a later run');
      const { copies, read } = await audit(null);
      expect(new Set(read.map((path) => path.split('/')[1]))).toEqual(new Set(['sunday', 'monday', 'tuesday']));
      expect(copies.get('nas/tuesday')).toMatchObject({ integrity: 'complete', verifiedAt: expect.any(String) });
      const file = join(scratch.path, 'nas/sunday/global/1262');
      const bytes = readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(4000) ^ 1, 4000);
      writeFileSync(file, bytes);
      const damaged = (await audit(null)).copies.get('nas/tuesday');
      expect(damaged).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
      expect(damaged?.integrityBecause).toMatch(/^it builds on sunday, which is damaged/);
    });

    it('combined to a full one are as old as the last of them, not as new as the combination', async () => {
      using scratch = scratchDirectory('combined');
      // pg_combinebackup wants plain ones.
      const names = ['sunday', 'monday'].map((name) => join(folder, name));
      const combined = join(scratch.path, 'combined');
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await run(await pypiPostgresTool('pg_combinebackup'), [...names, '-o', combined], { timeout: 60_000 });
      const copies = await byLabel(scratch.path, 'full');
      const monday = (await byLabel(folder, 'structure')).get('monday');
      const copy = copies.get('combined');
      expect(copy).toMatchObject({ kind: 'full', needs: [], integrity: 'complete', timesFrom: 'time in pg_control' });
      expect(Date.parse(copy?.stoppedAt ?? '')).toBeLessThanOrEqual(Date.parse(monday?.stoppedAt ?? '') + 1000);
    });

    it('with the backup_label of another backup are damaged', async () => {
      using scratch = scratchDirectory('mixed');
      const root = join(scratch.path, 'sunday');
      cpSync(join(folder, 'sunday'), root, { recursive: true });
      const label = readFileSync(join(folder, 'monday', 'backup_label'));
      writeFileSync(join(root, 'backup_label'), label);
      expect((await byLabel(scratch.path, 'structure')).get('sunday')?.integrity).toBe('incomplete');
    });
  },
);
