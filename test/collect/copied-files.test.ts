import { expect, test } from 'vitest';
import { compareCopiedFiles, type LiveFile } from '../../src/collect/copied-files.ts';
import type { Estate, FileCopies, PartBuilder } from '../../src/collect/estate.ts';
import { readDatedCopies } from '../../src/collect/hosts/dated-copies.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { type Facts, factSchemas } from '../../src/model/facts.ts';
import { MINUTE } from '../../src/model/instant.ts';
import { memoryTree } from './memory-tree.ts';

const SETTINGS = { timeFormat: 'YYYY-MM-DD', completionMarker: null, sourceRoot: '/srv', timeZone: null } as const;
const BINDING = { bindingId: 'b', path: '/srv/files/acme' } as Facts['storage-binding'];
const MOMENT = '2026-11-22T00:00:00.000Z';

async function compared(
  copied: Readonly<Record<string, string>>,
  files: readonly Partial<LiveFile>[],
  { isShared = false, path = BINDING.path } = {},
): Promise<Facts['file-copy'] | undefined> {
  const tree = memoryTree(
    new Map(Object.entries(copied).map(([name, text]) => [`2026-11-22/${name}`, Buffer.from(text)])),
  );
  const copies = await readDatedCopies(tree, SETTINGS, new AbortController().signal);
  const where = { location: { config: { name: 'sets' } }, settings: SETTINGS, copies, blindSpot: null };
  const item = {
    location: 'sets',
    copy: '2026-11-22',
    moment: MOMENT,
    complete: true,
    because: 'it is whole',
    sourcePath: '/srv/files/acme',
    present: true,
    digest: null,
  };
  const subject = { kind: 'store', key: 'b', organizationId: 'o', name: 'b' } as const;
  const part: PartBuilder = {
    subjects: [],
    evidence: [{ kind: 'file-copy', subject, items: [item] } as unknown as AnyEvidence],
  };
  const live = files.map((file) => ({
    key: 'a.bin',
    bytes: 3,
    recordedBytes: 3,
    createdAt: '2026-11-01T00:00:00.000Z',
    ...file,
  }));
  const estate = { fileCopies: [where as unknown as FileCopies] } satisfies Pick<Estate, 'fileCopies'>;
  compareCopiedFiles(part, estate, { binding: { ...BINDING, path }, files: live, skewMillis: 15 * MINUTE, isShared });
  const [record] = part.evidence;
  return record?.kind === 'file-copy' ? factSchemas['file-copy'].parse(record.items[0]) : undefined;
}

test('what a copy lacks, what is empty in it and what has another size is counted', async () => {
  const copied = { 'files/acme/a.bin': 'abc', 'files/acme/deep/b.bin': '', 'files/acme/c.bin': 'ab' };
  const files = [{}, { key: 'deep/b.bin' }, { key: 'c.bin' }, { key: 'd.bin' }];
  expect((await compared(copied, files))?.compared).toEqual({ files: 4, missing: 1, emptied: 1, sizeDiffers: 1 });
});

test('a file that is empty in the store, too, or may have changed since, is none of that', async () => {
  const copied = { 'files/acme/a.bin': '', 'files/acme/b.bin': 'other' };
  const files = [
    { bytes: 0, recordedBytes: 0 },
    { key: 'b.bin', recordedBytes: null },
  ];
  expect((await compared(copied, files))?.compared).toEqual({ files: 2, missing: 0, emptied: 0, sizeDiffers: 0 });
});

test('a file that may have come only after the copy was begun is not looked for', async () => {
  const young = { createdAt: '2026-11-21T23:50:00.000Z', key: 'young.bin' };
  expect((await compared({ 'files/acme/a.bin': 'abc' }, [young]))?.compared).toBeUndefined();
  expect((await compared({ 'files/acme/a.bin': 'abc' }, [young, {}]))?.compared).toMatchObject({
    files: 1,
    missing: 0,
  });
});

test('a directory that is that of every organization is told as such', async () => {
  expect(await compared({ 'files/x': 'x' }, [], { isShared: true, path: '/srv/files' })).toMatchObject({
    shared: true,
  });
  expect(await compared({ 'files/x': 'x' }, [])).not.toHaveProperty('shared');
});
