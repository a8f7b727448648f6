import { execFile } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readBarmanCatalog } from '../../src/collect/backups/physical/barman-catalog.ts';
import type { PhysicalContents } from '../../src/collect/backups/physical/physical-copy.ts';
import type { ArtifactTree } from '../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { readTree } from '../collect/backups/physical/read-location.ts';
import { alteredTree } from '../collect/trees/altered-tree.ts';
import type { Barman } from '../services/barman.ts';
import { debianPostgresTool } from '../services/postgres-debian.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import type { Files } from './damage-place.ts';
import type { DamagedFormat, VendorTool } from './damaged-format.ts';
import { filesBelow } from './read-files.ts';
import { vendorTool } from './vendor-tool.ts';

const run = promisify(execFile);
type Depth = 'structure' | 'full';
const { signal } = new AbortController();
const blindSpotOf = (error: unknown) => {
  if (!(error instanceof SourceError)) throw error;
  return { reason: error.reason, detail: error.message, remedy: error.remedy };
};

/** Base backups of one cluster by a real pg_basebackup, below a directory: as files and as tar archives. */
export async function baseBackupFormats(server: PostgresServer, directory: string): Promise<readonly DamagedFormat[]> {
  const backup = async (name: string, ...args: readonly string[]): Promise<string> => {
    const root = join(directory, name);
    await mkdir(root);
    const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
    const how = ['-D', join(root, 'base'), '--checkpoint=fast', '--wal-method=stream', '--no-sync', ...args];
    await run(debianPostgresTool('pg_basebackup'), [...connection, ...how], { timeout: 120_000 });
    await chmod(join(root, 'base'), 0o700);
    return root;
  };
  const plain = await backup('base-backup');
  const tar = await backup('base-backup-tar', '--format=tar');
  const verify = vendorTool('pg_verifybackup', debianPostgresTool('pg_verifybackup'), ['base'], plain);
  const isWal = (path: string): boolean => path.includes('pg_wal');
  const readBase = (tree: ArtifactTree, depth: Depth) => readTree(tree, depth);
  return [
    located(
      'base backup, plain: data files, label and manifest',
      plain,
      filesBelow(plain, (path) => !isWal(path)),
      readBase,
      [verify],
    ),
    located('base backup, plain: its WAL segment', plain, filesBelow(plain, isWal), readBase, [verify]),
    located(
      'base backup, tar: base.tar and manifest',
      tar,
      filesBelow(tar, (path) => !isWal(path)),
      readBase,
      [],
    ),
  ];
}

/** A backup in a real catalog of Barman. */
export async function barmanFormat(barman: Barman): Promise<DamagedFormat> {
  const id = await barman.backup();
  const data = join('main/base', id, 'data');
  const verify = vendorTool(
    'pg_verifybackup -n',
    debianPostgresTool('pg_verifybackup'),
    ['--no-parse-wal', data],
    barman.home,
  );
  const read = (tree: ArtifactTree, depth: Depth) =>
    readBarmanCatalog(tree, { depth, declaredServer: null, signal, blindSpotOf });
  return located(
    'Barman: data files and backup.info',
    barman.home,
    filesBelow(barman.home, (path) => path.startsWith(join('main/base', id))),
    read,
    [verify],
  );
}

/** A location that is read as a whole, and the verdict over its only copy. */
export function located(
  name: string,
  root: string,
  files: Files,
  read: (tree: ArtifactTree, depth: Depth) => Promise<PhysicalContents>,
  tools: readonly VendorTool[],
): DamagedFormat {
  const tree = localDirectoryTree({ root });
  return {
    name,
    root,
    files,
    read: async (depth, damaged) => {
      const altered = damaged === null ? tree : alteredTree(tree, { [damaged.path]: damaged.bytes });
      const { copies, blindSpot } = await read(altered, depth);
      const [copy] = copies;
      const verdict = copy?.integrity ?? 'no copy';
      // A copy that nobody could read to its end, and whose location says so, vouches for nothing.
      return { verdict: verdict === 'unproven' && blindSpot !== null ? 'blind spot' : verdict, sha256: null };
    },
    tools,
    hasRecordedSum: false,
    isSlow: true,
  };
}
