import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readWalGRepository } from '../../src/collect/backups/physical/wal-g-repository.ts';
import { put, putBackup, putWal } from '../collect/backups/physical/wal-g-layout.ts';
import { compress } from '../collect/formats/compression/compressors.ts';
import { memoryTree } from '../collect/memory-tree.ts';
import type { DamagedFormat } from './damaged-format.ts';
import { READING, verdictOver, withDamage } from './memory-copy.ts';
import { filesBelow } from './read-files.ts';
import { vendorTool } from './vendor-tool.ts';

const run = promisify(execFile);
const MOST_BYTES = 2 ** 28;
export const WAL_G_FORMAT = 'WAL-G: sentinel, metadata and parts of a backup';

/**
 * A repository as WAL-G lays it out, with the files of a real base backup in its parts.
 *
 * @param data directory of a base backup
 */
export async function walGFormat(data: string, root: string): Promise<DamagedFormat> {
  const pack = async (...what: readonly string[]): Promise<Buffer> => {
    const limits = { encoding: 'buffer', maxBuffer: MOST_BYTES } as const;
    const { stdout } = await run('tar', ['-C', data, '--exclude=./pg_wal/*', '-cf', '-', ...what], limits);
    return compress('lz4', [], stdout);
  };
  const parts = {
    'part_001.tar.lz4': await pack('--exclude=./global/pg_control', '.'),
    'pg_control.tar.lz4': await pack('./global/pg_control'),
  };
  const bytes = Object.values(parts).reduce((sum, { length }) => sum + length, 0);
  const name = 'base_000000010000000000000003';
  await putBackup(root, { name, parts: [], sentinel: { CompressedSize: String(bytes) } });
  for (const [part, content] of Object.entries(parts)) {
    await put(root, `basebackups_005/${name}/tar_partitions/${part}`, content);
  }
  await putWal(root, [3, 4]);
  const all = filesBelow(root);
  return {
    name: WAL_G_FORMAT,
    root,
    files: new Map([...all].filter(([path]) => path.startsWith('basebackups_005/'))),
    read: async (depth, damaged) => {
      const tree = memoryTree(withDamage(all, damaged));
      const contents = await readWalGRepository(tree, { ...READING, depth: 'structure' });
      const [copy] = contents.copies;
      const full = depth === 'full' && copy !== undefined ? contents.fullReadings?.get(copy.label) : undefined;
      if (full === undefined) return verdictOver(contents);
      const { copy: read } = await full.read();
      return verdictOver({ ...contents, copies: [read] });
    },
    tools: [
      vendorTool('lz4 -t', 'sh', ['-c', 'for part in basebackups_005/*/*/*.lz4; do lz4 -tq $part || exit; done'], root),
    ],
    hasRecordedSum: false,
    slow: 'cluster',
    note: `Laid out by the public source of WAL-G, which cannot be had here, with the files of a real base backup in lz4. WAL-G
keeps no checksums: what is found in full is found by those of lz4, and what is not found there comes out as the same bytes.`,
  };
}
