import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import type { ArtifactTree } from '../../../src/collect/trees/artifact-tree.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import type { BlindSpot } from '../../../src/model/evidence.ts';
import { programOnPath } from '../../services/availability.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { directoryFixture } from '../formats/pg-dump/fixtures.ts';

const signal = new AbortController().signal;
const blindSpotOf = (error: unknown): BlindSpot => ({
  reason: 'unauthorized',
  detail: error instanceof Error ? error.message : '',
  remedy: 'Grant it.',
});
const read = (tree: ArtifactTree) =>
  readLocation({ name: 'nas', tree, timeZone: null, servers: null }, new Set(['acme']), blindSpotOf, signal);
const DUMP = readFileSync(join(import.meta.dirname, '../../fixtures/dumps/pg15-plain.sql'));

it('a link out of the location may be a copy: nobody says that there is none, and no path is told to everybody', async () => {
  using outside = scratchDirectory('outside');
  using location = scratchDirectory('location');
  writeFileSync(join(outside.path, 'acme.sql'), DUMP);
  mkdirSync(join(location.path, 'acme'));
  symlinkSync(join(outside.path, 'acme.sql'), join(location.path, 'acme/newest.sql'));
  const contents = await read(localDirectoryTree({ root: location.path }));
  expect(contents.artifacts).toEqual([]);
  expect(contents.unmatched).toMatchObject([
    { path: 'acme/newest.sql', what: expect.stringContaining('not followed') },
  ]);
  expect(contents.blindSpot).toMatchObject({
    reason: 'unsupported',
    detail:
      'location nas: 1 symbolic link in it leads out of it and is not followed; the list of unmatched files names it',
  });
  expect(JSON.stringify(contents.blindSpot)).not.toContain('acme');
});

it('a link to another file of the location is that file once more, and hides nothing', async () => {
  using location = scratchDirectory('location');
  writeFileSync(join(location.path, 'acme.sql'), DUMP);
  symlinkSync('acme.sql', join(location.path, 'latest.sql'));
  const contents = await read(localDirectoryTree({ root: location.path }));
  expect(contents.artifacts.map(({ path }) => path)).toEqual(['acme.sql']);
  expect(contents).toMatchObject({ unmatched: [], blindSpot: null });
});

it('what is neither file nor link is named, and hides nothing', async () => {
  using location = scratchDirectory('location');
  writeFileSync(join(location.path, 'acme.sql'), DUMP);
  execFileSync(programOnPath(['mkfifo']) ?? '', [join(location.path, 'acme.dump')], { timeout: 5000 });
  const contents = await read(localDirectoryTree({ root: location.path }));
  expect(contents.artifacts.map(({ path }) => path)).toEqual(['acme.sql']);
  expect(contents).toMatchObject({
    blindSpot: null,
    unmatched: [{ path: 'acme.dump', bytes: 0, what: 'a named pipe, which holds no copy' }],
  });
});

const NOTHING_RECORDED = { certain: new Map(), doubtful: new Set<string>() };

/** A location of files of which some may not be opened. */
async function readClosed(files: Readonly<Record<string, Uint8Array | string>>, refused: readonly string[]) {
  using location = scratchDirectory('location');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(location.path, name), content);
  const tree = localDirectoryTree({ root: location.path });
  return await read({
    ...tree,
    open: (path, abort) =>
      refused.includes(path) ? Promise.reject(new Error(`${path}: permission denied`)) : tree.open(path, abort),
  });
}

it('a file that cannot be opened hides no other, is listed, and is not named to everybody', async () => {
  const contents = await readClosed({ 'acme.sql': DUMP, 'globex.sql': DUMP }, ['globex.sql']);
  expect(contents.artifacts.map(({ path }) => path)).toEqual(['acme.sql']);
  expect(contents.unmatched).toMatchObject([
    { path: 'globex.sql', what: expect.stringContaining('permission denied') },
  ]);
  expect(contents.blindSpot).toMatchObject({ reason: 'unauthorized' });
  expect(JSON.stringify(contents.blindSpot)).not.toContain('globex');
});

it('a file that cannot be opened and claims a database is a blind spot of that one alone', async () => {
  const contents = await readClosed({ 'acme-1.sql': DUMP, 'acme-2.sql': DUMP }, ['acme-2.sql']);
  expect(contents.blindSpot).toBeNull();
  expect(contents.unmatched).toMatchObject([{ path: 'acme-2.sql' }]);
  expect(contents.unread.about('acme', NOTHING_RECORDED)).toMatchObject({ reason: 'unauthorized' });
  expect(contents.unread.about('globex', NOTHING_RECORDED)).toBeNull();
  const runOfAnother = { certain: new Map([['acme-2.sql', []]]), doubtful: new Set<string>() };
  expect(contents.unread.about('globex', runOfAnother)).toMatchObject({ reason: 'unauthorized' });
});

