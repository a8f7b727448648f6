import { execFile } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { pypiPostgresTool, pypiPostgresUnavailable, startPypiPostgres } from '../../../services/postgres-pypi.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { readDirectory } from './read-location.ts';

const run = promisify(execFile);

/** A server is set back to a base backup, as a clone is made of one, and is backed up beside the WAL it had before. */
describe.skipIf(pypiPostgresUnavailable())('the base backup of a clone beside the WAL of its original', () => {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(scratchDirectory('cloned'));
  const wal = join(scratch.path, 'wal');
  let server: PostgresServer;

  async function backUp(name: string): Promise<void> {
    const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
    const all = [...connection, '-c', 'fast', '-X', 'stream', '-D', join(scratch.path, name)];
    await run(await pypiPostgresTool('pg_basebackup'), all, { timeout: 60_000 });
  }
  async function write(what: string): Promise<void> {
    await server.query(`create table ${what} as select n, md5('${what}' || n) from generate_series(1, 2000) as n`);
    const [row] = await server.query('select pg_walfile_name(pg_current_wal_lsn()) as segment');
    await server.query('select pg_switch_wal()');
    for (let time = 0; time < 150 && !readdirSync(wal).includes(String(row?.['segment'])); time += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  beforeAll(async () => {
    mkdirSync(wal);
    chmodSync(scratch.path, 0o755);
    chmodSync(wal, 0o777);
    // What is there stays, and the clone goes on as if it had archived.
    const archive = `test -f ${wal}/%f || (cp %p ${wal}/.%f && mv ${wal}/.%f ${wal}/%f)`;
    server = cleanup.use(await startPypiPostgres({ settings: { archive_mode: 'on', archive_command: archive } }));
    await backUp('base-0');
    for (const name of ['one', 'two', 'three']) await write(name);
    await server.stop();
    const { uid, gid } = statSync(server.dataDirectory);
    for (const name of readdirSync(server.dataDirectory)) rmSync(join(server.dataDirectory, name), { recursive: true });
    cpSync(join(scratch.path, 'base-0'), server.dataDirectory, { recursive: true });
    for (const name of readdirSync(server.dataDirectory, { recursive: true, encoding: 'utf8' })) {
      chownSync(join(server.dataDirectory, name), uid, gid);
    }
    await server.start();
    await write('other');
    await backUp('base-1');
    await server.stop();
  }, 180_000);
  afterAll(() => cleanup.disposeAsync());

  it('is told from it, and the base backup of the original is restored with that WAL', async () => {
    const { copies, archives, blindSpot } = await readDirectory(scratch.path, 'structure');
    expect(blindSpot).toBeNull();
    const [original, clone] = copies.toSorted((one, other) => one.label.localeCompare(other.label));
    expect(original?.cluster.systemIdentifier).toBe(clone?.cluster.systemIdentifier);
    expect([original?.timeline, clone?.timeline]).toEqual([1, 1]);
    expect(original).not.toHaveProperty('otherWal');
    expect(clone).toMatchObject({ integrity: 'complete', otherWal: [{ archive: 'wal' }] });
    const continuous = settleCopies(copies, archives).find(({ kind }) => kind === 'continuous');
    expect(continuous).toMatchObject({ integrity: 'complete', builtOn: ['base-0'] });
  });
});
