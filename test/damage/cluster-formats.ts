import { execFile } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readBarmanCatalog } from '../../src/collect/backups/physical/barman-catalog.ts';
import { readTree } from '../collect/backups/physical/read-location.ts';
import type { Barman } from '../services/barman.ts';
import { debianPostgresTool } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import type { DamagedFormat, VendorTool } from './damaged-format.ts';
import { located, READING } from './memory-copy.ts';
import { leaveOneDatabase } from './small-cluster.ts';
import { vendorTool } from './vendor-tool.ts';

const run = promisify(execFile);

export const BASE_BACKUP_FORMATS = [
  'base backup, plain: data files, label and manifest',
  'base backup, plain: its WAL',
  'base backup, tar: base.tar, pg_wal.tar and manifest',
  'base backup, tar in gzip: base.tar.gz, pg_wal.tar.gz and manifest',
] as const;

/** Takes a base backup by a real pg_basebackup into `base` below a new directory, which it gives. */
export async function takeBaseBackup(
  server: PostgresServer,
  root: string,
  ...args: readonly string[]
): Promise<string> {
  await mkdir(root);
  const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
  const how = ['-D', join(root, 'base'), '--checkpoint=fast', '--wal-method=stream', '--no-sync', ...args];
  await run(debianPostgresTool('pg_basebackup'), [...connection, ...how], { timeout: 120_000 });
  await chmod(join(root, 'base'), 0o700);
  return root;
}

/** As {@link takeBaseBackup}, while the server writes so much WAL that a large part of what lies in the backup is needed. */
async function takeBusyBaseBackup(server: PostgresServer, root: string): Promise<string> {
  let isTaken = false;
  const take = async (): Promise<void> => {
    try {
      await takeBaseBackup(server, root, '--max-rate=4M');
    } finally {
      isTaken = true;
    }
  };
  const write = async (): Promise<void> => {
    while (!isTaken) await server.query(`select pg_logical_emit_message(false, 'busy', repeat('x', 50000))`);
  };
  await Promise.all([take(), write()]);
  return root;
}

/** Base backups of one cluster by a real pg_basebackup, below a directory: as files and as tar archives. */
export async function baseBackupFormats(server: PostgresServer, directory: string): Promise<readonly DamagedFormat[]> {
  await leaveOneDatabase(server);
  const plain = await takeBaseBackup(server, join(directory, 'base-backup'));
  const busy = await takeBusyBaseBackup(server, join(directory, 'base-backup-busy'));
  const tar = await takeBaseBackup(server, join(directory, 'base-backup-tar'), '--format=tar');
  const gzip = await takeBaseBackup(server, join(directory, 'base-backup-gzip'), '--format=tar', '--gzip');
  const isWal = (path: string): boolean => path.includes('pg_wal');
  const [inFiles, inWal, inTar, inGzip] = BASE_BACKUP_FORMATS;
  return [
    located({
      name: inFiles,
      root: plain,
      isDamaged: (path) => !isWal(path),
      read: readTree,
      tools: [verifyPlain(plain)],
    }),
    located({
      name: inWal,
      root: busy,
      isDamaged: isWal,
      read: readTree,
      tools: [verifyPlain(busy)],
      note: 'Taken while the server wrote. What lies before the start and behind the end of the backup is not replayed.',
    }),
    located({ name: inTar, root: tar, isDamaged: () => true, read: readTree, tools: [verifyUnpacked(tar, '.tar')] }),
    located({
      name: inGzip,
      root: gzip,
      isDamaged: () => true,
      read: readTree,
      tools: [verifyUnpacked(gzip, '.tar.gz')],
      note: 'At depth structure compressed archives stay *unproven* whatever is in them.',
    }),
  ];
}

/** @param args e.g. `--skip-checksums` */
export function verifyPlain(root: string, ...args: readonly string[]): VendorTool {
  return vendorTool('pg_verifybackup', debianPostgresTool('pg_verifybackup'), [...args, 'base'], root);
}

/** pg_verifybackup reads no tar archives before PostgreSQL 18: they are unpacked for it, which can fail, too. */
export function verifyUnpacked(root: string, extension: '.tar' | '.tar.gz'): VendorTool {
  const script = `rm -rf ../unpacked && mkdir -m 700 ../unpacked && tar -xf base/base${extension} -C ../unpacked &&
    tar -xf base/pg_wal${extension} -C ../unpacked/pg_wal && cp base/backup_manifest ../unpacked &&
    ${debianPostgresTool('pg_verifybackup')} ../unpacked`;
  return vendorTool('tar -x, pg_verifybackup', 'sh', ['-c', script], root);
}

export const BARMAN_FORMAT = 'Barman: data files and backup.info';

/** A backup in a real catalog of Barman. */
export async function barmanFormat(barman: Barman): Promise<DamagedFormat> {
  await leaveOneDatabase(barman.postgres);
  const id = await barman.backup();
  const data = join('main/base', id, 'data');
  const verify = vendorTool(
    'pg_verifybackup -n',
    debianPostgresTool('pg_verifybackup'),
    ['--no-parse-wal', data],
    barman.home,
  );
  return located({
    name: BARMAN_FORMAT,
    root: barman.home,
    isDamaged: (path) => path.startsWith(join('main/base', id)),
    read: (tree, depth) => readBarmanCatalog(tree, { ...READING, depth }),
    tools: [verify],
    note: '`barman check-backup` looks at WAL alone; what is beside it is the tool that `barman verify-backup` runs.',
  });
}
