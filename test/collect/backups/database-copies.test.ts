import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import type { CopiedDatabase } from '../../../src/collect/backups/copied-database.ts';
import { databaseCopies } from '../../../src/collect/backups/database-copies.ts';
import { indexDumps } from '../../../src/collect/backups/read-dumps.ts';
import { createCopyReadings } from '../../../src/collect/backups/verification/read-copies.ts';
import { createBudget } from '../../../src/collect/backups/verification/verification-budget.ts';
import { openMemory } from '../../../src/collect/backups/verification/verification-memory.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { Secret } from '../../../src/model/secret.ts';
import { DEFAULT_FACTS } from '../../evaluate/default-facts.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const { signal } = new AbortController();
const FIXTURES = join(import.meta.dirname, '../../fixtures/dumps');
/** Dumps of database tiny. */
const CUSTOM = readFileSync(join(FIXTURES, 'pg15-custom.dump'));
const CUSTOM_SHA256 = '865f6';
const PLAIN = readFileSync(join(FIXTURES, 'pg15-plain.sql'), 'latin1');
/** As `pg_dump --schema-only` writes it. */
const SCHEMA = PLAIN.replace(/^COPY [\s\S]*?^\\\.$|^-- Data for Name.*$/gm, '');
const ENCRYPTED = Buffer.from('8c0d0409030a', 'hex');

function write(root: string, files: Case['files']): void {
  mkdirSync(root);
  const written = Date.parse('2026-11-22T20:00:00Z') / 1000;
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, 'latin1');
    utimesSync(file, written + index, written + index);
  }
}

interface Case {
  /** Contents by path. Dumps of one moment are taken in the order of their paths. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly runs?: readonly Partial<Facts['backup-run']>[];
  readonly plans?: readonly Partial<Facts['backup-plan']>[];
  /** Contents of a second location. */
  readonly offsite?: Readonly<Record<string, Uint8Array | string>>;
  /** Paths that may not be opened. */
  readonly refused?: readonly string[];
  /** Zone of the locations; UTC unless told. */
  readonly timeZone?: string | null;
  readonly depth?: 'structure' | 'mixed' | 'full';
  /** Bytes that may be read to their end; without limit unless told. */
  readonly budgetBytes?: number | null;
}

async function lookAt(found: Case) {
  const { files, runs = [], plans = [], offsite, refused = [], timeZone = 'UTC' } = found;
  const { depth = 'mixed', budgetBytes = null } = found;
  using directory = scratchDirectory('copies');
  const asker = createAsker(systemClock, [], signal);
  const names = new Set(['tiny', 'globex']);
  const places = Object.entries({ nas: files, ...(offsite === undefined ? {} : { offsite }) });
  const dumps = await Promise.all(
    places.map(async ([name, contents]) => {
      const root = join(directory.path, name);
      write(root, contents);
      const tree = localDirectoryTree({ root });
      const open: typeof tree.open = (path, abort) =>
        refused.includes(path) ? Promise.reject(new Error('permission denied')) : tree.open(path, abort);
      const place = { name, tree: { ...tree, open }, timeZone, servers: null };
      return readLocation(place, names, (error) => asker.blindSpotOf(error, name), signal);
    }),
  );
  const database: CopiedDatabase = {
    subject: { kind: 'database', key: 'o/tiny', organizationId: 'o', name: 'tiny' },
    name: 'tiny',
    server: null,
    runs: runs.map((run) => ({
      ...DEFAULT_FACTS['backup-run'],
      ...run,
      artifactUri: run.artifactUri?.replace('ROOT', join(directory.path, 'nas')) ?? null,
    })),
    plans: plans.map((plan) => ({ ...DEFAULT_FACTS['backup-plan'], ...plan })),
  };
  const clusters = { physical: [], known: new Map(), locations: [], servers: [] };
  const databaseServers = new Map([['tiny', new Set(['db'])]]);
  const known = { dumps, ...indexDumps(dumps), databaseServers, ...clusters };
  const collect = configSchema.shape.collect.parse({ depth });
  const policy = { limits: {}, organizationLimits: {} } as unknown as Policy;
  const config = { plans: [], locations: [], collect };
  const collection = { asker, signal, policy, config, secret: async () => new Secret('') };
  const memory = await openMemory({ file: undefined, scratch: directory.path, key: null, toolVersion: 'test' });
  const budget = createBudget({ bytes: budgetBytes, millis: null }, () => 0);
  const reading = createCopyReadings(collection, known, { memory, budget, progress: () => undefined });
  await reading.read(one(database));
  const records = await databaseCopies(collection, { ...known, ...(await reading.current()) }, database);
  await memory.close();
  const copies = records.flatMap((record) => (record.kind === 'copy' ? record.items : []));
  const summary = reading.summary();
  return { records, copies: new Map(copies.map((copy) => [copy.path, copy])), contents: dumps[0], summary };
}

