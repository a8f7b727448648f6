import { appendFileSync, copyFileSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ForeignFileError } from '../../../../src/collect/backups/verification/load-remembered.ts';
import type { ArtifactTree } from '../../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { DAY, toInstant } from '../../../../src/model/instant.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { type AuditOptions, audit } from './audited-location.ts';

const FIXTURES = join(import.meta.dirname, '../../../fixtures/dumps');
/** Nothing in it tells where its data lie: only reading it to its end shows whether it is whole. */
const PIPED = join(FIXTURES, 'pg15-custom-pipe.dump');
const PLAIN = readFileSync(join(FIXTURES, 'pg15-plain.sql'));

let scratch: ScratchDirectory;
let dumps: ScratchDirectory;
let dump: string;
let file: string;
beforeEach(() => {
  scratch = scratchDirectory('verifications');
  dumps = scratchDirectory('verified-dumps');
  dump = join(dumps.path, 'tiny.dump');
  file = join(scratch.path, 'verifications.ndjson');
  copyFileSync(PIPED, dump);
  utimesSync(dump, WRITTEN, WRITTEN);
});
afterEach(() => {
  scratch[Symbol.dispose]();
  dumps[Symbol.dispose]();
});

const run = (options: Partial<AuditOptions> = {}) =>
  audit({ tree: localDirectoryTree({ root: dumps.path }), directory: scratch.path, ...options });
/** The same directory, listed as a storage that tells no more than size and time. */
const withoutVersions = (): ArtifactTree => {
  const tree = localDirectoryTree({ root: dumps.path });
  return {
    ...tree,
    async *list(signal) {
      for await (const { path, bytes, modifiedAt } of tree.list(signal)) yield { path, bytes, modifiedAt };
    },
  };
};
/** Rewrites lines of the file. */
function edit(change: (line: Record<string, unknown>) => void): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const edited = lines.map((text) => {
    const line = JSON.parse(text) as Record<string, unknown>;
    if (line['type'] === 'copy') change(line);
    return JSON.stringify(line);
  });
  writeFileSync(file, `${edited.join('\n')}\n`);
}
const WRITTEN = 1_764_000_000;
/** Damages the copy and leaves its size and time as they were. */
const flip = () => {
  const bytes = readFileSync(dump);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 10) ^ 0x55, bytes.length - 10);
  writeFileSync(dump, bytes);
  utimesSync(dump, WRITTEN, WRITTEN);
};

