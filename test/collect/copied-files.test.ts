import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareCopiedFiles, type LiveFile } from '../../src/collect/copied-files.ts';
import type { Estate, FileCopies, PartBuilder } from '../../src/collect/estate.ts';
import { type DatedCopies, type DatedCopy, readDatedCopies } from '../../src/collect/hosts/dated-copies.ts';
import { hostProbe } from '../../src/collect/hosts/probe/host-probe.ts';
import { localFileProbe } from '../../src/collect/local-file-probe.ts';
import type { ArtifactRow } from '../../src/collect/organizations/dataset-contracts.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { type Facts, factSchemas } from '../../src/model/facts.ts';
import { MINUTE } from '../../src/model/instant.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { memoryTree } from './memory-tree.ts';

const SETTINGS = { timeFormat: 'YYYY-MM-DD', completionMarker: null, sourceRoot: '/srv', timeZone: null } as const;
const BINDING = { bindingId: 'b', path: '/srv/files/acme' } as Facts['storage-binding'];
const MOMENT = '2026-11-22T00:00:00.000Z';

function withLinks({ copies, strays }: DatedCopies, links: Readonly<Record<string, string>>): DatedCopies {
  const linkedIn = (copy: DatedCopy) =>
    [...copy.files].map(([path, file]) => {
      const linked = links[path];
      return [path, linked === undefined ? file : { ...file, linked }] as const;
    });
  return { strays, copies: copies.map((copy) => ({ ...copy, files: new Map(linkedIn(copy)) })) };
}

async function compared(
  copied: Readonly<Record<string, string>>,
  files: readonly Partial<LiveFile>[],
  {
    isShared = false,
    path = BINDING.path,
    listed = [] as readonly ArtifactRow[],
    links = {},
    samples = [] as readonly object[],
    future = 0,
    isYoung = false,
  } = {},
): Promise<Facts['file-copy'] | undefined> {
  const tree = memoryTree(
    new Map(Object.entries(copied).map(([name, text]) => [`2026-11-22/${name}`, Buffer.from(text)])),
  );
  const read = await readDatedCopies(tree, SETTINGS, new AbortController().signal);
  const copies = withLinks(read, links);
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
    evidence: [
      { kind: 'file-copy', subject, items: [item] },
      { kind: 'file-copy-sample', subject, items: samples },
    ] as unknown as AnyEvidence[],
  };
  const live = files.map((file) => ({
    key: 'a.bin',
    bytes: 3,
    recordedBytes: 3,
    createdAt: '2026-11-01T00:00:00.000Z',
    ...file,
  }));
  const estate = { fileCopies: [where as unknown as FileCopies] } satisfies Pick<Estate, 'fileCopies'>;
  const store = { binding: { ...BINDING, path }, files: live, listed, future, isYoung };
  await compareCopiedFiles(part, estate, { ...store, skewMillis: 15 * MINUTE, isShared }, new AbortController().signal);
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

test('a file that is the live one itself, by a hard link, is no copy', async () => {
  const copied = { 'files/acme/a.bin': 'abc', 'files/acme/b.bin': 'abc' };
  const files = [{ linked: '1:2:3:4' }, { key: 'b.bin', linked: '1:5:3:4' }];
  const links = { 'files/acme/a.bin': '1:2:3:4', 'files/acme/b.bin': '1:6:3:4' };
  expect((await compared(copied, files, { links }))?.compared).toMatchObject({ files: 2, missing: 0, linked: 1 });
});

test('a file of a live directory that is a symbolic link into the set is no copy of itself', async () => {
  using scratch = scratchDirectory('linked-into-set');
  const signal = new AbortController().signal;
  const [sets, store] = [join(scratch.path, 'sets'), join(scratch.path, 'acme')];
  for (const day of ['2026-11-21', '2026-11-22']) {
    mkdirSync(join(sets, day, store), { recursive: true });
    writeFileSync(join(sets, day, store, 'a.bin'), 'abc');
  }
  symlinkSync(join(sets, '2026-11-22', store), store);
  const tree = localDirectoryTree({ root: sets });
  const settings = { ...SETTINGS, sourceRoot: '/' };
  const config = { name: 'sets', kind: 'directory', path: sets };
  const location = { config, tree };
  const where = { location, settings, copies: await readDatedCopies(tree, settings, signal), blindSpot: null };
  const binding = { ...BINDING, path: store };
  const subject = { kind: 'store', key: 'b', organizationId: 'o', name: 'b' } as const;
  const item = { location: 'sets', moment: MOMENT, complete: true, present: true };
  const items = ['2026-11-21', '2026-11-22'].map((copy) => ({ ...item, copy }));
  const part: PartBuilder = {
    subjects: [],
    evidence: [{ kind: 'file-copy', subject, items }] as unknown as AnyEvidence[],
  };
  const found = await localFileProbe(store, { probe: hostProbe, signal }).look('a.bin');
  if (found.is !== 'found' || found.onDisk === undefined) throw new Error('the live file is there');
  const file = {
    key: 'a.bin',
    bytes: 3,
    recordedBytes: 3,
    createdAt: '2026-11-01T00:00:00.000Z',
    onDisk: found.onDisk,
  };
  const around = { listed: [], future: 0, isYoung: false, skewMillis: 15 * MINUTE, isShared: false };
  const estate = { fileCopies: [where as unknown as FileCopies] };
  await compareCopiedFiles(part, estate, { binding, files: [file], ...around }, signal);
  const [record] = part.evidence;
  expect(record?.items).toMatchObject([{ compared: { files: 1, missing: 0 } }, { compared: { linked: 1 } }]);
  expect(record?.items[0]).not.toHaveProperty('compared.linked');
});