async function* one<T>(item: T): AsyncGenerator<T> {
  yield item;
}

const OTHER_SHA256 = 'f'.repeat(64);

test('a copy with another checksum than its newest run recorded is damaged, and the one before it is read', async () => {
  const { copies } = await lookAt({
    files: { 'tiny-2.dump': CUSTOM, 'tiny-1.dump': CUSTOM },
    runs: [{ artifactUri: 's3://backups/tiny-1.dump', sha256: `sha256:${OTHER_SHA256}` }],
  });
  const changed = copies.get('tiny-1.dump');
  expect(changed).toMatchObject({ integrity: 'incomplete', readToEnd: true });
  expect(changed?.integrityBecause).toContain(`SHA-256 is ${CUSTOM_SHA256}`);
  expect(changed?.integrityBecause).toContain(`recorded ${OTHER_SHA256}`);
  expect(copies.get('tiny-2.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
});

test('a name that is written anew each time has the checksum of the last run; a failed run says nothing', async () => {
  const artifactUri = '/srv/dumps/tiny.dump';
  const older = { artifactUri, sha256: OTHER_SHA256, startedAt: '2026-11-21T02:00:00.000Z' };
  const newer = { ...older, startedAt: '2026-11-22T02:00:00.000Z' };
  const { copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, runs: [older, { ...newer, sha256: null }] });
  expect(copies.get('tiny.dump')?.integrity).toBe('complete');
  const failed = await lookAt({ files: { 'tiny.dump': CUSTOM }, runs: [{ ...newer, status: 'failed' }] });
  expect(failed.copies.get('tiny.dump')?.integrity).toBe('complete');
});

test('an empty or encrypted file that claims the database is a copy of it that proves nothing', async () => {
  const { copies } = await lookAt({
    files: { 'tiny-1.dump': CUSTOM, 'tiny-2.dump': '', 'tiny-3.dump.gpg': ENCRYPTED },
  });
  expect(copies.get('tiny-1.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
  expect(copies.get('tiny-2.dump')).toMatchObject({
    integrity: 'incomplete',
    integrityBecause: 'the file is empty',
    nameAgrees: null,
    bytes: 0,
  });
  expect(copies.get('tiny-3.dump.gpg')).toMatchObject({ integrity: 'unproven', encrypted: true, nameAgrees: null });
});

test('a run record with the checksum of an encrypted file tells of which database and moment it is, not that it is whole', async () => {
  const startedAt = '2026-11-22T18:00:00.000Z';
  const sha256 = createHash('sha256').update(ENCRYPTED).digest('hex');
  const files = { 'nightly/1.gpg': ENCRYPTED };
  const named = { artifactUri: 's3://backups/nightly/1.gpg', startedAt, status: 'succeeded' as const };
  const proven = (await lookAt({ files, runs: [{ ...named, sha256 }] })).copies.get('nightly/1.gpg');
  expect(proven).toMatchObject({ integrity: 'unproven', encrypted: true, nameAgrees: true, sha256 });
  expect(proven?.moment?.notBefore).toBe(startedAt);
  expect(proven?.integrityBecause).toMatch(/cannot be looked into; its bytes are those that the run of/);
  const other = (await lookAt({ files, runs: [{ ...named, sha256: OTHER_SHA256 }] })).copies.get('nightly/1.gpg');
  expect(other).toMatchObject({ integrity: 'incomplete', nameAgrees: null, moment: null });
  const unrecorded = (await lookAt({ files, runs: [{ ...named, sha256: null }] })).copies.get('nightly/1.gpg');
  expect(unrecorded).toMatchObject({ integrity: 'unproven', nameAgrees: null, sha256: null });
});

test('a file in another format is a copy only where a run names it: damaged if that run was to write a dump', async () => {
  const files = { 'nightly/1.bin': 'No dump, only a text.' };
  const runs = [{ artifactUri: 'nas://host/nightly/1.bin', planId: 'p' }];
  const unnamed = await lookAt({ files });
  expect([...unnamed.copies]).toEqual([]);
  expect(unnamed.contents?.closed.namedByRun('nightly/1.bin')).toBe(false);
  const dump = await lookAt({ files, runs, plans: [{ planId: 'p', method: 'pg_dump -Fc' }] });
  expect(dump.copies.get('nightly/1.bin')?.integrity).toBe('incomplete');
  expect(dump.contents?.closed.namedByRun('nightly/1.bin')).toBe(true);
  const other = await lookAt({ files, runs, plans: [{ planId: 'p', method: 'pg_basebackup' }] });
  expect(other.copies.get('nightly/1.bin')?.integrity).toBe('unproven');
});

test('dumps of definitions beside the real one do not keep it from being read', async () => {
  const schemas = Object.fromEntries([2, 3, 4, 5, 6, 7].map((n) => [`tiny-schema-${n}.sql`, SCHEMA]));
  const { copies } = await lookAt({ files: { ...schemas, 'tiny-whole.sql': PLAIN } });
  expect(copies.get('tiny-schema-7.sql')).toMatchObject({ scope: 'schema-only', readToEnd: true });
  expect(copies.get('tiny-whole.sql')).toMatchObject({ scope: 'full', integrity: 'complete', readToEnd: true });
});

test('of copies that name no database one is read, and the newest that names it', async () => {
  const nameless = PLAIN.replace(/^(CREATE DATABASE|ALTER DATABASE|\\connect|COMMENT ON DATABASE).*$/gm, '');
  const files = { 'tiny-1.sql': nameless, 'tiny-2.sql': nameless, 'tiny-3.sql': PLAIN, 'tiny-4.sql': PLAIN };
  const { copies } = await lookAt({ files });
  const whole = [...copies.values()].filter(({ readToEnd }) => readToEnd).map(({ path }) => path);
  expect(whole.sort()).toEqual(['tiny-1.sql', 'tiny-3.sql']);
});

test('a file that cannot be opened leaves the copies of those unknown whose it may be', async () => {
  const files = { 'tiny.dump': CUSTOM, 'globex.dump': CUSTOM, 'nightly.dump': CUSTOM, 'tiny-2.dump': CUSTOM };
  const blindSpot = async (path: string, runs: NonNullable<Case['runs']> = []) => {
    const { records, copies } = await lookAt({ files, refused: [path], runs });
    expect(copies.get('tiny.dump')).toMatchObject({ integrity: 'complete' });
    return records[0]?.blindSpot?.detail ?? null;
  };
  expect(await blindSpot('globex.dump')).toBeNull();
  expect(await blindSpot('tiny-2.dump')).toContain('may be a copy of this database');
  expect(await blindSpot('nightly.dump')).toContain('a file in it could not be read');
  expect(await blindSpot('globex.dump', [{ artifactUri: 's3://b/globex.dump' }])).toContain('of this database');
});

describe('where the location states no zone', () => {
  const dump = { planId: 'dump', method: 'pg_dump', covers: 'tenant-database', timezone: 'Asia/Tokyo' } as const;
  const zoneOf = async (plans: NonNullable<Case['plans']>, runs: NonNullable<Case['runs']> = []) => {
    const { copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, timeZone: null, plans, runs });
    return copies.get('tiny.dump')?.moment?.origin.split('zone ')[1];
  };
  const NOT_KNOWN = 'not known, not later than the file time';

  test('that of a plan that dumps the database counts', async () => {
    expect(await zoneOf([dump])).toBe('Asia/Tokyo');
    expect(await zoneOf([dump, { ...dump, planId: 'other' }, { ...dump, timezone: null }])).toBe('Asia/Tokyo');
    expect(await zoneOf([{ ...dump, covers: 'cluster', method: 'pg_dumpall' }])).toBe('Asia/Tokyo');
  });

  test('that of a plan for other databases, or of another method, does not', async () => {
    expect(await zoneOf([{ ...dump, covers: 'install-database' }])).toBe(NOT_KNOWN);
    expect(await zoneOf([{ ...dump, method: 'pg_basebackup' }])).toBe(NOT_KNOWN);
    expect(await zoneOf([{ ...dump, covers: 'install-database', timezone: 'UTC' }, dump])).toBe('Asia/Tokyo');
  });

  test('plans that disagree leave it unknown, unless a run tells which of them made the dump', async () => {
    const plans = [dump, { ...dump, planId: 'weekly', timezone: 'UTC' }];
    expect(await zoneOf(plans)).toBe(NOT_KNOWN);
    expect(await zoneOf(plans, [{ artifactUri: 's3://b/tiny.dump', planId: 'weekly' }])).toBe('UTC');
  });

  test('a zone that does not exist leaves it unknown', async () => {
    expect(await zoneOf([{ ...dump, timezone: 'Mars/Base' }])).toBe(NOT_KNOWN);
  });
});

test('damaged copies are read four deep', async () => {
  const names = [1, 2, 3, 4, 5, 6].map((n) => `tiny-${n}.dump`);
  const files = Object.fromEntries(names.map((name) => [name, CUSTOM]));
  const runs = names.map((name) => ({ artifactUri: `s3://b/${name}`, sha256: OTHER_SHA256 }));
  const { copies } = await lookAt({ files, runs });
  const read = [...copies.values()].filter(({ readToEnd }) => readToEnd);
  expect(read.map(({ integrity }) => integrity)).toEqual(Array(4).fill('incomplete'));
});

test('of a copy whose structure shows damage nothing more is read, but of the one behind it', async () => {
  const cut = CUSTOM.subarray(0, -1);
  const cuts = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`tiny-${n}.dump`, cut]));
  const { copies } = await lookAt({ files: { ...cuts, 'tiny-7.dump': CUSTOM } });
  const read = [...copies.values()].filter(({ readToEnd }) => readToEnd);
  expect(read.map(({ path, integrity }) => [path, integrity])).toEqual([['tiny-7.dump', 'complete']]);
  expect(copies.get('tiny-1.dump')?.integrity).toBe('incomplete');
});