it('a file without bytes that cannot be opened is empty, and hides nothing', async () => {
  const contents = await readClosed({ 'acme.sql': '', lock: '' }, ['acme.sql', 'lock']);
  expect(contents.blindSpot).toBeNull();
  expect(contents.unread.about('acme', NOTHING_RECORDED)).toBeNull();
  expect(contents.closed.of('acme', NOTHING_RECORDED)).toMatchObject([{ path: 'acme.sql', kind: 'empty' }]);
  expect(contents.unmatched).toMatchObject([{ path: 'lock', what: expect.stringContaining('0 bytes') }]);
});

it('a file whose name is no UTF-8 is read like any other and leaves its location complete', async () => {
  using location = scratchDirectory('location');
  writeFileSync(join(location.path, 'acme.sql'), DUMP);
  const odd = (name: string) => Buffer.from(join(location.path, name), 'latin1');
  writeFileSync(odd('acme-\xfc.sql'), DUMP);
  writeFileSync(odd('notes-\xfc.txt'), 'no dump at all');
  mkdirSync(odd('d\xfcr'));
  for (const [name, bytes] of directoryFixture('pg18-directory')) writeFileSync(odd(`d\xfcr/${name}`), bytes);
  const contents = await read(localDirectoryTree({ root: location.path }));
  expect(contents.blindSpot).toBeNull();
  expect(contents.artifacts.map(({ path }) => path).sort()).toEqual(['acme-\\xfc.sql', 'acme.sql', 'd\\xfcr']);
  expect(contents.artifacts.find(({ path }) => path.startsWith('acme-'))?.claimedName).toBe('acme');
  expect(contents.unmatched).toMatchObject([{ path: 'notes-\\xfc.txt' }]);
});

it('roles of a cluster are a copy of no database, whatever the file is called', async () => {
  using location = scratchDirectory('location');
  const globals = `--\n-- PostgreSQL database cluster dump\n--\n\nSET standard_conforming_strings = on;\n\nCREATE ROLE acme;\n\n--\n-- PostgreSQL database cluster dump complete\n--\n\n`;
  const whole = globals.replace('CREATE ROLE acme;', 'CREATE ROLE acme;\n\n\\connect acme\n');
  writeFileSync(join(location.path, 'acme-globals.sql'), globals);
  writeFileSync(join(location.path, 'acme-all.sql'), whole);
  const contents = await read(localDirectoryTree({ root: location.path }));
  expect(contents.artifacts.map(({ path }) => path)).toEqual(['acme-all.sql']);
  expect(contents.unmatched).toEqual([]);
  const found = contents.globals.map(({ path, isGlobalsOnly, reading }) => [
    path,
    isGlobalsOnly,
    reading.databases.map(({ name }) => name),
  ]);
  expect(found.sort()).toEqual([
    ['acme-all.sql', false, ['acme']],
    ['acme-globals.sql', true, []],
  ]);
});

it('what unpacks to more than roles ever take is not read to its end to see whether there are only roles', async () => {
  using location = scratchDirectory('location');
  const roles = (comments: number): Buffer =>
    gzipSync(
      `--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE acme;\n${'-- a comment of many\n'.repeat(comments)}\n--\n-- PostgreSQL database cluster dump complete\n--\n\n`,
    );
  writeFileSync(join(location.path, 'few.sql.gz'), roles(1000));
  writeFileSync(join(location.path, 'many.sql.gz'), roles(1_000_000));
  const { globals, artifacts } = await read(localDirectoryTree({ root: location.path }));
  expect(globals.map(({ path, isGlobalsOnly }) => [path, isGlobalsOnly]).sort()).toEqual([
    ['few.sql.gz', true],
    ['many.sql.gz', false],
  ]);
  expect(artifacts.map(({ path, reading }) => [path, reading.integrity.state])).toEqual([['many.sql.gz', 'unproven']]);
});

it('what cannot be looked into is unmatched only where its name does not claim a database', async () => {
  using location = scratchDirectory('location');
  mkdirSync(join(location.path, 'acme'));
  const files = {
    'acme/newest.dump': '',
    'acme/.keep': '',
    'acme-1.dump.gpg': '\x8c\x0d\x04\x09\x03\x0a',
    'acme/notes.txt.gz': '(\xb5/\xfd',
    'acme.dump': 'No dump, only a text.',
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(location.path, path), text, 'latin1');
  const contents = await read(localDirectoryTree({ root: location.path }));
  const claimed = contents.closed
    .of('acme', { certain: new Map(), doubtful: new Set() })
    .map(({ path, kind }) => `${path} ${kind}`);
  expect(claimed.sort()).toEqual(['acme-1.dump.gpg encrypted', 'acme/newest.dump empty']);
  expect(contents.unmatched.map(({ path }) => path).sort()).toEqual(['acme.dump', 'acme/.keep', 'acme/notes.txt.gz']);
});
