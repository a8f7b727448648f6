import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { StoredChecksumMismatch } from '../../../../src/collect/trees/stored-checksum-mismatch.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { compress } from '../../formats/compression/compressors.ts';
import { put, putBackup, putWal, SYSTEM_IDENTIFIER } from '../physical/wal-g-layout.ts';
import { auditClusters } from './audited-clusters.ts';

const FULL = 'base_000000010000000000000002';

test('parts of WAL-G are decompressed to their end, and what was read is remembered', async () => {
  using scratch = scratchDirectory('wal-g-in-turn');
  using repository = scratchDirectory('wal-g-read');
  const root = repository.path;
  const parts = [Buffer.alloc(100_000, 'one part'), Buffer.alloc(50_000, 'another')].map((part) =>
    compress('lz4', [], part),
  );
  const control = compress('lz4', [], Buffer.alloc(9000, 7));
  const compressed = [...parts, control].reduce((sum, { length }) => sum + length, 0);
  await putBackup(root, {
    name: FULL,
    parts: parts.map(({ length }) => length),
    sentinel: { CompressedSize: String(compressed) },
  });
  const at = (name: string) => `basebackups_005/${FULL}/tar_partitions/${name}.tar.lz4`;
  for (const [index, part] of parts.entries()) await put(root, at(`part_00${index * 3 + 1}`), part);
  await put(root, at('pg_control'), control);
  await putWal(root, [2, 3]);
  const run = (budgetBytes: number | null = null) =>
    auditClusters({
      places: { repo: { root, purpose: 'wal-g' } },
      directory: scratch.path,
      servers: { main: SYSTEM_IDENTIFIER },
      budgetBytes,
    });
  const copyIn = ({ copies }: Awaited<ReturnType<typeof run>>) => copies.get(`repo/basebackups_005/${FULL}`);

  const left = await run(0);
  expect(left.summary).toMatchObject({ left: 1, leftUnproven: 0 });
  expect(copyIn(left)).toMatchObject({ integrity: 'complete', readToEnd: false, verifiedAt: null });
  const first = await run();
  expect(copyIn(first)).toMatchObject({ integrity: 'complete', readToEnd: true, verifiedAt: expect.any(String) });
  expect(copyIn(first)?.integrityBecause).toContain('every one of its 3 parts decompresses to its end');
  const second = await run();
  expect([second.summary.read, copyIn(second)]).toEqual([0, copyIn(first)]);

  const path = join(root, at('part_004'));
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(30) ^ 0x55, 30);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  expect(copyIn(await run(0))?.verifiedAt).toBeNull();
  const damaged = copyIn(await run());
  expect(damaged).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
  expect(damaged?.integrityBecause).toContain('its part "part_004.tar.lz4" is damaged');
});

test('a part that is not what the store keeps the checksum of is damaged', async () => {
  using scratch = scratchDirectory('wal-g-summed');
  using repository = scratchDirectory('wal-g-stored');
  const root = repository.path;
  const part = compress('lz4', [], Buffer.alloc(100_000, 'one part'));
  const control = compress('lz4', [], Buffer.alloc(9000, 7));
  const sentinel = { CompressedSize: String(part.length + control.length) };
  await putBackup(root, { name: FULL, parts: [part.length], sentinel });
  const at = (name: string) => `basebackups_005/${FULL}/tar_partitions/${name}.tar.lz4`;
  await put(root, at('part_001'), part);
  await put(root, at('pg_control'), control);
  await putWal(root, [2, 3]);
  const local = localDirectoryTree({ root });
  const tree: ArtifactTree = {
    ...local,
    async open(path, signal) {
      const reader = await local.open(path, signal);
      if (path !== at('part_001')) return reader;
      const stream = async function* () {
        yield* reader.stream();
        throw new StoredChecksumMismatch(`${path} in bucket b`);
      };
      return { ...reader, stream };
    },
  };
  const { copies } = await auditClusters({
    places: { repo: { root, purpose: 'wal-g', tree } },
    directory: scratch.path,
    servers: { main: SYSTEM_IDENTIFIER },
  });
  expect(copies.get(`repo/basebackups_005/${FULL}`)).toMatchObject({
    integrity: 'incomplete',
    integrityBecause: expect.stringContaining('the bytes do not match the checksum that the store keeps'),
  });
});