test('a plan of another method leaves the copies unknown, in an answer of its own', async () => {
  const plans = [
    { planId: 'dump', method: 'PG_DUMP', covers: 'all' },
    { planId: 'base', method: 'pg_basebackup', covers: 'cluster' },
    { planId: 'off', method: 'pgbackrest', covers: 'cluster', enabled: false },
    { planId: 'elsewhere', method: 'snapshot', covers: 'install-database' },
  ] as const;
  const { records, copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, plans });
  expect(records.map(({ source }) => source)).toEqual(['location nas', 'backup plan base']);
  expect(records[0]?.blindSpot).toBeNull();
  expect(records[1]?.blindSpot).toMatchObject({
    reason: 'unsupported',
    detail: 'plan base uses pg_basebackup, and no location is configured whose copies are read as such',
  });
  expect(copies.size).toBe(1);
});

describe('a run record is of one artifact', () => {
  const OTHER = PLAIN.replaceAll('tiny', 'else');
  const changed = { sha256: OTHER_SHA256 };

  test('of two whose paths end its URI, the longer one', async () => {
    const files = { 'tiny.dump': CUSTOM, 'daily/tiny.dump': CUSTOM };
    const { copies } = await lookAt({ files, runs: [{ artifactUri: 's3://backups/daily/tiny.dump', ...changed }] });
    expect(copies.get('daily/tiny.dump')).toMatchObject({ integrity: 'incomplete' });
    expect(copies.get('tiny.dump')).toMatchObject({ integrity: 'complete' });
    const both = { 'tiny.dump': CUSTOM, 'weekly/tiny.dump': CUSTOM };
    const bare = await lookAt({ files: both, runs: [{ artifactUri: 's3://backups/tiny.dump', ...changed }] });
    expect(bare.copies.get('tiny.dump')).toMatchObject({ integrity: 'incomplete' });
  });

  test('of none where runs with other URIs could mean the same file', async () => {
    const runs = ['2026-11-21', '2026-11-22'].map((day) => ({ artifactUri: `s3://b/${day}/tiny.dump`, ...changed }));
    const { copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, runs });
    expect(copies.get('tiny.dump')).toMatchObject({ integrity: 'complete' });
    const nameless = PLAIN.replace(/^(CREATE DATABASE|ALTER DATABASE|\\connect|COMMENT ON DATABASE).*$/gm, '');
    const weekly = ['2026-11-21', '2026-11-22'].map((day) => ({ artifactUri: `s3://b/${day}/dump.sql` }));
    const unknown = await lookAt({ files: { 'dump.sql': nameless }, runs: weekly });
    expect(unknown.copies.get('dump.sql')).toMatchObject({ nameAgrees: null, claimedName: null });
    const foreign = await lookAt({ files: { 'dump.sql': OTHER }, runs: weekly });
    expect([...foreign.copies.keys()]).toEqual([]);
    const empty = await lookAt({ files: { 'dump.sql': '' }, runs: weekly });
    expect([...empty.copies.keys()]).toEqual([]);
  });

  test('of the one it names below the location, and no other', async () => {
    const files = { 'dump.sql': OTHER, 'other/dump.sql': OTHER };
    const { copies } = await lookAt({ files, runs: [{ artifactUri: 'file://ROOT/gone/dump.sql' }] });
    expect([...copies.keys()]).toEqual([]);
    const named = await lookAt({ files, runs: [{ artifactUri: 'file://ROOT/other/dump.sql' }] });
    expect([...named.copies.keys()]).toEqual(['other/dump.sql']);
    expect(named.copies.get('other/dump.sql')).toMatchObject({ nameAgrees: false, claimedName: 'tiny' });
  });

  test('in a second location, of what lies there under the same path', async () => {
    const files = { 'acme/dump.sql': OTHER };
    const runs = [{ artifactUri: 'ROOT/acme/dump.sql' }];
    const kept = await lookAt({ files, offsite: { 'acme/dump.sql': OTHER, 'dump.sql': OTHER }, runs });
    const shown = kept.records.flatMap((record) => (record.kind === 'copy' ? record.items : []));
    expect(shown.map(({ location, path }) => `${location} ${path}`)).toEqual([
      'nas acme/dump.sql',
      'offsite acme/dump.sql',
    ]);
  });

  test('however its URI is encoded', async () => {
    const runs = [{ artifactUri: 's3://backups/a%20b/dump.sql' }];
    const { copies } = await lookAt({ files: { 'a b/dump.sql': OTHER }, runs });
    expect([...copies.keys()]).toEqual(['a b/dump.sql']);
  });
});

