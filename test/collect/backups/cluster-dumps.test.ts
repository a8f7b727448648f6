import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import { candidatesIn } from '../../../src/collect/backups/copy-candidates.ts';
import { indexDumps } from '../../../src/collect/backups/read-dumps.ts';
import { createCopyReadings } from '../../../src/collect/backups/verification/read-copies.ts';
import { createBudget } from '../../../src/collect/backups/verification/verification-budget.ts';
import { openMemory } from '../../../src/collect/backups/verification/verification-memory.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { Secret } from '../../../src/model/secret.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { compress } from '../formats/compression/compressors.ts';

const { signal } = new AbortController();
const PLAIN = readFileSync(join(import.meta.dirname, '../../fixtures/dumps/pg15-plain.sql'), 'latin1');
/** A dump of one database, with its CREATE DATABASE and \\connect, as pg_dumpall takes it in. */
const inner = (name: string): string => `--\n-- Database "${name}" dump\n--\n\n${PLAIN.replaceAll('tiny', name)}`;
/** As pg_dumpall of PostgreSQL 15 lays it out. */
const cluster = (...databases: readonly string[]): string =>
  [
    '--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE keeper;\n\n',
    ...databases.map(inner),
    '--\n-- PostgreSQL database cluster dump complete\n--\n\n',
  ].join('\n');

async function lookAt(files: Readonly<Record<string, string | Uint8Array>>, depth: 'mixed' | 'full' = 'mixed') {
  using directory = scratchDirectory('cluster-dumps');
  const written = Date.parse('2026-11-22T20:00:00Z') / 1000;
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    writeFileSync(join(directory.path, path), content, 'latin1');
    utimesSync(join(directory.path, path), written + index, written + index);
  }
  const asker = createAsker(systemClock, [], signal);
  const blindSpotOf = (error: unknown) => asker.blindSpotOf(error, 'nas');
  const place = { name: 'nas', tree: localDirectoryTree({ root: directory.path }), timeZone: 'UTC', servers: null };
  const listed = await readLocation(place, new Set(['acme', 'globex']), blindSpotOf, signal);
  const clusters = { physical: [], known: new Map(), locations: [], servers: [], databaseServers: new Map() };
  const collect = configSchema.shape.collect.parse({ depth });
  const policy = { limits: {}, organizationLimits: {} } as unknown as Policy;
  const collection = { asker, signal, policy, config: { collect }, secret: async () => new Secret('') };
  using scratch = scratchDirectory('cluster-dumps-memory');
  const memory = await openMemory({ file: undefined, scratch: scratch.path, key: null, toolVersion: 'test' });
  const budget = createBudget({ bytes: null, millis: null }, () => 0);
  const known = { dumps: [listed], ...indexDumps([listed]), ...clusters };
  const reading = createCopyReadings(collection, known, { memory, budget, progress: () => undefined });
  await reading.read(none());
  const estate = await reading.current();
  await memory.close();
  const [contents = listed] = estate.dumps;
  const unrecorded = { certain: new Map(), doubtful: new Set<string>() };
  return (name: string, recordedPaths: readonly string[] = []) =>
    candidatesIn(estate, { name }, contents, {
      ...unrecorded,
      certain: new Map(recordedPaths.map((path) => [path, []])),
    })
      .map(({ path, reading }) => ({ path, name: reading.databaseName, reading, state: reading.integrity.state }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** No database: what is looked for here is read for all of them. */
async function* none(): AsyncGenerator<never> {}

test('each database inside is a copy of its own, with its own tables', async () => {
  for (const bytes of [
    cluster('acme', 'globex'),
    compress('zstd', [], Buffer.from(cluster('acme', 'globex'), 'latin1')),
  ]) {
    const copiesOf = await lookAt({ 'all.sql': bytes });
    for (const name of ['acme', 'globex']) {
      const [copy, ...others] = copiesOf(name);
      expect(others).toEqual([]);
      expect(copy).toMatchObject({ path: 'all.sql', name, state: 'complete' });
      expect(copy?.reading.tables?.map((table) => table.name)).toEqual(['members', 'visits', 'visits_1']);
      expect(copy?.reading.scope).toBe('full');
    }
    expect(copiesOf('initech')).toEqual([]);
  }
});

test('the end mark of the file covers all: without it no database is complete, and none is named to another', async () => {
  const whole = cluster('acme', 'globex');
  const cuts = [whole.length - 60, whole.indexOf('Database "globex"'), whole.lastIndexOf('COPY ') + 60];
  for (const length of cuts) {
    const copiesOf = await lookAt({ 'all.sql': whole.slice(0, length) });
    const [acme] = copiesOf('acme');
    expect(acme).toMatchObject({ name: 'acme', state: 'incomplete' });
    expect(acme?.reading.integrity.because).toMatch(
      /the part of this database ends properly, but the output of pg_dumpall/,
    );
    expect(acme?.reading.integrity.because).not.toMatch(/globex|members|visits/);
    for (const copy of copiesOf('globex')) expect(copy.state).not.toBe('complete');
  }
  const inRows = await lookAt({ 'all.sql': whole.slice(0, cuts[2]) });
  expect(inRows('globex')[0]?.reading.integrity.because).toMatch(/^inside an output of pg_dumpall, /);
});

test('at no offset is a database of a cut file complete', async () => {
  const whole = cluster('acme', 'globex');
  for (let length = 0; length < whole.length - 1; length += length < whole.length - 80 ? 211 : 1) {
    const copiesOf = await lookAt({ 'all.sql': whole.slice(0, length) });
    for (const name of ['acme', 'globex']) {
      expect(
        copiesOf(name).map(({ state }) => state),
        `cut to ${length}`,
      ).not.toContain('complete');
    }
  }
}, 120_000);

test('rows and constants that look like a connection begin no database', async () => {
  const hostile = cluster('acme', 'globex').replace('\\.\n', '\\\\connect initech\n\\.\n');
  const copiesOf = await lookAt({ 'all.sql': hostile });
  expect(copiesOf('initech')).toEqual([]);
  expect(copiesOf('acme')[0]?.state).toBe('complete');
});

test('of several the newest whole one is read; the others are possible copies of what is inside', async () => {
  const cut = cluster('acme').slice(0, -40);
  const files = {
    '1.sql': cluster('acme'),
    '2.sql': cluster('acme'),
    '3.sql': cluster('acme', 'globex'),
    '4.sql': cut,
  };
  const states = (copies: ReturnType<Awaited<ReturnType<typeof lookAt>>>) =>
    copies.map(({ path, name, state }) => `${path} ${name} ${state}`);
  expect(states((await lookAt(files))('acme'))).toEqual([
    '1.sql null unproven',
    '2.sql null unproven',
    '3.sql acme complete',
    '4.sql acme incomplete',
  ]);
  expect(states((await lookAt(files, 'full'))('acme'))).toEqual([
    '1.sql acme complete',
    '2.sql acme complete',
    '3.sql acme complete',
    '4.sql acme incomplete',
  ]);
});

test('a file that a run recorded for a database that is not in it is no copy of that database', async () => {
  const copiesOf = await lookAt({ 'all.sql': cluster('acme') });
  const [copy] = copiesOf('globex', ['all.sql']);
  expect(copy).toMatchObject({ name: null, state: 'incomplete' });
  expect(copy?.reading.integrity.because).toMatch(/this database is not in it/);
  expect(copiesOf('acme', ['all.sql'])).toHaveLength(1);
});