test('what was read to its end is not read again, and is told with its date', async () => {
  const first = await run();
  expect(first.read).toEqual(['tiny.dump']);
  const told = first.copies.get('tiny.dump');
  expect(told).toMatchObject({ integrity: 'complete', readToEnd: true, byStructure: { integrity: 'unproven' } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const second = await run();
  expect(second.read).toEqual([]);
  expect(second.summary).toMatchObject({ read: 0, readBytes: 0, left: 0 });
  expect(second.copies.get('tiny.dump')).toEqual(told);
});

test('a plain dump in gzip, which tells nothing by its structure, is told whole from memory', async () => {
  rmSync(dump);
  writeFileSync(join(dumps.path, 'tiny.sql.gz'), gzipSync(PLAIN));
  const first = await run();
  const second = await run();
  expect([first.read, second.read]).toEqual([['tiny.sql.gz'], []]);
  expect(second.copies.get('tiny.sql.gz')).toMatchObject({
    integrity: 'complete',
    scope: 'full',
    tablesComplete: true,
  });
  expect(second.copies).toEqual(first.copies);
});

describe('a copy whose identity changed is read again:', () => {
  test.each([
    ['touched', () => utimesSync(dump, 1_700_000_000, 1_700_000_000)],
    ['replaced by a longer one', () => writeFileSync(dump, readFileSync(join(FIXTURES, 'pg18-custom.dump')))],
  ])('%s', async (_, change) => {
    await run();
    change();
    expect((await run()).read).toEqual(['tiny.dump']);
  });

  test('changed inside under the old size and time: the directory tells its change time', async () => {
    await run();
    flip();
    const { read, copies } = await run();
    expect(read).toEqual(['tiny.dump']);
    expect(copies.get('tiny.dump')?.integrity).toBe('incomplete');
  });

  test('moved to another place, the verification stays behind', async () => {
    await run();
    const elsewhere = { ...localDirectoryTree({ root: dumps.path }), locator: '/elsewhere' };
    expect((await run({ tree: elsewhere })).read).toEqual(['tiny.dump']);
  });
});

test('what no listing tells is not seen until the verification is too old', async () => {
  const first = await run({ tree: withoutVersions() });
  expect(first.read).toEqual(['tiny.dump']);
  flip();
  const unseen = await run({ tree: withoutVersions() });
  expect(unseen.read).toEqual([]);
  expect(unseen.copies.get('tiny.dump')?.integrity).toBe('complete');
  edit((line) => {
    line['verifiedAt'] = toInstant(Date.now() - 31 * DAY);
  });
  const seen = await run({ tree: withoutVersions() });
  expect(seen.read).toEqual(['tiny.dump']);
  expect(seen.copies.get('tiny.dump')?.integrity).toBe('incomplete');
});

test('a verification is renewed before it is too old, where the budget allows, and counts until then', async () => {
  await run();
  const old = toInstant(Date.now() - 21 * DAY);
  edit((line) => {
    line['verifiedAt'] = old;
  });
  const left = await run({ budgetBytes: 0 });
  expect(left).toMatchObject({ read: [], summary: { left: 1, leftUnproven: 0 } });
  expect(left.copies.get('tiny.dump')).toMatchObject({ integrity: 'complete', verifiedAt: old });
  expect((await run()).read).toEqual(['tiny.dump']);
  expect((await run()).read).toEqual([]);
});

test('damage is remembered, and a damaged copy is read again', async () => {
  flip();
  const first = await run();
  expect(first.copies.get('tiny.dump')).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
  const left = await run({ budgetBytes: 0 });
  expect(left.copies.get('tiny.dump')?.integrityBecause).toMatch(/, as it was read in full on 20\d\d-\d\d-\d\d$/);
  expect((await run()).read).toEqual(['tiny.dump']);
});

test('a checksum that a run recorded is compared with what was read, then and now', async () => {
  await run();
  const runs = [{ artifactUri: 's3://b/tiny.dump', sha256: 'f'.repeat(64) }];
  const { read, copies } = await run({ runs });
  expect(read).toEqual(['tiny.dump']);
  expect(copies.get('tiny.dump')).toMatchObject({ integrity: 'incomplete', verifiedAt: null });
});

describe('the budget', () => {
  const databases = ['tiny', 'globex', 'initech'];
  const PATHS = databases.map((name) => `${name}.sql.gz`);
  const writeAll = () => {
    for (const name of databases) {
      const text = PLAIN.toString('latin1').replaceAll('tiny', name);
      writeFileSync(join(dumps.path, `${name}.sql.gz`), gzipSync(Buffer.from(text, 'latin1'), { level: 6 }));
    }
  };
  beforeEach(() => rmSync(dump));

  test('leaves copies unknown and says so; the next runs read those that have waited longest', async () => {
    writeAll();
    const first = await run({ databases, budgetBytes: 1 });
    expect(first.read).toEqual([PATHS[0]]);
    expect(first.summary).toMatchObject({ read: 1, left: 2, leftUnproven: 2 });
    expect(first.copies.get('globex.sql.gz')).toMatchObject({ integrity: 'unproven', verifiedAt: null });
    expect(first.copies.get('globex.sql.gz')?.integrityBecause).toContain('the budget of this one was used up');
    expect((await run({ databases, budgetBytes: 1 })).read).toEqual([PATHS[1]]);
    // All copies are new again, and still the third has waited longest.
    writeAll();
    expect((await run({ databases, budgetBytes: 1 })).read).toEqual([PATHS[2]]);
    writeAll();
    expect((await run({ databases, budgetBytes: 1 })).read).toEqual([PATHS[0]]);
  });

  test('as a share lets every copy have its turn in so many runs', async () => {
    writeAll();
    const nights = [];
    for (let night = 0; night < 3; night += 1) nights.push((await run({ databases, everyDays: 3 })).read);
    expect(nights.flat().toSorted()).toEqual(PATHS.toSorted());
    expect(Math.max(...nights.map((read) => read.length))).toBeLessThanOrEqual(2);
  });

  test('goes first to what structure does not decide', async () => {
    writeAll();
    copyFileSync(join(FIXTURES, 'pg15-custom.dump'), join(dumps.path, 'tiny-1.dump'));
    utimesSync(join(dumps.path, 'tiny.sql.gz'), 1, 1);
    const { read } = await run({ databases });
    expect(read.slice(0, 2).toSorted()).toEqual(['globex.sql.gz', 'initech.sql.gz']);
  });
});

describe('depth', () => {
  beforeEach(() => copyFileSync(PIPED, join(dumps.path, 'tiny-older.dump')));

  test('structure reads nothing to its end, and what was verified before still counts', async () => {
    const structure = await run({ depth: 'structure' });
    expect(structure.read).toEqual([]);
    expect(structure.copies.get('tiny.dump')).toMatchObject({ integrity: 'unproven', readToEnd: false });
    await run({ depth: 'full' });
    const later = await run({ depth: 'structure' });
    expect(later.read).toEqual([]);
    expect(later.copies.get('tiny.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
  });

  test('full reads all of them, every time', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect((await run({ depth: 'full' })).read.toSorted()).toEqual(['tiny-older.dump', 'tiny.dump']);
    }
  });
});

test('by its structure a custom dump written to a file is whole, with all its tables', async () => {
  copyFileSync(join(FIXTURES, 'pg15-custom.dump'), dump);
  const { copies } = await run({ depth: 'structure' });
  const told = copies.get('tiny.dump');
  expect(told).toMatchObject({ integrity: 'complete', readToEnd: false, verifiedAt: null, tablesComplete: true });
  const whole = (await run({ depth: 'full' })).copies.get('tiny.dump');
  expect(told?.tableNames).toEqual(whole?.tableNames);
  expect(told?.objects).toEqual(whole?.objects);
  const runs = [{ artifactUri: 's3://b/tiny.dump', sha256: whole?.sha256 ?? '' }];
  rmSync(file);
  const unread = await run({ depth: 'structure', runs });
  expect(unread.copies.get('tiny.dump')).toMatchObject({ integrity: 'complete', checksumCompared: false });
  expect((await run({ runs })).copies.get('tiny.dump')).toMatchObject({ checksumCompared: true });
});

describe('the file', () => {
  test('that holds something else is not touched', async () => {
    for (const text of ['name: something\n', '{"type":"header","bundleVersion":1}\n']) {
      writeFileSync(file, text);
      await expect(run()).rejects.toThrow(ForeignFileError);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    writeFileSync(file, '{"type":"recoverage-verifications","version":2}\n');
    await expect(run()).rejects.toThrow('it has version 2');
  });

  test('is begun where it is empty', async () => {
    writeFileSync(file, '');
    await run();
    expect((await run()).read).toEqual([]);
  });

  test.each([
    ['cut off', () => writeFileSync(file, readFileSync(file).subarray(0, -400))],
    ['altered so that it fits no more', () => edit((line) => Object.assign(line, { outcome: 'fine' }))],
  ])('whose lines are %s counts for nothing there', async (_, damage) => {
    await run();
    damage();
    const { read, refused } = await run();
    expect(read).toEqual(['tiny.dump']);
    expect(refused.damaged).toBeGreaterThan(0);
    expect((await run()).refused).toEqual({ damaged: 0, seal: 0 });
  });

  test('is sealed with a key: lines without its seal, or with another, count for nothing', async () => {
    await run({ key: 'k' });
    expect((await run({ key: 'k' })).read).toEqual([]);
    edit((line) => {
      line['verifiedAt'] = toInstant(Date.now() - 1000);
    });
    expect(await run({ key: 'k' })).toMatchObject({ read: ['tiny.dump'], refused: { seal: 1 } });
    expect((await run({ key: 'other' })).read).toEqual(['tiny.dump']);
    expect((await run()).read).toEqual(['tiny.dump']);
    expect((await run({ key: 'other' })).read).toEqual(['tiny.dump']);
  });

  test('of other rules of reading, or from the future, counts for nothing', async () => {
    await run();
    edit((line) => {
      line['rules'] = 0;
    });
    expect((await run()).read).toEqual(['tiny.dump']);
    edit((line) => {
      line['verifiedAt'] = toInstant(Date.now() + DAY);
    });
    expect((await run()).read).toEqual(['tiny.dump']);
  });

  test('forgets what is gone, of locations that were listed', async () => {
    await run();
    rmSync(dump);
    await run();
    expect(readFileSync(file, 'utf8')).not.toContain('"type":"copy"');
  });

  test('keeps the lines of locations that this run did not look at', async () => {
    await run();
    const other =
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => line.includes('"type":"copy"')) ?? '';
    appendFileSync(file, `${other.replace('"location":"nas"', '"location":"offsite"')}\n`);
    await run();
    expect(readFileSync(file, 'utf8')).toContain('"location":"offsite"');
  });
});