test('the first of several parts of a dump is unproven, not damaged, where the second lies beside it', async () => {
  const half = Math.ceil(CUSTOM.length / 2);
  const [first, second] = [CUSTOM.subarray(0, half), CUSTOM.subarray(half)];
  for (const [one, other] of [
    ['aa', 'ab'],
    ['000', '001'],
    ['001', '002'],
    ['part1', 'part2'],
  ]) {
    const { copies } = await lookAt({ files: { [`tiny.dump.${one}`]: first, [`tiny.dump.${other}`]: second } });
    expect(copies.get(`tiny.dump.${one}`)).toMatchObject({ integrity: 'unproven', nameAgrees: true });
    expect(copies.get(`tiny.dump.${one}`)?.integrityBecause).toMatch(/first of several parts.*not put together/);
  }
  const alone = await lookAt({ files: { 'tiny.dump.aa': first } });
  expect(alone.copies.get('tiny.dump.aa')).toMatchObject({ integrity: 'incomplete' });
  // A rotation keeps whole files, of which the next is no remainder.
  const rotated = await lookAt({ files: { 'tiny.dump.001': first, 'tiny.dump.002': CUSTOM } });
  expect(rotated.copies.get('tiny.dump.001')).toMatchObject({ integrity: 'incomplete' });
  const whole = await lookAt({ files: { 'tiny.dump.aa': CUSTOM, 'tiny.dump.ab': 'x' } });
  expect(whole.copies.get('tiny.dump.aa')).toMatchObject({ integrity: 'complete' });
});

test('a plain dump in parts likewise, which only its end shows to be cut', async () => {
  const half = Math.ceil(PLAIN.length / 2);
  const files = { 'tiny.sql.aa': PLAIN.slice(0, half), 'tiny.sql.ab': PLAIN.slice(half) };
  const { copies } = await lookAt({ files, depth: 'full' });
  expect(copies.get('tiny.sql.aa')).toMatchObject({ integrity: 'unproven' });
});
