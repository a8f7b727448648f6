import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { toMillis } from '../../../../src/model/instant.ts';
import { lsnPosition } from '../../../../src/model/lsn.ts';
import { pypiPostgresTool, pypiPostgresUnavailable, startPypiPostgres } from '../../../services/postgres-pypi.ts';
import type { PostgresServer } from '../../../services/postgres-server.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { readDirectory } from './read-location.ts';

const run = promisify(execFile);
const unavailable = pypiPostgresUnavailable();

describe.skipIf(unavailable)('WAL that goes on after a failover', () => {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(scratchDirectory('switched'));
  const wal = join(scratch.path, 'wal');
  let server: PostgresServer;
  let lastCommit = 0;

  /** Until a condition holds. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let time = 0; time < 150 && !(await holds().catch(() => false)); time += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  const archived = () => readdirSync(wal).filter((name) => !name.startsWith('.'));
  async function archiveSegment(): Promise<void> {
    const [row] = await server.query('select pg_walfile_name(pg_current_wal_lsn()) as segment');
    await server.query('select pg_switch_wal()');
    await until(async () => archived().includes(String(row?.['segment'])));
  }

  beforeAll(async () => {
    mkdirSync(wal);
    chmodSync(scratch.path, 0o755);
    chmodSync(wal, 0o777);
    // Under its name only when it is whole: a file that is being copied would pass for an archived one.
    const archive = `cp %p ${wal}/.%f && mv ${wal}/.%f ${wal}/%f`;
    const settings = { archive_mode: 'on', archive_command: archive, restore_command: `cp ${wal}/%f %p` };
    server = cleanup.use(await startPypiPostgres({ settings }));
    const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
    const all = [...connection, '-c', 'fast', '-X', 'none', '-D', join(scratch.path, 'base')];
    await run(await pypiPostgresTool('pg_basebackup'), all, { timeout: 60_000 });
    await server.query('create table before as select 1 as n');
    await archiveSegment();
    await server.stop();
    const signal = join(server.dataDirectory, 'recovery.signal');
    writeFileSync(signal, '');
    const { uid, gid } = statSync(server.dataDirectory);
    chownSync(signal, uid, gid);
    await server.start();
    await until(async () => (await server.query('select pg_is_in_recovery() as is'))[0]?.['is'] === false);
    await server.query('create table after as select 1 as n');
    lastCommit = Date.now();
    await archiveSegment();
    await until(async () => archived().includes('00000002.history'));
  }, 180_000);
  afterAll(() => cleanup.disposeAsync());

  it('is followed from a base copy of the timeline before', async () => {
    const { copies, archives } = await readDirectory(scratch.path, 'structure');
    expect(archives).toMatchObject([{ history: [{ timeline: 1 }] }]);
    const continuous = settleCopies(copies, archives).find(({ kind }) => kind === 'continuous');
    expect(continuous).toMatchObject({ timeline: 2, integrity: 'complete', builtOn: ['base'], followed: null });
    const base = settleCopies(copies, archives).find(({ kind }) => kind === 'full');
    expect(base?.followed).toEqual({ timeline: 2, leftAt: expect.stringMatching(/^0\/[0-9A-F]{7}$/) });
    expect(lsnPosition(base?.copy.wal?.stopLsn ?? '')).toBeLessThan(lsnPosition(base?.followed?.leftAt ?? ''));
    expect(Math.abs(toMillis(continuous?.moment?.notBefore ?? '') - lastCommit)).toBeLessThan(5000);
  });

  it('is not, where its history is damaged or gone', async () => {
    const history = join(wal, '00000002.history');
    appendFileSync(history, 'x\n');
    const kinds = async () => {
      const { copies, archives } = await readDirectory(scratch.path, 'structure');
      return settleCopies(copies, archives).map(({ kind }) => kind);
    };
    expect(await kinds()).toEqual(['full']);
    renameSync(history, join(scratch.path, 'elsewhere'));
    expect(await kinds()).toEqual(['full']);
  });
});
