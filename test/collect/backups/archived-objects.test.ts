import { describe, expect, test } from 'vitest';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import type { ArtifactTree } from '../../../src/collect/trees/artifact-tree.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { SWITCH, WAL_SYSTEM_IDENTIFIER, writeWal } from '../formats/base-backup/wal.ts';
import { directoryFixture } from '../formats/pg-dump/fixtures.ts';
import { memoryTree } from '../memory-tree.ts';
import { PLAIN } from './physical/small-base-backups.ts';
import { auditClusters } from './verification/audited-clusters.ts';

const { signal } = new AbortController();
const name = (number: number): string => `000000010000000000${number.toString(16).toUpperCase().padStart(6, '0')}`;
const REPOSITORY = new Map([
  ...[...PLAIN]
    .filter(([path]) => !path.startsWith('pg_wal/'))
    .map(([path, bytes]) => [`base/${path}`, bytes] as const),
  ...[2, 3, 4, 5].map((number) => [`wal/${name(number)}`, writeWal(number, [100, SWITCH]).bytes] as const),
]);

/** A bucket in which some objects lie in an archive, and cannot be read. */
function bucket(files: ReadonlyMap<string, Uint8Array>, archived: (path: string) => boolean): ArtifactTree {
  const tree = memoryTree(files);
  return {
    ...tree,
    async *list(...how) {
      for await (const file of tree.list(...how)) yield archived(file.path) ? { ...file, archivedIn: 'GLACIER' } : file;
    },
    open: (path, abort) =>
      archived(path)
        ? Promise.reject(new SourceError('unsupported', `${path} is archived`, 'Restore it.'))
        : tree.open(path, abort),
  };
}

async function copiesOf(archived: (path: string) => boolean, depth: 'structure' | 'mixed' | 'full') {
  using scratch = scratchDirectory('archived');
  const { copies } = await auditClusters({
    places: { s3: { root: scratch.path, purpose: 'base-backups', tree: bucket(REPOSITORY, archived) } },
    directory: scratch.path,
    servers: { main: WAL_SYSTEM_IDENTIFIER },
    depth,
  });
  const told = [copies.get('s3/base'), copies.get('s3/wal')];
  return told.map((copy) => copy && { integrity: copy.integrity, because: copy.integrityBecause, moment: copy.moment });
}

describe.each(['structure', 'mixed', 'full'] as const)('copies in an archive of a bucket, at depth %s', (depth) => {
  test('count where all can be read', async () => {
    expect(await copiesOf(() => false, depth)).toMatchObject([{ integrity: 'complete' }, { integrity: 'complete' }]);
  });

  test('are unproven where a part of them must be restored first, and keep their moment', async () => {
    const [usual] = await copiesOf(() => false, depth);
    const [base, wal] = await copiesOf((path) => path === 'base/base/5/1259', depth);
    const because = 'a part of it lies in storage class GLACIER, and must be restored there first';
    expect(base).toEqual({ integrity: 'unproven', because, moment: usual?.moment });
    expect(wal).toMatchObject({ integrity: 'unproven' });
  });

  test('are unproven where WAL that they need must be restored first', async () => {
    expect(await copiesOf((path) => path === `wal/${name(3)}`, depth)).toMatchObject([
      { integrity: 'unproven', because: expect.stringContaining('the WAL it needs lies in storage class GLACIER') },
      { integrity: 'unproven' },
    ]);
  });

  test('bring back less where later WAL must be restored first', async () => {
    expect(await copiesOf((path) => path === `wal/${name(4)}`, depth)).toMatchObject([
      { integrity: 'complete' },
      { integrity: 'unproven', because: expect.stringMatching(/^WAL from base on lies in storage class GLACIER/) },
    ]);
    expect(await copiesOf((path) => path === `wal/${name(2)}`, depth)).toMatchObject([
      { integrity: 'complete' },
      { integrity: 'complete' },
    ]);
  });
});

test('a directory dump of which a file must be restored first is unproven', async () => {
  const files = new Map([...directoryFixture('pg18-directory')].map(([path, bytes]) => [`acme/${path}`, bytes]));
  const data = [...files.keys()].find((path) => !path.endsWith('toc.dat')) ?? '';
  const read = async (archived: (path: string) => boolean) =>
    readLocation(
      // What the format does not look into at this depth is not opened, so that the listing alone tells.
      { name: 's3', tree: { ...bucket(files, archived), open: memoryTree(files).open }, timeZone: null, servers: null },
      new Set(['acme']),
      () => ({ reason: 'unsupported', detail: 'archived', remedy: '' }),
      signal,
    );
  expect((await read(() => false)).artifacts).toMatchObject([
    { reading: { integrity: { because: expect.not.stringContaining('GLACIER') } } },
  ]);
  expect((await read((path) => path === data)).artifacts).toMatchObject([
    {
      reading: {
        integrity: { state: 'unproven', because: expect.stringContaining('lies in storage class GLACIER') },
      },
    },
  ]);
});