test('a directory that is that of every organization is told as such', async () => {
  expect(await compared({ 'files/x': 'x' }, [], { isShared: true, path: '/srv/files' })).toMatchObject({
    shared: true,
  });
  expect(await compared({ 'files/x': 'x' }, [])).not.toHaveProperty('shared');
});

const row = (objectKey: string, bytes: number | null = 3): ArtifactRow => ({
  objectKey,
  bytes,
  sha256: null,
  createdAt: '2026-11-01T00:00:00.000Z',
});

test('what was not found in the live store is looked for in a copy as the database lists it', async () => {
  const listed = [row('a.bin'), row('b.bin', 7), row('lost.bin')];
  const copied = { 'files/acme/a.bin': 'abc', 'files/acme/b.bin': 'abc' };
  expect(await compared(copied, [], { listed })).toMatchObject({ listed: { files: 3, missing: 1, sizeDiffers: 1 } });
  const junk = await compared({ 'files/acme/junk': 'x' }, [], { listed });
  expect(junk).toMatchObject({ listed: { files: 3, missing: 3, sizeDiffers: 0 } });
  // What could be compared with the live store is told apart from what the live store does not have, either.
  expect(await compared(copied, [{}], { listed })).toMatchObject({
    compared: { files: 1, missing: 0 },
    listed: { files: 2, missing: 1, sizeDiffers: 1 },
  });
  expect(await compared(copied, [{}], { listed: [row('a.bin')] })).not.toHaveProperty('listed');
});

test('rows that came after the copy was begun, or lead out of the store, are not looked for in it, and leave it uncompared', async () => {
  const young = { ...row('young.bin'), createdAt: '2026-11-21T23:50:00.000Z' };
  const junk = (more: Parameters<typeof compared>[2]) => compared({ 'files/acme/junk': 'x' }, [], more);
  const both = await junk({ listed: [young, row('../other')] });
  expect(both).not.toHaveProperty('listed');
  expect(both).toMatchObject({ uncompared: { later: 1, future: 0, elsewhere: 1 } });
  expect(await junk({ future: 3 })).toMatchObject({ uncompared: { later: 0, future: 3, elsewhere: 0 } });
  // While its first copy is awaited, none need hold what came since.
  expect(await junk({ listed: [young], isYoung: true })).not.toHaveProperty('uncompared');
  expect(await junk({ listed: [young], future: 1, isYoung: true })).toHaveProperty('uncompared');
  expect(await junk({ listed: [young, row('junk', 1)], future: 1 })).not.toHaveProperty('uncompared');
  expect(await junk({})).not.toHaveProperty('uncompared');
});

test('where rows tell no size, that of a live file which was not written since the copy is it', async () => {
  const copied = { 'files/acme/a.bin': 'ab' };
  const of = (modifiedAt: string) => compared(copied, [{ recordedBytes: null, modifiedAt }]);
  expect((await of('2026-11-01T00:00:00.000Z'))?.compared).toMatchObject({ sizeDiffers: 1 });
  expect((await of('2026-11-21T23:50:00.000Z'))?.compared).toMatchObject({ sizeDiffers: 0 });
  expect((await compared(copied, [{ recordedBytes: null }]))?.compared).toMatchObject({ sizeDiffers: 0 });
});

test('what the look at drawn files showed of a copy by checksum is told of it, and puts others there in doubt', async () => {
  const sample = { location: 'sets', copy: '2026-11-22', checksumDiffers: 4 };
  const told = (one: object) => compared({}, [], { samples: [{ ...sample, ...one }] });
  expect(await told({})).toMatchObject({ altered: { files: 4, asLive: 0 } });
  expect(await told({ checksumDiffersInStore: 3 })).toMatchObject({ altered: { files: 4, asLive: 3 } });
  expect(await told({ checksumDiffers: 0 })).not.toHaveProperty('altered');
  expect(await told({ copy: 'newer' })).toMatchObject({ doubt: expect.stringContaining('newer') });
  expect(await told({ copy: 'newer', checksumDiffersInStore: 4 })).not.toHaveProperty('doubt');
  expect(await told({ location: 'elsewhere' })).not.toHaveProperty('altered');
});
